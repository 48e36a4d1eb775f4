package node

import (
	"fmt"
	"math/rand/v2"
	"net"
	"sync/atomic"
)

// Range of the ports of unused addresses. It lies below the ephemeral ports of the operating
// systems, so that no other process receives such a port by chance before the caller listens on it.
const (
	unusedPortMin = 10_000
	unusedPorts   = 20_000
)

// Calls in one process try the ports in order, so that no two of the first unusedPorts calls return
// the same port. Each process starts at a random port.
var (
	unusedFirst = rand.Uint32N(unusedPorts)
	unusedTried atomic.Uint32
)

// UnusedAddress returns an address of the loopback interface on which no process listened during
// the call. It is safe for concurrent use.
func UnusedAddress() (_ string, err error) {
	for range unusedPorts {
		port := unusedPortMin + (unusedFirst+unusedTried.Add(1))%unusedPorts
		var l net.Listener
		if l, err = net.Listen("tcp", fmt.Sprint("127.0.0.1:", port)); err == nil {
			return l.Addr().String(), l.Close()
		}
	}
	return "", fmt.Errorf("listen on a port from %d to %d: %w: free one", unusedPortMin, unusedPortMin+unusedPorts-1, err)
}
