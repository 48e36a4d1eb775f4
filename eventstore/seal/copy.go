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

// Copy calls put with the name and the content of each file of the store in dir, encrypted as on disk. It needs
// no master key, and another process may have the store open. Only the key file is needed to open the chunks,
// and a rotation changes it first and last: Copy returns [ErrChanged] if it differs before and after the
// chunks, because the copied files may then not open together. It returns a *[DamageError] for a slot of the ring
// that is not intact.
func Copy(dir string, put func(name string, data []byte) error) error {
	if err := copyFiles(dir, put); err != nil {
		if _, ok := errors.AsType[*DamageError](err); ok || errors.Is(err, ErrChanged) {
			return err
		}
		return fmt.Errorf("seal: copy the keys in %s: %w", dir, err)
	}
	return nil
}

func copyFiles(dir string, put func(name string, data []byte) error) error {
	s := &Store{dir: dir}
	before, err := durable.ReadFile(s.path())
	if errors.Is(err, os.ErrNotExist) {
		return ErrNoStore
	}
	if err != nil {
		return err
	}
	chunks, err := countCopied(s)
	if err != nil {
		return err
	}
	for chunk := range chunks {
		data, err := s.wholeChunk(chunk)
		if err != nil {
			return err
		}
		if err := put(ringName+"/"+filepath.Base(s.chunkPath(chunk)), data); err != nil {
			return err
		}
	}
	after, err := durable.ReadFile(s.path())
	if err != nil {
		return err
	}
	if !bytes.Equal(before, after) {
		return ErrChanged
	}
	return put(keysName, after)
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
			if _, cond := decode(firstOf(chunk)+i, b[offset(i):offset(i+1)]); cond != whole {
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
