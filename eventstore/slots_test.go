package eventstore

import (
	"fmt"
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
