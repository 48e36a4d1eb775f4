package main

import (
	"net"
	"net/netip"
	"testing"
)

// An address is given once, where nobody listens, and stays unused until then: no
// system gives its port to who asks for any.
func TestUnusedAddress(t *testing.T) {
	const anyPortMin = 32768 // of those that Linux gives; others begin higher
	given := make(map[netip.AddrPort]bool)
	for range 100 {
		text, err := unusedAddress()
		if err != nil {
			t.Fatal(err)
		}
		address := netip.MustParseAddrPort(text)
		if given[address] || address.Port() >= anyPortMin {
			t.Fatalf("%s is given, after %d others", address, len(given))
		}
		given[address] = true
		taken := netip.AddrPortFrom(address.Addr(), address.Port()+1) // would be next
		if l, err := net.Listen("tcp", taken.String()); err == nil {
			defer l.Close()
			given[taken] = true
		}
	}
}
