package natsapi

import (
	"sync"
	"time"
)

// horizon is the instant before which everything that was left has its verdict, by
// the ledger's clock. The zero horizon lies before everything: nothing has been
// looked at.
type horizon struct {
	mu  sync.Mutex
	at  time.Time
	now time.Time // as the ledger said last
}

// Horizon is that of the edge, for the ledger's timers: deadlines wait for what was
// left before them, also while the server that keeps it is away.
func (e *Edge) Horizon(now time.Time) time.Time {
	h := &e.intake.horizon
	h.mu.Lock()
	defer h.mu.Unlock()
	h.now = now
	if h.at.After(now) {
		h.at = now // the clock was set back
	}
	return h.at
}

func (h *horizon) clock() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.now
}

// reach moves the horizon to an instant that the clock showed.
func (h *horizon) reach(at time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if at.After(h.at) {
		h.at = at
	}
}
