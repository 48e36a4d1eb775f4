package rows

import (
	"math/bits"
	"slices"
	"sync"
	"sync/atomic"
)

// Sizes of a filter. Its levels have capacities of 2^18, 2^20, 2^22 and 2^24 keys, which use
// 33 MiB together.
const (
	filterKeysFirst  = 1 << 18 // keys of the first level
	filterGrowth     = 4       // ratio of the capacities of a level and the level before it
	filterLevelsMax  = 4
	filterKeysMax    = filterKeysFirst * (1 + filterGrowth*(1+filterGrowth*(1+filterGrowth)))
	filterBitsPerKey = 12 // with 12, a full level reports about 0.5 % of the absent keys as possibly present
)

// filterMix is an odd number that moves the lower bits of a hash to the upper bits, so that
// the places in a block do not depend on the number of the block.
const filterMix = 0x9e3779b97f4a7c15

// keyFilter contains the hashes of the keys that Pebble has in some tables, as a Bloom
// filter with blocks of one cache line. It is safe for concurrent use.
//
// The filter grows by levels, because its keys can't be hashed again. When the last level is
// full, further keys still go to that level: the filter then reports more of the absent keys
// as possibly present.
type keyFilter struct {
	complete atomic.Bool // reports whether the filter contains every key that Pebble has
	levels   atomic.Pointer[[]filterLevel]

	mu    sync.Mutex // guards added and additions of levels
	added int        // keys in the newest level
}

// filterLevel is blocks of one cache line, each of which contains eight bits of every key of
// the block, one in each word.
type filterLevel []filterBlock

type filterBlock [8]uint64

const filterBlockBits = 8 * 64

func newFilterLevel(keys int) filterLevel {
	return make(filterLevel, keys*filterBitsPerKey/filterBlockBits)
}

// lacks reports whether Pebble certainly has no key with this hash.
func (f *keyFilter) lacks(hash uint64) bool { return f.complete.Load() && !f.mayHave(hash) }

// mayHave reports false only if no key with this hash was added.
func (f *keyFilter) mayHave(hash uint64) bool {
	levels := f.levels.Load()
	return levels != nil && slices.ContainsFunc(*levels, func(l filterLevel) bool { return l.mayHave(hash) })
}

// add adds a key. It MUST be called before the key is in Pebble.
func (f *keyFilter) add(hash uint64) {
	if f.mayHave(hash) {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.newest().add(hash)
	f.added++
}

// newest returns the level to which keys are added. The lock is held.
func (f *keyFilter) newest() filterLevel {
	var levels []filterLevel
	if l := f.levels.Load(); l != nil {
		levels = *l
	}
	keys := filterKeysFirst
	for range len(levels) - 1 {
		keys *= filterGrowth
	}
	switch {
	case len(levels) > 0 && (f.added < keys || len(levels) == filterLevelsMax):
		return levels[len(levels)-1]
	case len(levels) > 0:
		keys *= filterGrowth
	}
	grown := append(slices.Clone(levels), newFilterLevel(keys))
	f.levels.Store(&grown)
	f.added = 0
	return grown[len(grown)-1]
}

func (l filterLevel) mayHave(hash uint64) bool {
	block, places := l.place(hash)
	for i := range block {
		if atomic.LoadUint64(&block[i])&(1<<(places&63)) == 0 {
			return false
		}
		places >>= 6
	}
	return true
}

func (l filterLevel) add(hash uint64) {
	block, places := l.place(hash)
	for i := range block {
		atomic.OrUint64(&block[i], 1<<(places&63))
		places >>= 6
	}
}

// place returns the block of a hash, and the places of its bits in the eight words of the
// block, six bits each.
func (l filterLevel) place(hash uint64) (block *filterBlock, places uint64) {
	at, _ := bits.Mul64(hash, uint64(len(l))) // the upper bits of the hash
	return &l[at], hash * filterMix >> 16
}
