package seal

import (
	"bytes"
	"errors"
	"flag"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

var ringCrashes = flag.Int("ring-crashes", 100, "number of crashes in TestRing_Crashes; .ci/run sets more")

// destroyedAtOnce is the maximum number of keys that one call destroys.
const destroyedAtOnce = 3

// crashing runs a store and checks, after each change of its files, the files that a crash at that
// point leaves: all changes of a killed process, and the synced changes only after a power cut.
type crashing struct {
	t   *testing.T
	dir string
	rng *rand.Rand

	mu         sync.Mutex // background work calls changed too
	crashes    int        // that are still to be checked
	sealed     map[uint32]Sealed
	destroyed  map[uint32]bool
	destroying []uint32
	masters    []byte // the fills of the master keys of which one opens the store

	content map[string][]byte // synced bytes by path, whether or not the name is on disk
	onDisk  map[string][]byte // the files after a power cut
}

// changed notes a change of the files and checks a crash after it.
func (c *crashing) changed(op operation, path string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch op {
	case synced:
		c.content[path] = c.read(path)
		if _, named := c.onDisk[path]; named {
			c.onDisk[path] = c.content[path]
		}
	case renamed:
		c.content[path] = c.content[path+stageSuffix]
		delete(c.content, path+stageSuffix)
	case settled:
		for name, b := range c.content {
			if filepath.Dir(name) == path && !strings.HasSuffix(name, stageSuffix) {
				c.onDisk[name] = b
			}
		}
	}
	if c.crashes <= 0 {
		return
	}
	killed := c.files()
	c.check("kill after "+string(op)+" of "+path, killed)
	if strings.HasSuffix(path, stageSuffix) { // a power cut may leave a part of a new file
		torn := maps.Clone(c.onDisk)
		torn[path] = killed[path][:c.rng.IntN(len(killed[path])+1)]
		c.check("power cut with a torn file, after "+string(op)+" of "+path, torn)
	}
	if c.onDisk[filepath.Join(c.dir, keysName)] != nil {
		c.check("power cut after "+string(op)+" of "+path, c.onDisk)
	}
}

func (c *crashing) read(path string) []byte {
	b, err := os.ReadFile(path)
	must(c.t, err)
	return b
}

func (c *crashing) files() map[string][]byte {
	all := make(map[string][]byte)
	must(c.t, filepath.WalkDir(c.dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && d.Name() != "lock" {
			all[path] = c.read(path)
		}
		return err
	}))
	return all
}

// check opens a copy of the files, and checks each sealed data: it opens unless its key is destroyed,
// and no destroyed key opens it, also after the store has completed its work in the background.
func (c *crashing) check(when string, files map[string][]byte) {
	c.crashes--
	dir, err := os.MkdirTemp("", "crashed")
	must(c.t, err)
	defer os.RemoveAll(dir)
	must(c.t, os.Mkdir(filepath.Join(dir, ringName), privateDir))
	for path, b := range files {
		name, err := filepath.Rel(c.dir, path)
		must(c.t, err)
		must(c.t, os.WriteFile(filepath.Join(dir, name), b, privateFile))
	}
	var s *Store
	for _, fill := range c.masters {
		if s, err = Open(dir, testMaster(fill), Options{}); !errors.Is(err, ErrWrongMaster) {
			break
		}
	}
	if err != nil {
		c.t.Fatalf("%s: %v", when, err)
	}
	c.checkStore(when, s)
	s.background.Wait()
	c.checkStore(when+", later", s)
	must(c.t, s.Close())
}

func (c *crashing) checkStore(when string, s *Store) {
	for n, sealed := range c.sealed {
		got, err := s.Unseal(here, sealed)
		switch {
		case c.destroyed[n] && !errors.Is(err, ErrErased),
			!slices.Contains(c.destroying, n) && !c.destroyed[n] && err != nil,
			err == nil && !bytes.Equal(got, plain), err != nil && !errors.Is(err, ErrErased):
			c.t.Fatalf("%s: slot %d, destroyed %t: got %q, %v", when, n, c.destroyed[n], got, err)
		}
	}
}

// set changes the model between two changes of the files.
func (c *crashing) set(change func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	change()
}

// step does one random operation.
func (c *crashing) step(s *Store, next *uint32) {
	switch c.rng.IntN(6) {
	case 0, 1, 2:
		*next += 1 + uint32(c.rng.IntN(chunkSlots/3))
		must(c.t, s.Reserve(*next))
		sealed, err := s.Seal(*next, here, plain)
		must(c.t, err)
		c.set(func() { c.sealed[*next] = sealed })
	case 3, 4:
		var slots []uint32 // in several chunks, some of them destroyed before
		for n := range c.sealed {
			if slots = append(slots, n); len(slots) == destroyedAtOnce {
				break
			}
		}
		c.set(func() { c.destroying = slots })
		must(c.t, s.Destroy(slots, nil))
		c.set(func() {
			c.destroying = nil
			for _, n := range slots {
				c.destroyed[n] = true
			}
		})
	case 5:
		fill := c.masters[0] + 1
		c.set(func() { c.masters = []byte{fill, c.masters[0]} })
		must(c.t, s.Rewrap(testMaster(fill)))
		c.set(func() { c.masters = []byte{fill} })
	}
}

// TestRing_Crashes checks that after a crash at each change of the files every sealed data opens under
// its own key, and that destroyed keys stay destroyed.
func TestRing_Crashes(t *testing.T) {
	t.Parallel() // the test waits for the disk
	left := *ringCrashes
	for seed := uint64(1); left > 0; seed++ {
		c := &crashing{
			t: t, dir: t.TempDir(), rng: rand.New(rand.NewPCG(seed, 1)), masters: []byte{1},
			sealed: map[uint32]Sealed{}, destroyed: map[uint32]bool{},
			content: map[string][]byte{}, onDisk: map[string][]byte{},
		}
		s, err := open(c.dir, testMaster(1), Options{Create: true}, disk{did: c.changed})
		must(t, err)
		c.set(func() { c.crashes = left }) // the creation of a store is tested elsewhere
		for next := uint32(0); next < 3*chunkSlots && c.left() > 0; {
			c.step(s, &next)
		}
		s.background.Wait()
		must(t, s.Close())
		left = c.left()
	}
}

func (c *crashing) left() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.crashes
}
