package main

import (
	"fmt"
	"math/rand/v2"
	"net"
	"sync/atomic"
)

// The ports of unused addresses lie below those that systems give to who asks for any:
// nobody comes by one by chance before it is used.
const (
	unusedPortMin = 10_000
	unusedPorts   = 20_000
)

// No two calls try the same port, and hardly two processes do.
var (
	unusedFirst = rand.Uint32N(unusedPorts)
	unusedTried atomic.Uint32
)

// unusedAddress is one where nobody listens, as far as can be known.
func unusedAddress() (_ string, err error) {
	for range unusedPorts {
		port := unusedPortMin + (unusedFirst+unusedTried.Add(1))%unusedPorts
		var l net.Listener
		if l, err = net.Listen("tcp", fmt.Sprint("127.0.0.1:", port)); err == nil {
			return l.Addr().String(), l.Close()
		}
	}
	return "", fmt.Errorf("listen on a port from %d to %d: %w: free one", unusedPortMin, unusedPortMin+unusedPorts-1, err)
}
