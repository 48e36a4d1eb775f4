package eventstore

import (
	"errors"
	"sync"

	"authledger/domain"
)

// Limits of following.
const (
	ringRecords  = 2048 // records in memory for followers
	followAtOnce = 256  // maximum number of records that one call of Next returns
)

// FollowersMax is the maximum number of followers at the same time, of all callers and
// adapters.
const FollowersMax = 2304

// ErrTooManyFollowers reports that FollowersMax followers are open. The caller may retry
// after another follower was closed.
var ErrTooManyFollowers = errors.New("eventstore: too many open followers: close one, then retry")

// ring holds the newest folded records in memory for followers. Followers pull records, so
// a slow follower cannot block the sequencer.
//
// A follower that has seen all records blocks until the ring publishes a record that its
// filter matches. The ring indexes the blocked followers by entity, so that the
// cost of a record does not grow with the number of followers of other entities.
type ring struct {
	mu       sync.Mutex
	records  [ringRecords]*domain.Record              // at the index seq modulo ringRecords
	last     uint64                                   // seq of the newest record
	kept     int                                      // number of records up to last that are in the ring
	count    int                                      // open followers
	general  map[*Follower]struct{}                   // blocked followers of all entities, or up to a last record
	byEntity map[domain.Entity]map[*Follower]struct{} // the other blocked followers
	stopped  bool
}

// start makes the ring usable. The ring is then empty, and the first published record is last+1.
func (g *ring) start(last uint64) {
	g.last = last
	g.general = make(map[*Follower]struct{})
	g.byEntity = make(map[domain.Entity]map[*Follower]struct{})
}

// publish adds copies of the records of a commit, whose memory the sequencer reuses. It
// also adds them when there are no followers, so that a new follower of recent records
// need not read the log.
func (g *ring) publish(c *domain.Commit) {
	g.mu.Lock()
	defer g.mu.Unlock()
	copies := make([]domain.Record, len(c.Records))
	copy(copies, c.Records)
	for i := range copies {
		r := &copies[i]
		g.last = r.Seq
		g.records[r.Seq%ringRecords] = r
		g.kept = min(g.kept+1, ringRecords)
		g.notify(r)
	}
}

// skip empties the ring and advances it to record last. Another writer has appended the
// records in between; followers read those from the log.
func (g *ring) skip(last uint64) {
	g.mu.Lock()
	defer g.mu.Unlock()
	clear(g.records[:])
	g.kept, g.last = 0, last
	g.unblockAll()
}

// notify unblocks the followers that r concerns.
func (g *ring) notify(r *domain.Record) {
	for follower := range g.general {
		if follower.filter.Wants(r) || r.Seq == follower.to {
			g.unblock(follower, r.Seq)
		}
	}
	for _, e := range r.Entities {
		for follower := range g.byEntity[e] {
			if follower.filter.Wants(r) {
				g.unblock(follower, r.Seq)
			}
		}
	}
}

// unblock continues a blocked follower at record seq. The filter of the follower matches
// no earlier record since it blocked.
func (g *ring) unblock(follower *Follower, seq uint64) {
	g.remove(follower)
	follower.next = max(follower.next, seq)
	close(follower.unblocked)
	follower.unblocked = nil
}

// block registers a follower that has seen all records. The ring closes the returned
// channel when the follower must look again.
func (g *ring) block(follower *Follower) <-chan struct{} {
	follower.unblocked = make(chan struct{})
	e := follower.filter.Entity
	if e == "" || follower.to > 0 {
		g.general[follower] = struct{}{}
		return follower.unblocked
	}
	if g.byEntity[e] == nil {
		g.byEntity[e] = make(map[*Follower]struct{})
	}
	g.byEntity[e][follower] = struct{}{}
	return follower.unblocked
}

// remove removes a follower from the blocked followers.
func (g *ring) remove(follower *Follower) {
	e := follower.filter.Entity
	delete(g.general, follower)
	delete(g.byEntity[e], follower)
	if len(g.byEntity[e]) == 0 {
		delete(g.byEntity, e)
	}
}

// stop unblocks all followers. Next then returns the cause of the stop.
func (g *ring) stop() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.stopped = true
	g.unblockAll()
}

func (g *ring) unblockAll() {
	for follower := range g.general {
		g.unblock(follower, 0)
	}
	for _, followers := range g.byEntity {
		for follower := range followers {
			g.unblock(follower, 0)
		}
	}
}
