//go:build faults

package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"time"
)

// toldEndpoint remembers what it is told, and sometimes answers too late or wrongly.
type toldEndpoint struct {
	*httptest.Server
	mu   sync.Mutex
	told []string // positions
	ids  map[string]string
	bad  string

	wrongs int // answers
}

func newToldEndpoint(pause time.Duration, wrong func() bool) *toldEndpoint {
	e := &toldEndpoint{ids: make(map[string]string)}
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
		e.told = append(e.told, body.Position)
		if wrong() {
			e.wrongs++
			w.WriteHeader(http.StatusBadGateway)
		}
	}))
	return e
}

// again is how often an event was told once more though the answer was right: after
// a kill between the answer and the line of the journal.
func (e *toldEndpoint) again() int {
	firsts, told, _ := e.firsts()
	e.mu.Lock()
	defer e.mu.Unlock()
	return told - len(firsts) - e.wrongs
}

// firsts are the positions in the order in which they were told first.
func (e *toldEndpoint) firsts() (all []string, told int, bad string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	seen := make(map[string]bool)
	for _, at := range e.told {
		if !seen[at] {
			seen[at] = true
			all = append(all, at)
		}
	}
	return all, len(e.told), e.bad
}
