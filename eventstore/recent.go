package eventstore

import (
	"sync"

	"authledger/domain"
)

// recentMax is how many decoded commits a ledger keeps at hand.
const recentMax = 16

// recent is the commits last read. It is safe for concurrent use.
type recent struct {
	mu      sync.Mutex
	commits [recentMax]*domain.Commit
	next    int
}

func (r *recent) find(seq uint64) *domain.Commit {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, c := range r.commits {
		if c != nil && c.First <= seq && seq <= c.Last() {
			return c
		}
	}
	return nil
}

func (r *recent) keep(c *domain.Commit) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.commits[r.next] = c
	r.next = (r.next + 1) % recentMax
}
