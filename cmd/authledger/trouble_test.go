package main

import (
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"sync"
	"testing"
)

// trouble is an HTTP transport that randomly loses requests and responses, and cuts off bodies.
type trouble struct {
	to     *http.Transport
	mu     sync.Mutex
	chance *rand.Rand
}

var errOnTheWay = errors.New("the network lost the message")

func newTrouble(t *testing.T) *trouble {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	n := &trouble{to: http.DefaultTransport.(*http.Transport).Clone(), chance: rand.New(rand.NewPCG(seed, 0))}
	t.Cleanup(n.to.CloseIdleConnections)
	return n
}

// randomBelow returns a random number below limit.
func (n *trouble) randomBelow(limit int) int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.chance.IntN(limit)
}

func (n *trouble) RoundTrip(r *http.Request) (*http.Response, error) {
	chance := n.randomBelow(10)
	if chance == 0 {
		return nil, errOnTheWay
	}
	a, err := n.to.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	switch {
	case chance == 1:
		a.Body.Close()
		return nil, errOnTheWay
	case chance == 2 && r.Method == http.MethodPost:
		a.Body.Close()
		return &http.Response{StatusCode: http.StatusBadGateway, Body: http.NoBody, Header: http.Header{},
			Request: r}, nil
	case chance < 8 && r.URL.Query().Has("follow"), chance == 3:
		a.Body = &cutOff{a.Body, n.randomBelow(4000)}
	}
	return a, nil
}

// cutOff is a response body that ends with an error after left bytes.
type cutOff struct {
	io.ReadCloser
	left int
}

func (c *cutOff) Read(p []byte) (int, error) {
	if c.left <= 0 {
		return 0, io.ErrUnexpectedEOF
	}
	n, err := c.ReadCloser.Read(p[:min(len(p), c.left)])
	c.left -= n
	return n, err
}
