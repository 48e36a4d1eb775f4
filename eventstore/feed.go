package eventstore

import (
	"errors"
	"sync"

	"authledger/domain"
)

// Limits of following.
const (
	feedMax      = 2048 // records that are kept at hand for followers
	followAtOnce = 256  // records that Next returns at most
)

// FollowersMax bounds those who follow at once, within the process and through its edges.
const FollowersMax = 2304

// ErrTooManyFollowers: close one first.
var ErrTooManyFollowers = errors.New("eventstore: too many follow the records")

// feed is the newest records, in memory, for those who follow. Followers pull:
// nothing is queued for anybody, so nobody can hold up the writer. Records enter it
// once they are on disk and folded.
//
// Who has seen everything sleeps until a record comes that it wants; that what came
// before it was not wanted is remembered as a single position. So a thousand
// followers of quiet entities cost a look-up a record.
type feed struct {
	mu      sync.Mutex
	ring    [feedMax]*domain.Record // by seq modulo
	last    uint64                  // the newest
	kept    int                     // how many there are, up to last
	count   int                     // followers
	all     map[*Follower]struct{}  // asleep, wanting more than one entity, or having an end
	quiet   map[domain.Entity]map[*Follower]struct{}
	stopped bool
}

func (f *feed) begin(last uint64) {
	f.last = last
	f.all = make(map[*Follower]struct{})
	f.quiet = make(map[domain.Entity]map[*Follower]struct{})
}

// publish takes the records of a commit in, also while nobody follows: who begins
// a moment ago needs no log. It keeps copies: their room is used again.
func (f *feed) publish(c *domain.Commit) {
	f.mu.Lock()
	defer f.mu.Unlock()
	copies := make([]domain.Record, len(c.Records))
	copy(copies, c.Records)
	for i := range copies {
		r := &copies[i]
		f.last = r.Seq
		f.ring[r.Seq%feedMax] = r
		f.kept = min(f.kept+1, feedMax)
		f.wake(r)
	}
}

// skip takes note of records that another writer put into the log: who follows
// reads them there.
func (f *feed) skip(last uint64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	clear(f.ring[:])
	f.kept, f.last = 0, last
	f.wakeAll()
}

// wake tells those asleep who want r.
func (f *feed) wake(r *domain.Record) {
	for follower := range f.all {
		if follower.filter.Wants(r) || r.Seq == follower.to {
			f.rouse(follower, r.Seq)
		}
	}
	for _, e := range r.Entities {
		for follower := range f.quiet[e] {
			if follower.filter.Wants(r) {
				f.rouse(follower, r.Seq)
			}
		}
	}
}

// rouse wakes one that sleeps: what it wants begins at seq.
func (f *feed) rouse(follower *Follower, seq uint64) {
	f.forget(follower)
	follower.next = max(follower.next, seq)
	close(follower.roused)
	follower.roused = nil
}

// sleep puts a follower that has seen everything to bed, until the returned channel
// is closed.
func (f *feed) sleep(follower *Follower) <-chan struct{} {
	follower.roused = make(chan struct{})
	e := follower.filter.Entity
	if e == "" || follower.to > 0 {
		f.all[follower] = struct{}{}
		return follower.roused
	}
	if f.quiet[e] == nil {
		f.quiet[e] = make(map[*Follower]struct{})
	}
	f.quiet[e][follower] = struct{}{}
	return follower.roused
}

// forget takes a follower out of those asleep. All it has missed was not wanted.
func (f *feed) forget(follower *Follower) {
	e := follower.filter.Entity
	delete(f.all, follower)
	delete(f.quiet[e], follower)
	if len(f.quiet[e]) == 0 {
		delete(f.quiet, e)
	}
}

// stop wakes everybody: nothing comes any more.
func (f *feed) stop() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.stopped = true
	f.wakeAll()
}

func (f *feed) wakeAll() {
	for follower := range f.all {
		f.rouse(follower, 0)
	}
	for _, those := range f.quiet {
		for follower := range those {
			f.rouse(follower, 0)
		}
	}
}
