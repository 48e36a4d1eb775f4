package webhooks

import (
	"fmt"
	"net/netip"
	"syscall"
)

// closed are the networks that an endpoint must not be in unless it is allowed
// private ones: this machine, its neighbours, and what no host on the internet has
// (the registries of special-purpose addresses, RFC 6890). Those of IPv6 are all but
// what is given out as global unicast, and within it the ones that carry an IPv4
// address, which could be a private one.
var closed = func() (all []netip.Prefix) {
	for _, text := range []string{
		"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
		"192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
		"::/3", "4000::/2", "8000::/1", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20",
	} {
		all = append(all, netip.MustParsePrefix(text))
	}
	return all
}()

// open judges the address to which a connection is about to be made.
func open(_, address string, _ syscall.RawConn) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("address %q: %w", address, err)
	}
	ip := at.Addr().Unmap().WithZone("")
	for _, network := range closed {
		if network.Contains(ip) {
			return errPrivate
		}
	}
	return nil
}

var errPrivate = fmt.Errorf("the endpoint's address is of a private or reserved network: allow it with webhook add --allow-private")
