package eventstore

import (
	"hash/maphash"
	"strings"
	"sync"
)

const (
	cachedSlotsMax      = 1 << 17 // about 80 bytes each
	slotCacheShards     = 16      // a power of two, so that the low bits of a hash select a shard
	cachedSlotsShardMax = cachedSlotsMax / slotCacheShards
)

var slotCacheSeed = maphash.MakeSeed()

// slotCache holds slots of the key ring by their owner. The sequencer fills it, and the goroutines that
// prepare commands read it. It holds only slots that the folded log assigns, because another
// writer may displace the other ones. A full shard evicts a random slot, because
// random eviction needs no bookkeeping on a hit. The zero value is ready for use. It is safe
// for concurrent use.
type slotCache struct {
	shards [slotCacheShards]struct {
		mu    sync.RWMutex
		slots map[string]uint32
	}
}

// get returns the slot of an owner, 0 if the cache does not hold it.
func (c *slotCache) get(owner string) uint32 {
	sh := &c.shards[maphash.String(slotCacheSeed, owner)%slotCacheShards]
	sh.mu.RLock()
	defer sh.mu.RUnlock()
	return sh.slots[owner]
}

func (c *slotCache) put(owner string, slot uint32) {
	sh := &c.shards[maphash.String(slotCacheSeed, owner)%slotCacheShards]
	sh.mu.Lock()
	defer sh.mu.Unlock()
	if sh.slots == nil {
		sh.slots = make(map[string]uint32)
	}
	if len(sh.slots) >= cachedSlotsShardMax {
		for other := range sh.slots {
			delete(sh.slots, other)
			break
		}
	}
	sh.slots[strings.Clone(owner)] = slot // the owner may be a part of a larger string
}

// evict removes the slot of an owner. It keeps another slot of the owner.
func (c *slotCache) evict(owner string, slot uint32) {
	sh := &c.shards[maphash.String(slotCacheSeed, owner)%slotCacheShards]
	sh.mu.Lock()
	defer sh.mu.Unlock()
	if sh.slots[owner] == slot {
		delete(sh.slots, owner)
	}
}
