package projections

import "sync/atomic"

// cache is the decoded rows of users that were used lately, bounded by count.
// Whoever reads it holds the engine's lock for reading, whoever writes for
// writing. A row in it never changes.
type cache struct {
	places []cachePlace
	index  map[string]int32
	hand   int
}

type cachePlace struct {
	name string
	row  *userRow
	used atomic.Bool // since the hand last passed
}

func newCache(rowsMax int) *cache {
	return &cache{places: make([]cachePlace, rowsMax), index: make(map[string]int32)}
}

func (c *cache) get(name string) *userRow {
	i, ok := c.index[name]
	if !ok {
		return nil
	}
	p := &c.places[i]
	if !p.used.Load() {
		p.used.Store(true)
	}
	return p.row
}

func (c *cache) put(name string, row *userRow) {
	i, ok := c.index[name]
	if !ok {
		i = c.free()
		delete(c.index, c.places[i].name)
		c.places[i].name = name
		c.index[name] = i
	}
	c.places[i].row = row
	c.places[i].used.Store(true)
}

// free finds a place whose row was not used for a turn of the hand.
func (c *cache) free() int32 {
	for {
		i := c.hand
		c.hand = (c.hand + 1) % len(c.places)
		if !c.places[i].used.Swap(false) {
			return int32(i)
		}
	}
}
