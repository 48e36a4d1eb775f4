package seal

import (
	"encoding/binary"
	"net/netip"
)

// Buckets is the number of entities under which the ledger records unattributed attempts
// (LOGIN-9).
const Buckets = 1024

// Bucket maps a client address to a number from 0 to Buckets-1. The numbers are evenly
// distributed, and secret: without the master key an attacker cannot choose an address for
// its bucket. All spellings of one address (mapped IPv4, zones, long IPv6) have one bucket.
// A text that is not an address, also the empty text, has a bucket too. The mapping does
// not change for the life of the store, even after a change of the master key.
func (s *Store) Bucket(address string) int {
	sum := s.addresses.sum(func(to []byte) []byte {
		addr, err := netip.ParseAddr(address)
		if err != nil {
			return append(to, address...)
		}
		return addr.Unmap().WithZone("").AppendTo(to)
	})
	return int(binary.BigEndian.Uint16(sum[:]) % Buckets)
}
