package seal

import (
	"encoding/binary"
	"net/netip"
)

// Buckets is the number of sources that unattributed attempts are recorded
// under (rule LOGIN-9).
const Buckets = 1024

// Bucket maps a client address to 0 … Buckets-1, evenly and secretly: without
// the master key nobody can choose an address for its bucket. Spellings of one
// address fall together (mapped IPv4, zones, long IPv6); what isn't an address
// counts as its text, and so does the empty text. The same for the life of the
// store, whatever the master.
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
