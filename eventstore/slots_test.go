package eventstore

import (
	"fmt"
	"hash/maphash"
	"runtime"
	"testing"
)

// slotCacheBytesMax is the maximum number of bytes of a slotCache with owners of a usual length.
const slotCacheBytesMax = 11 << 20

// TestSlotCache_Bounded checks the memory of the cache with a million owners, and that it holds no wrong
// slot.
func TestSlotCache_Bounded(t *testing.T) {
	heap := func() int64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	before := heap()
	var c slotCache
	const owners = 1_000_000
	for i := range uint32(owners) {
		c.put(fmt.Sprintf("user/u%07d", i), i+1)
	}
	if held := heap() - before; held > slotCacheBytesMax {
		t.Errorf("after %d owners: got %d bytes, want at most %d", owners, held, slotCacheBytesMax)
	}
	cached := 0
	for i := range uint32(owners) {
		if slot := c.get(fmt.Sprintf("user/u%07d", i)); slot == i+1 {
			cached++
		} else if slot != 0 {
			t.Fatalf("owner %d: got slot %d, want %d or none", i, slot, i+1)
		}
	}
	if cached == 0 || cached > cachedSlotsMax {
		t.Errorf("cached slots: got %d, want 1 to %d", cached, cachedSlotsMax)
	}
	runtime.KeepAlive(&c)
}

// TestSlotCache_EvictsOnlyTheSlot checks that the cache keeps the slot that a new person has under the name
// of an erased user.
func TestSlotCache_EvictsOnlyTheSlot(t *testing.T) {
	var c slotCache
	c.evict("user/alice", 1) // of an empty cache
	c.put("user/alice", 2)
	c.put("user/bob", 1)
	c.evict("user/alice", 1)
	if got := c.get("user/alice"); got != 2 {
		t.Errorf("after the eviction of slot 1: got slot %d, want 2", got)
	}
	c.evict("user/alice", 2)
	if got := c.get("user/alice"); got != 0 {
		t.Errorf("after the eviction of slot 2: got slot %d, want 0", got)
	}
	if got := c.get("user/bob"); got != 1 {
		t.Errorf("slot of another owner: got %d, want 1", got)
	}
}

// TestPreparer_CachesNoErasedSlotInFullCache checks that an erased slot replaces no slot of a full shard of
// the cache.
func TestPreparer_CachesNoErasedSlotInFullCache(t *testing.T) {
	const owner, slot = "user/alice", cachedSlotsMax
	p := preparer{names: new(Names)}
	p.retire(owner, slot)
	shard := &p.slots.shards[maphash.String(slotCacheSeed, owner)%slotCacheShards]
	shard.slots = make(map[string]uint32)
	for i := range uint32(cachedSlotsShardMax) {
		shard.slots[fmt.Sprint("user/", i)] = i + 1
	}
	p.cache(owner, slot)
	if got := len(shard.slots); got != cachedSlotsShardMax || p.slots.get(owner) != 0 {
		t.Errorf("after the erased slot: got %d slots and slot %d of the owner, want %d and none", got,
			p.slots.get(owner), cachedSlotsShardMax)
	}
}
