package node

import (
	"container/list"
	"net"
	"net/http"
	"net/netip"
	"sync"

	"authledger/adapters/httpapi"
)

// limitedListener limits the open connections of a listener, in total and per client
// network. A connection is idle from its acceptance until its first request, and between
// requests. If a new connection would exceed the limit of its network, the listener closes
// the longest idle connection of that network. If it would exceed the total, the listener
// closes the longest idle connection of all. If no such connection is idle, it closes the new
// connection. So idle connections do not block other clients. A limitedListener is safe for
// concurrent use.
type limitedListener struct {
	net.Listener
	most, mostOfNetwork int

	mu       sync.Mutex
	open     int
	idle     list.List // of *limitedConn, the longest idle first
	networks map[netip.Prefix]*network
}

// network counts the connections of one client network.
type network struct {
	open int
	idle list.List // of *limitedConn, the longest idle first
}

func limitConnections(l net.Listener, most, mostOfNetwork int) *limitedListener {
	return &limitedListener{Listener: l, most: most, mostOfNetwork: mostOfNetwork, networks: make(map[netip.Prefix]*network)}
}

// Accept returns the next connection within the limits.
func (l *limitedListener) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		admitted, evicted := l.admit(c)
		if evicted != nil {
			_ = evicted.Conn.Close() // the error loses nothing, because no response is pending
		}
		if admitted != nil {
			return admitted, nil
		}
		_ = c.Close()
	}
}

// admit counts c and returns it as admitted, or returns nil if c would exceed a limit. The
// listener no longer counts the evicted connection, which the caller MUST close.
func (l *limitedListener) admit(c net.Conn) (admitted, evicted *limitedConn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	from := httpapi.ClientNetwork(c.RemoteAddr().String())
	of := l.networks[from]
	switch {
	case of != nil && of.open >= l.mostOfNetwork:
		evicted = longestIdle(&of.idle)
	case l.open >= l.most:
		evicted = longestIdle(&l.idle)
	default:
		return l.add(c, from), nil
	}
	if evicted == nil {
		return nil, nil
	}
	l.remove(evicted)
	return l.add(c, from), evicted
}

func longestIdle(of *list.List) *limitedConn {
	if of.Front() == nil {
		return nil
	}
	return of.Front().Value.(*limitedConn)
}

func (l *limitedListener) add(c net.Conn, from netip.Prefix) *limitedConn {
	of := l.networks[from]
	if of == nil {
		of = new(network)
		l.networks[from] = of
	}
	of.open++
	l.open++
	b := &limitedConn{Conn: c, listener: l, from: from}
	l.setIdle(b, true)
	return b
}

// remove stops counting c. Only the first call for a connection has an effect.
func (l *limitedListener) remove(c *limitedConn) {
	if c.removed {
		return
	}
	l.setIdle(c, false)
	c.removed = true
	l.open--
	of := l.networks[c.from]
	if of.open--; of.open == 0 {
		delete(l.networks, c.from)
	}
}

func (l *limitedListener) setIdle(c *limitedConn, idle bool) {
	of := l.networks[c.from]
	switch {
	case c.removed || idle == (c.inAll != nil):
	case idle:
		c.inAll, c.inNetwork = l.idle.PushBack(c), of.idle.PushBack(c)
	default:
		l.idle.Remove(c.inAll)
		of.idle.Remove(c.inNetwork)
		c.inAll, c.inNetwork = nil, nil
	}
}

// track is the ConnState hook of the server of this listener.
func (l *limitedListener) track(c net.Conn, state http.ConnState) {
	if outer, ok := c.(interface{ NetConn() net.Conn }); ok { // TLS
		c = outer.NetConn()
	}
	b, ok := c.(*limitedConn)
	if !ok || state != http.StateActive && state != http.StateIdle {
		return // new connections are idle already; Close removes a connection
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.setIdle(b, state == http.StateIdle)
}

// limitedConn is a connection that its listener counts. The listener's mutex guards
// the fields below listener.
type limitedConn struct {
	net.Conn
	listener         *limitedListener
	from             netip.Prefix
	inAll, inNetwork *list.Element // nil while a request is served
	removed          bool
}

// Close closes the connection and stops counting it.
func (c *limitedConn) Close() error {
	c.listener.mu.Lock()
	c.listener.remove(c)
	c.listener.mu.Unlock()
	return c.Conn.Close()
}
