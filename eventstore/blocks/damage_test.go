package blocks_test

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"testing"

	"authledger/eventstore/blocks"
)

// newest is the only block of a stopped log.
func newest(dir string) string { return filepath.Join(streamDir(dir), "msgs", "1.blk") }

// TestFlippedByteIsAFault changes every byte of a block in turn. The position of the
// damage is the record that holds the byte, or the end of the log if the length of the
// last record is damaged.
func TestFlippedByteIsAFault(t *testing.T) {
	dir := stopped(t)
	intact := load(t, newest(dir))
	starts := recordStarts(intact)
	for at := range intact {
		data := bytes.Clone(intact)
		data[at] ^= 0x10
		store(t, newest(dir), data)
		position := uint64(0)
		for position < keep && starts[position] <= at {
			position++
		}
		s, err := blocks.Open(t.Context(), options(dir))
		if err != nil {
			t.Fatalf("byte %d: open: %v", at, err)
		}
		last, err := readAll(t, s)
		if err == nil && position == keep && at < starts[keep-1]+4 && last == keep-1 && s.Torn().File != "" {
			continue // the length of the last record: it looks incomplete
		}
		wantFault(t, err, position)
		wantFault(t, s.Check(t.Context()), position)
		if last != position-1 {
			t.Errorf("byte %d: read up to message %d, want %d", at, last, position-1)
		}
		if _, err = s.Get(t.Context(), position); err == nil {
			t.Errorf("byte %d: Get got the damaged message, want an error", at)
		}
		if t.Failed() {
			t.Fatalf("at byte %d of message %d (offset %d), read up to %d, %v", at-starts[position-1],
				position, at, last, s.Torn())
		}
	}
}

// TestCutNewestBlockEndsTheLog cuts the block at every length, as a crash within an
// append does, and fills the rest with zeros, as a power failure can.
func TestCutNewestBlockEndsTheLog(t *testing.T) {
	dir := stopped(t)
	intact := load(t, newest(dir))
	starts := append(recordStarts(intact), len(intact))
	for size := range intact {
		complete := uint64(0)
		for starts[complete+1] <= size {
			complete++
		}
		store(t, newest(dir), intact[:size])
		s := open(t, dir)
		last, err := readAll(t, s)
		if err != nil || last != complete {
			t.Fatalf("%d of %d bytes: read up to message %d, %v, want %d", size, len(intact), last, err,
				complete)
		}
		if torn := s.Torn(); complete > 0 && torn.Bytes != int64(size-starts[complete]) {
			t.Fatalf("%d bytes: %d bytes are reported as incomplete, want %d", size, torn.Bytes,
				size-starts[complete])
		}
		if size == starts[complete] {
			store(t, newest(dir), append(bytes.Clone(intact[:size]), make([]byte, 4096)...))
			if last, err := readAll(t, open(t, dir)); err != nil || last != complete {
				t.Fatalf("%d bytes and zeros: read up to message %d, %v, want %d", size, last, err, complete)
			}
		}
	}
}

// middle returns a function that damages the second block file, with its path and size in bytes.
func middle(damage func(t *testing.T, path string, size int)) func(*testing.T, string, []int) {
	return func(t *testing.T, msgs string, sizes []int) {
		t.Helper()
		damage(t, filepath.Join(msgs, "2.blk"), sizes[1])
	}
}

// TestDamageBetweenBlocks damages a log of three blocks at places that a server does not check.
func TestDamageBetweenBlocks(t *testing.T) {
	for name, c := range map[string]struct {
		damage   func(t *testing.T, msgs string, sizes []int)
		position uint64
	}{
		"absent first":       {func(t *testing.T, msgs string, _ []int) { remove(t, msgs, "1.blk") }, 1},
		"absent middle":      {func(t *testing.T, msgs string, _ []int) { remove(t, msgs, "2.blk") }, 6},
		"empty middle":       {middle(func(t *testing.T, path string, _ int) { store(t, path, nil) }), 6},
		"cut middle":         {middle(func(t *testing.T, path string, size int) { cut(t, path, size-1) }), 10},
		"cut at a record":    {middle(func(t *testing.T, path string, _ int) { cutLast(t, path) }), 10},
		"two blocks swapped": {swap, 6},
	} {
		t.Run(name, func(t *testing.T) {
			dir := stopped(t)
			msgs, sizes := split(t, dir, 5, 10)
			if last, err := readAll(t, open(t, dir)); last != keep || err != nil {
				t.Fatalf("intact log: got %d messages, %v, want %d", last, err, keep)
			}
			c.damage(t, msgs, sizes)
			s := open(t, dir)
			last, err := readAll(t, s)
			wantFault(t, err, c.position)
			if last != c.position-1 {
				t.Errorf("read up to message %d, want %d", last, c.position-1)
			}
			_, err = s.Get(t.Context(), c.position)
			wantFault(t, err, c.position)
			_, err = s.Get(t.Context(), keep)
			if name == "two blocks swapped" {
				wantFault(t, err, c.position)
			} else if err != nil {
				t.Errorf("Get of an intact message: %v", err)
			}
		})
	}
}

