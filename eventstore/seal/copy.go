package seal

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"authledger/eventstore/durable"
)

// ErrChanged reports that the master key was rotated while the files were copied. The caller copies them again.
var ErrChanged = errors.New("seal: the key file changed during the copy: copy the keys again")

// copyReads is the number of reads of a chunk after which a slot that is not intact is damage. A process that
// has the store open may overwrite the slot of a destroyed key during one read.
const copyReads = 5

// Copied describes the keys that [Copy] has copied.
type Copied struct {
	Keys uint64 // on disk, destroyed and lost keys included, as [Store.Durable]

	// GivenUp is the position up to which the operator accepted that keys are missing, see [Binding]. Without
	// the master key nothing proves it.
	GivenUp uint64
}

// Copy calls put with the name and the content of each file of the store in dir, encrypted as on disk. It needs
// no master key, and another process may have the store open. Only the key file is needed to open the chunks,
// and a rotation changes it first and last: Copy returns [ErrChanged] if it differs before and after the
// chunks, because the copied files may then not open together. It returns a *[DamageError] for a slot that is not
// intact, and for a key of the ring under a ring key that the key file lacks. It can't detect that the newest
// chunks are lost: the caller compares the number of keys.
func Copy(dir string, put func(name string, data []byte) error) (Copied, error) {
	c := copier{Store: Store{dir: dir}, put: put}
	done, err := c.copy()
	if err == nil || errors.Is(err, ErrChanged) {
		return done, err
	}
	if _, ok := errors.AsType[*DamageError](err); ok {
		return done, err
	}
	return done, fmt.Errorf("seal: copy the keys in %s: %w", dir, err)
}

// copier is a store whose files are only read.
type copier struct {
	Store
	put func(name string, data []byte) error
}

func (c *copier) copy() (done Copied, err error) {
	before, err := durable.ReadFile(c.path())
	if errors.Is(err, os.ErrNotExist) {
		return done, ErrNoStore
	}
	if err != nil {
		return done, err
	}
	chunks, err := countCopied(&c.Store)
	if err != nil {
		return done, err
	}
	generations, err := c.copyChunks(chunks)
	if err != nil {
		return done, err
	}
	done, damaged := c.inspectKeyFile(generations)
	after, err := durable.ReadFile(c.path())
	if err != nil {
		return done, err
	}
	if !bytes.Equal(before, after) {
		return done, ErrChanged
	}
	if damaged != nil {
		return done, damaged
	}
	done.Keys += uint64(chunks) * chunkSlots
	return done, c.put(keysName, after)
}

// copyChunks copies the chunks. It returns the generations of the ring keys that wrap their keys.
func (c *copier) copyChunks(chunks uint32) (generations map[uint64]bool, err error) {
	generations = make(map[uint64]bool)
	for chunk := range chunks {
		data, err := c.wholeChunk(chunk)
		if err != nil {
			return nil, err
		}
		for i := range uint32(chunkSlots) {
			if sl, _ := decode(firstOf(chunk)+i, data[offset(i):offset(i+1)]); sl.state == stateLive {
				generations[sl.tag.number()] = true
			}
		}
		if err := c.put(ringName+"/"+filepath.Base(c.chunkPath(chunk)), data); err != nil {
			return nil, err
		}
	}
	return generations, nil
}

// inspectKeyFile checks each slot of the key file as far as that is possible without the master key, and that it
// has a ring key of each generation. It returns the number of its keys.
func (c *copier) inspectKeyFile(generations map[uint64]bool) (done Copied, err error) {
	if c.file, err = durable.Open(c.path(), os.O_RDONLY); err != nil {
		return done, err
	}
	defer c.file.Close() // only read
	if _, err := c.header(); err != nil {
		return done, err
	}
	free, lost, _, err := c.findOlder()
	if err != nil {
		return done, err
	}
	if len(lost) > 0 {
		return done, damage(c.path(), lost)
	}
	head := make([]byte, offset(firstSlot))
	if _, err := c.file.ReadAt(head, 0); err != nil {
		return done, err
	}
	for _, n := range []uint32{ringSlot, formerRingSlot} {
		if sl, cond := decode(n, head[offset(n):offset(n+1)]); cond == whole && sl.state == stateRing {
			delete(generations, sl.tag.number())
		}
	}
	if len(generations) > 0 {
		return done, headDamage(c.path(), ringSlot)
	}
	binding, cond := decode(ledgerSlot, head[offset(ledgerSlot):offset(ledgerSlot+1)])
	if cond == whole && binding.state == stateBinding {
		done.GivenUp = binding.tag.number()
	}
	done.Keys = uint64(free - firstSlot)
	return done, nil
}

// countCopied returns the number of chunks, missing chunks before the last one included. It ignores a chunk
// that another process is writing, because no commit uses its keys yet.
func countCopied(s *Store) (chunks uint32, err error) {
	entries, err := os.ReadDir(filepath.Join(s.dir, ringName))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return 0, err
	}
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), stageSuffix) {
			continue
		}
		chunk, ok := parseChunk(e.Name())
		if !ok {
			return 0, fmt.Errorf("%s: %w", filepath.Join(s.dir, ringName, e.Name()), ErrForeignFile)
		}
		chunks = max(chunks, chunk+1)
	}
	return chunks, nil
}

// wholeChunk returns the content of a chunk all of whose slots are intact.
func (s *Store) wholeChunk(chunk uint32) ([]byte, error) {
	var broken []uint32
	for range copyReads {
		b, err := s.readSlots(firstOf(chunk), chunkSlots)
		if errors.Is(err, os.ErrNotExist) {
			b, err = make([]byte, chunkBytes), nil
		}
		if err != nil {
			return nil, err
		}
		broken = broken[:0]
		for i := range uint32(chunkSlots) {
			sl, cond := decode(firstOf(chunk)+i, b[offset(i):offset(i+1)])
			if cond != whole || sl.state != stateLive && sl.state != stateGone && sl.state != stateLost {
				broken = append(broken, i)
			}
		}
		if len(broken) == 0 {
			return b, nil
		}
	}
	return nil, damage(s.chunkPath(chunk), broken)
}

// Place returns the path at which a file that [Copy] has named belongs in the store in dir. It returns an error
// for a name that Copy never gives.
func Place(dir, name string) (string, error) {
	s := &Store{dir: dir}
	if name == keysName {
		return s.path(), nil
	}
	if base, found := strings.CutPrefix(name, ringName+"/"); found {
		if chunk, ok := parseChunk(base); ok {
			return s.chunkPath(chunk), nil
		}
	}
	return "", fmt.Errorf("seal: %q is not a file of a key ring", name)
}
