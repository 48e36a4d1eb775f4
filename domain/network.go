package domain

import (
	"net/netip"
	"strings"
)

// reservedNetworks are the private and reserved networks, from the registries of
// special-purpose addresses (RFC 6890). A webhook receives events there only if its
// command has allowPrivate. For IPv6 the list contains all addresses outside global unicast
// (2000::/3). It also contains the blocks of global unicast that are reserved or embed an
// IPv4 address, because the IPv4 address can be private.
var reservedNetworks = func() (all []netip.Prefix) {
	for _, text := range []string{
		"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
		"192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
		"::/3", "4000::/2", "8000::/1", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20",
	} {
		all = append(all, netip.MustParsePrefix(text))
	}
	return all
}()

// IsReserved reports whether an address lies in a private or reserved network.
func IsReserved(ip netip.Addr) bool {
	ip = ip.Unmap().WithZone("")
	for _, network := range reservedNetworks {
		if network.Contains(ip) {
			return true
		}
	}
	return false
}

// privateNames are host names and suffixes that are reserved for private networks
// (RFC 6761, RFC 6762, RFC 8375, and the top-level domain that ICANN reserved).
var privateNames = []string{"localhost", "local", "internal", "home.arpa"}

// isPrivateHost reports whether the host of a URL is a private address or a private name. It
// resolves no name, because a verdict depends only on its command and on the records before it.
func isPrivateHost(host string) bool {
	if ip, err := netip.ParseAddr(host); err == nil {
		return IsReserved(ip)
	}
	name := strings.TrimSuffix(strings.ToLower(host), ".")
	for _, private := range privateNames {
		if name == private || strings.HasSuffix(name, "."+private) {
			return true
		}
	}
	return false
}
