//go:build faults

package faults

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"time"
)

// endpoint records the events that it receives, and sometimes responds late or with
// an error.
type endpoint struct {
	*httptest.Server
	mu       sync.Mutex
	received []string // positions
	ids      map[string]string
	bad      string

	wrongs int // responses with an error
}

func newEndpoint(pause time.Duration, wrong func() bool) *endpoint {
	e := &endpoint{ids: make(map[string]string)}
	e.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var body struct{ Position, Type string }
		text, err := io.ReadAll(r.Body)
		if err == nil {
			err = json.Unmarshal(text, &body)
		}
		time.Sleep(pause)
		e.mu.Lock()
		defer e.mu.Unlock()
		id := r.Header.Get("Webhook-Id")
		if before := e.ids[body.Position]; err != nil || id == "" || before != "" && before != id {
			e.bad = fmt.Sprintf("%s at %s after %s: %v", id, body.Position, before, err)
		}
		e.ids[body.Position] = id
		e.received = append(e.received, body.Position)
		if wrong() {
			e.wrongs++
			w.WriteHeader(http.StatusBadGateway)
		}
	}))
	return e
}

// redeliveries returns the number of repeated deliveries after a success: the node
// was killed between the response and the line of the journal.
func (e *endpoint) redeliveries() int {
	firstDeliveries, received, _ := e.firstDeliveries()
	e.mu.Lock()
	defer e.mu.Unlock()
	return received - len(firstDeliveries) - e.wrongs
}

// firstDeliveries returns the positions in the order of their first deliveries.
func (e *endpoint) firstDeliveries() (all []string, received int, bad string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	seen := make(map[string]bool)
	for _, at := range e.received {
		if !seen[at] {
			seen[at] = true
			all = append(all, at)
		}
	}
	return all, len(e.received), e.bad
}
