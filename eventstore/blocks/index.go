package blocks

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"

	"authledger/eventstore"
)

// indexesMax bounds the block indexes in memory. An index takes 4 bytes for each message: 80 KB
// for a block of 8 MB with the smallest commits.
const indexesMax = 512

// index holds the offsets at which the messages of one block begin.
type index struct {
	first   uint64
	offsets []uint32
	end     int64  // offset after the last indexed message
	fault   error  // the damage after the last indexed message; nil if the block ends there
	last    uint64 // last position of the Store that made the index
	isWhole bool   // no server appends to the block
}

// indexes holds the latest indexes of blocks. It is safe for concurrent use.
type indexes struct {
	mu    sync.Mutex
	of    map[uint32]*index // by the block's number
	order []uint32          // of the numbers, the oldest first
}

func newIndexes() *indexes { return &indexes{of: make(map[uint32]*index)} }

func (all *indexes) get(n uint32) *index {
	all.mu.Lock()
	defer all.mu.Unlock()
	return all.of[n]
}

func (all *indexes) put(n uint32, x *index) {
	all.mu.Lock()
	defer all.mu.Unlock()
	if all.of[n] == nil {
		all.order = append(all.order, n)
	}
	all.of[n] = x
	if len(all.order) > indexesMax {
		delete(all.of, all.order[0])
		all.order = all.order[1:]
	}
}

// index returns the index of block i, which holds an intact first record or is the
// newest. It returns an error only if a read fails; it stores damage in the index.
func (s *Store) index(ctx context.Context, i int) (*index, error) {
	b := &s.blocks[i]
	x := s.indexes.get(b.number)
	if x != nil && (x.isWhole || x.last >= s.last) {
		return x, nil
	}
	next, err := s.beginIndex(ctx, i, x)
	if err != nil {
		return nil, err
	}
	stopped := false
	err = s.scan(ctx, i, next.end, next.first+uint64(len(next.offsets)), func(r *record, at int64) bool {
		next.offsets, next.end = append(next.offsets, uint32(at)), at+int64(r.bytes)
		stopped = s.opts.Last > 0 && r.position >= s.opts.Last
		return !stopped
	})
	next.isWhole = s.opts.Last == 0 || i < s.newest && !stopped
	if errors.As(err, new(*eventstore.Fault)) {
		next.fault, err = err, nil
	}
	if err != nil {
		return nil, err
	}
	s.indexes.put(b.number, next)
	return next, nil
}

// beginIndex returns the index to which the caller adds the further messages of block i: a copy
// of known, which was made before the block grew, or an empty index if known is nil or ends with
// damage.
func (s *Store) beginIndex(ctx context.Context, i int, known *index) (*index, error) {
	next := &index{last: s.last}
	if known != nil && known.fault == nil {
		next.first, next.end = known.first, known.end
		next.offsets = slices.Clip(known.offsets)
		return next, nil
	}
	next.first = s.blocks[i].first
	if next.first > 0 {
		return next, nil
	}
	end, err := s.endBefore(ctx, i) // the first record is damaged and follows the block before
	next.first = end + 1
	return next, err
}

// endBefore returns the last position before block i.
func (s *Store) endBefore(ctx context.Context, i int) (uint64, error) {
	for i--; i >= 0; i-- {
		if s.blocks[i].first == 0 {
			continue
		}
		x, err := s.index(ctx, i)
		if err != nil {
			return 0, err
		}
		return x.first + uint64(len(x.offsets)) - 1, nil
	}
	return 0, nil
}

// missing returns the error with which a read of the position after the index x of block i
// fails.
func (s *Store) missing(ctx context.Context, i int, x *index) error {
	if x.fault != nil {
		return x.fault
	}
	next := x.first + uint64(len(x.offsets))
	for i++; i < len(s.blocks); i++ {
		if b := &s.blocks[i]; b.first > 0 {
			return s.gap(b, next, b.first)
		}
		if err := s.scan(ctx, i, 0, next, func(*record, int64) bool { return false }); err != nil {
			return err
		}
	}
	return eventstore.Faultf(next, "the files of the log end before this position: restore the directory from a backup")
}

// at reads the record at an offset of a block.
func (s *Store) at(b *block, offset uint32, position uint64) (r record, err error) {
	f, size, err := openFile(s.path(b))
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	d, err := digest(s.opts.Stream, b.number)
	if err != nil {
		return r, err
	}
	left := max(size-int64(offset), 0)
	all := records{from: bufio.NewReaderSize(io.NewSectionReader(f, int64(offset), left), headBytes), left: left, digest: d}
	r, err = all.next()
	switch {
	case err == nil:
		return r, s.judge(b, &r, position)
	case errors.Is(err, io.EOF), errors.Is(err, errTorn), errors.As(err, new(errDamaged)):
		return r, eventstore.Faultf(position, "%s changed after it was read at offset %d: restore it from a backup", s.path(b), offset)
	}
	return r, fmt.Errorf("read %s at %d: %w", s.path(b), offset, err)
}
