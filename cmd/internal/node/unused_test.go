package node

import (
	"net"
	"net/netip"
	"testing"
)

// TestUnusedAddress checks that UnusedAddress returns each address once, no address in use, and no
// ephemeral port, which the system could give to another process before the caller listens.
func TestUnusedAddress(t *testing.T) {
	const ephemeralPortMin = 32768 // lowest ephemeral port of Linux; other systems begin higher
	returned := make(map[netip.AddrPort]bool)
	for range 100 {
		text, err := UnusedAddress()
		if err != nil {
			t.Fatal(err)
		}
		address := netip.MustParseAddrPort(text)
		if returned[address] || address.Port() >= ephemeralPortMin {
			t.Fatalf("call %d: got %s, want an unused port below %d", len(returned)+1, address, ephemeralPortMin)
		}
		returned[address] = true
		taken := netip.AddrPortFrom(address.Addr(), address.Port()+1) // the next call would return it
		if l, err := net.Listen("tcp", taken.String()); err == nil {
			defer l.Close()
			returned[taken] = true
		}
	}
}
