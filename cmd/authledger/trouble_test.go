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

var errOnTheWay = errors.New("lost on the way")

func newTrouble(t *testing.T) *trouble {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	n := &trouble{to: http.DefaultTransport.(*http.Transport).Clone(), chance: rand.New(rand.NewPCG(seed, 0))}
	t.Cleanup(n.to.CloseIdleConnections)
	return n
}

// dice returns a random number below sides.
func (n *trouble) dice(sides int) int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.chance.IntN(sides)
}

func (n *trouble) RoundTrip(r *http.Request) (*http.Response, error) {
	dice := n.dice(10)
	if dice == 0 {
		return nil, errOnTheWay
	}
	a, err := n.to.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	switch {
	case dice == 1:
		a.Body.Close()
		return nil, errOnTheWay
	case dice == 2 && r.Method == http.MethodPost:
		a.Body.Close()
		return &http.Response{StatusCode: http.StatusBadGateway, Body: http.NoBody, Header: http.Header{},
			Request: r}, nil
	case dice < 8 && r.URL.Query().Has("follow"), dice == 3:
		a.Body = &cutOff{a.Body, n.dice(4000)}
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