// TestDeletionIsAFault appends the records by which a server marks a deleted message.
func TestDeletionIsAFault(t *testing.T) {
	for name, mark := range map[string]uint64{"erased": 1 << 63, "tombstone": 1 << 62} {
		t.Run(name, func(t *testing.T) {
			dir := stopped(t)
			data := load(t, newest(dir))
			store(t, newest(dir), append(data, blocks.Record(options(dir).Stream, 1, keep|mark, "", nil)...))
			_, err := readAll(t, open(t, dir))
			wantFault(t, err, keep+1)
		})
	}
}

func TestDamagedDescriptionIsAFault(t *testing.T) {
	for name, damage := range map[string]func(t *testing.T, path string){
		"changed": func(t *testing.T, path string) {
			store(t, path, bytes.Replace(load(t, path), []byte("LEDGER"), []byte("LEDGES"), 1))
		},
		"absent": func(t *testing.T, path string) { remove(t, filepath.Dir(path), filepath.Base(path)) },
		"empty":  func(t *testing.T, path string) { store(t, path, nil) },
	} {
		t.Run(name, func(t *testing.T) {
			dir := stopped(t)
			damage(t, filepath.Join(streamDir(dir), "meta.inf"))
			wantFault(t, open(t, dir).Check(t.Context()), 0)
		})
	}
}

func TestAbsentStreamIsAFault(t *testing.T) {
	_, err := blocks.Open(t.Context(), options(t.TempDir()))
	wantFault(t, err, 0)
}

func TestAbsentBlockAfterOpenIsAFault(t *testing.T) {
	dir := stopped(t)
	s := open(t, dir)
	remove(t, filepath.Dir(newest(dir)), "1.blk")
	_, err := readAll(t, s)
	wantFault(t, err, 1)
}

// split divides the only block after the messages a and b, as if it had been full there.
func split(t *testing.T, dir string, a, b int) (msgs string, sizes []int) {
	t.Helper()
	msgs = filepath.Dir(newest(dir))
	data := load(t, newest(dir))
	starts := append(recordStarts(data), len(data))
	stream := options(dir).Stream
	for i, part := range [][2]int{{0, a}, {a, b}, {b, len(starts) - 1}} {
		var all []byte
		for at := part[0]; at < part[1]; at++ {
			all = append(all, blocks.Rehash(stream, uint32(i+1), data[starts[at]:starts[at+1]])...)
		}
		store(t, filepath.Join(msgs, []string{"1.blk", "2.blk", "3.blk"}[i]), all)
		sizes = append(sizes, len(all))
	}
	return msgs, sizes
}

func swap(t *testing.T, msgs string, _ []int) {
	two, three := filepath.Join(msgs, "2.blk"), filepath.Join(msgs, "3.blk")
	a, b := load(t, two), load(t, three)
	store(t, two, b)
	store(t, three, a)
}

func cutLast(t *testing.T, path string) {
	data := load(t, path)
	starts := recordStarts(data)
	store(t, path, data[:starts[len(starts)-1]])
}

func cut(t *testing.T, path string, size int) { store(t, path, load(t, path)[:size]) }

func recordStarts(data []byte) (starts []int) {
	for at := 0; at < len(data); at += int(binary.LittleEndian.Uint32(data[at:]) &^ (1 << 31)) {
		starts = append(starts, at)
	}
	return starts
}

func load(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func store(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

func remove(t *testing.T, dir, name string) {
	t.Helper()
	if err := os.Remove(filepath.Join(dir, name)); err != nil {
		t.Fatal(err)
	}
}
