package rows

// cache holds recently used rows as bytes, so that the garbage collector has no pointers to
// follow. A full young set becomes the old set, and the rows of the former old set are
// dropped. [Store.Publish] puts every row of a cached table into the cache, so the cache
// always holds at least the last bytesMax bytes of these rows.
//
// The lock of the store guards the cache: get needs the lock for reading, put for writing.
type cache struct {
	young, old rowSet
	bytesMax   int // of the keys and rows in each set
}

func newCache(bytesMax int) *cache { return &cache{bytesMax: bytesMax / 2} }

func (c *cache) get(dst []byte, k Key, hash uint64) (row []byte, found bool) {
	row, found, _ = c.young.get(dst, k, hash)
	if !found {
		row, found, _ = c.old.get(dst, k, hash)
	}
	return row, found
}

func (c *cache) put(k Key, hash uint64, row []byte) {
	if len(c.young.memory)+len(k)+len(row) > c.bytesMax {
		c.young, c.old = c.old, c.young
		c.young.clear()
	}
	c.young.put(k, hash, row, false)
}
