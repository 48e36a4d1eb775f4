package seal

import "sync"

const (
	cachedKeysMax  = 1 << 17 // 36 bytes each
	cacheShards    = 16      // a power of two, so that the low bits of a slot select a shard
	cachedShardMax = cachedKeysMax / cacheShards
)

// cache holds unwrapped keys by slot, each at the place that its slot determines. Neighbouring
// slots therefore never displace one another. It holds no pointers, and does not hold the
// ciphers, whose creation costs less than a read of the file. It is safe for concurrent use.
type cache struct {
	shards [cacheShards]struct {
		mu   sync.RWMutex
		keys []cachedKey // made at the first put
	}
}

type cachedKey struct {
	slot uint32 // 0 for a free place
	key  rawKey
}

func (c *cache) get(n uint32) (rawKey, bool) {
	sh := &c.shards[n%cacheShards]
	sh.mu.RLock()
	defer sh.mu.RUnlock()
	if sh.keys == nil {
		return rawKey{}, false
	}
	k := &sh.keys[n/cacheShards%cachedShardMax]
	return k.key, k.slot == n
}

func (c *cache) put(n uint32, key rawKey) {
	sh := &c.shards[n%cacheShards]
	sh.mu.Lock()
	defer sh.mu.Unlock()
	if sh.keys == nil {
		sh.keys = make([]cachedKey, cachedShardMax)
	}
	sh.keys[n/cacheShards%cachedShardMax] = cachedKey{n, key}
}

func (c *cache) drop(n uint32) {
	sh := &c.shards[n%cacheShards]
	sh.mu.Lock()
	defer sh.mu.Unlock()
	if sh.keys == nil {
		return
	}
	if k := &sh.keys[n/cacheShards%cachedShardMax]; k.slot == n {
		*k = cachedKey{}
	}
}

func (c *cache) clear() {
	for i := range c.shards {
		sh := &c.shards[i]
		sh.mu.Lock()
		clear(sh.keys)
		sh.mu.Unlock()
	}
}
