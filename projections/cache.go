package projections

// cache is the rows of users and accounts that were used lately, as bytes, so that a million
// of them cost what they weigh and give the garbage collector nothing to follow.
//
// It fills one set; when that is full it becomes the old one, and the old one is
// forgotten. Every row that is folded is put again, so those of the last
// half are always there. Whoever reads it holds the engine's lock for reading,
// whoever writes it for writing.
type cache struct {
	young, old rowSet
	bytesMax   int // of keys and rows, of either
}

func newCache(bytesMax int) *cache { return &cache{bytesMax: bytesMax / 2} }

func (c *cache) get(dst []byte, k key, hash uint64) (row []byte, found bool) {
	row, found, _ = c.young.get(dst, k, hash)
	if !found {
		row, found, _ = c.old.get(dst, k, hash)
	}
	return row, found
}

func (c *cache) put(k key, hash uint64, row []byte) {
	if len(c.young.memory)+len(k)+len(row) > c.bytesMax {
		c.young, c.old = c.old, c.young
		c.young.clear()
	}
	c.young.put(k, hash, row, false)
}
