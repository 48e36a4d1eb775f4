package seal

import (
	"hash/maphash"
	"sync"
)

const (
	cachedKeysMax  = 1 << 17 // about 150 bytes each
	cacheShards    = 16      // a power of two, so that the low bits of a hash select a shard
	cachedShardMax = cachedKeysMax / cacheShards
)

// sealer is an unwrapped key. It does not hold the cipher, which each use creates, so that
// more sealers fit into the cache. Fewer reads of the file save more time than the creation
// of the ciphers costs.
type sealer struct {
	kid string
	key [keyBytes]byte
}

// cache holds a bounded number of unwrapped keys by subject. A full cache evicts a random
// key, because random eviction needs no bookkeeping on a hit. Requests in a cyclic order hit
// the cache sometimes, unlike in an LRU cache that is smaller than the cycle. The cache is
// safe for concurrent use.
type cache struct {
	seed   maphash.Seed
	shards [cacheShards]shard
}

type shard struct {
	mu   sync.RWMutex
	keys map[string]*sealer
}

func newCache() *cache {
	c := &cache{seed: maphash.MakeSeed()}
	c.clear()
	return c
}

func (c *cache) shard(name string) *shard {
	return &c.shards[maphash.String(c.seed, name)%cacheShards]
}

func (c *cache) get(name string) *sealer {
	sh := c.shard(name)
	sh.mu.RLock()
	defer sh.mu.RUnlock()
	return sh.keys[name]
}

func (c *cache) put(name string, k *sealer) {
	sh := c.shard(name)
	sh.mu.Lock()
	defer sh.mu.Unlock()
	if len(sh.keys) >= cachedShardMax {
		for other := range sh.keys {
			delete(sh.keys, other)
			break
		}
	}
	sh.keys[name] = k
}

func (c *cache) drop(name string) {
	sh := c.shard(name)
	sh.mu.Lock()
	defer sh.mu.Unlock()
	delete(sh.keys, name)
}

func (c *cache) clear() {
	for i := range c.shards {
		sh := &c.shards[i]
		sh.mu.Lock()
		sh.keys = map[string]*sealer{}
		sh.mu.Unlock()
	}
}
