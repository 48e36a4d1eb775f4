package blocks

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"authledger/eventstore"
)

// block is one file of the stream.
type block struct {
	number uint32
	first  uint64 // position of its first record; 0 if it holds no intact record
	size   int64  // bytes, when it was listed
	empty  bool   // it holds no complete record
}

func (s *Store) path(b *block) string {
	return filepath.Join(s.opts.Dir, messagesDir, fmt.Sprintf("%d.blk", b.number))
}

// list finds the blocks and the first position of each.
func (s *Store) list(ctx context.Context) error {
	entries, err := os.ReadDir(filepath.Join(s.opts.Dir, messagesDir))
	if err != nil {
		return absentIsFault(err)
	}
	for _, e := range entries {
		number, isBlock := strings.CutSuffix(e.Name(), ".blk")
		if n, err := strconv.ParseUint(number, 10, 32); isBlock && err == nil && number == strconv.FormatUint(n, 10) {
			s.blocks = append(s.blocks, block{number: uint32(n)})
		}
	}
	slices.SortFunc(s.blocks, func(a, b block) int { return cmp.Compare(a.number, b.number) })
	return s.lookFrom(ctx, 0)
}

// lookFrom reads the first records of the blocks from s.blocks[i] on.
func (s *Store) lookFrom(ctx context.Context, i int) error {
	for ; i < len(s.blocks); i++ {
		if err := s.usable(ctx); err != nil {
			return err
		}
		if err := s.look(&s.blocks[i]); err != nil {
			return err
		}
		if !s.blocks[i].empty {
			s.newest = i
		}
	}
	return nil
}

// look reads the block's first record. It returns no error for a damaged record, which a
// later read reports.
func (s *Store) look(b *block) (err error) {
	f, size, err := openFile(s.path(b))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	b.size = size
	d, err := digest(s.opts.Stream, b.number)
	if err != nil {
		return err
	}
	all := records{from: bufio.NewReaderSize(io.NewSectionReader(f, 0, size), headBytes), left: size, digest: d}
	r, err := all.next()
	switch {
	case err == nil && !r.erased && !r.tombstone:
		b.first = r.position
	case err == nil, errors.As(err, new(errDamaged)):
		rest, err := all.rest()
		b.empty = all.left == size && isZero(rest) && int64(len(rest)) == size
		return err
	case errors.Is(err, io.EOF), errors.Is(err, errTorn):
		b.empty = true
	default:
		return fmt.Errorf("read %s: %w", s.path(b), err)
	}
	return nil
}

// find returns the block that position must be in, -1 if the log begins after it.
func (s *Store) find(position uint64) int {
	for i := len(s.blocks) - 1; i >= 0; i-- {
		if first := s.blocks[i].first; first > 0 && first <= position {
			return i
		}
	}
	return -1
}

// read yields the messages from position from on. It returns a *eventstore.Fault where the
// records do not have consecutive positions.
func (s *Store) read(ctx context.Context, from uint64) iter.Seq2[eventstore.Message, error] {
	return func(yield func(eventstore.Message, error) bool) {
		if err := s.usable(ctx); err != nil {
			yield(eventstore.Message{}, err)
			return
		}
		if from == 0 {
			yield(eventstore.Message{}, errors.New("positions begin at 1"))
			return
		}
		if from > s.last {
			return
		}
		i, next, at, err := s.seek(ctx, from)
		if err != nil {
			yield(eventstore.Message{}, err)
			return
		}
		wanted := true
		for ; i < len(s.blocks) && next <= s.last; i, at = i+1, 0 {
			err := s.scan(ctx, i, at, next, func(r *record, _ int64) bool {
				next = r.position + 1
				if r.position >= from {
					wanted = yield(eventstore.Message{Stream: r.position, Data: r.message}, nil)
				}
				return wanted && next <= s.last
			})
			if !wanted {
				return
			}
			if err != nil {
				yield(eventstore.Message{}, err)
				return
			}
		}
		if next <= s.last {
			yield(eventstore.Message{}, eventstore.Faultf(next, "the files in %s end before this position; %d was acknowledged: "+
				"restore the directory from a backup", filepath.Join(s.opts.Dir, messagesDir), s.last))
		}
	}
}

// seek returns the place at which a read from the position from begins: the block i, the offset
// at in that block, and the position next of the record at that offset. If the block does not
// contain from, the place is the beginning of the block.
func (s *Store) seek(ctx context.Context, from uint64) (i int, next uint64, at int64, err error) {
	i = max(s.find(from), 0)
	if len(s.blocks) == 0 || s.blocks[i].first > from {
		return i, 1, 0, nil
	}
	first := s.blocks[i].first
	if first == 0 || first == from {
		return i, max(first, 1), 0, nil
	}
	x, err := s.index(ctx, i)
	if err != nil || from-first >= uint64(len(x.offsets)) {
		return i, first, 0, err
	}
	return i, from, int64(x.offsets[from-first]), nil
}

// scan visits the records of block i from offset from on, which must continue at position
// next, until visit returns false. Damage is a *eventstore.Fault.
func (s *Store) scan(ctx context.Context, i int, from int64, next uint64, visit func(r *record, at int64) bool) (err error) {
	b := &s.blocks[i]
	f, size, err := openFile(s.path(b))
	if errors.Is(err, os.ErrNotExist) {
		return eventstore.Faultf(next, "%w: restore the directory from a backup", err)
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	d, err := digest(s.opts.Stream, b.number)
	if err != nil {
		return err
	}
	left := max(size-from, 0)
	all := records{from: bufio.NewReaderSize(io.NewSectionReader(f, from, left), readBytes), left: left, digest: d}
	for {
		if err := s.usable(ctx); err != nil {
			return err
		}
		left := all.left
		at := size - left
		r, err := all.next()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return s.ended(i, &all, at, left, next, err)
		}
		if err := s.judge(b, &r, next); err != nil {
			return err
		}
		next++
		if !visit(&r, at) {
			return nil
		}
	}
}

// ended handles the error err of reading the record at offset at of block i, left bytes before
// the end of the file. It returns nil if the log ends there with an incomplete record. Otherwise
// it returns the error with which a read of position next fails.
func (s *Store) ended(i int, all *records, at, left int64, next uint64, err error) error {
	b := &s.blocks[i]
	isDamaged := errors.As(err, new(errDamaged))
	if !isDamaged && !errors.Is(err, errTorn) {
		return fmt.Errorf("read %s at %d: %w", s.path(b), at, err)
	}
	fault := eventstore.Faultf(next, "%s holds %w at offset %d: restore it from a backup", s.path(b), err, at)
	if errors.Is(err, errTorn) {
		fault = eventstore.Faultf(next, "%s ends within the record at offset %d: restore it from a backup", s.path(b), at)
	}
	if i < s.newest || all.left < left { // all.left is less after a whole record with a wrong checksum
		return fault
	}
	rest, err := all.rest()
	if err != nil {
		return fmt.Errorf("read %s at %d: %w", s.path(b), at, err)
	}
	if int64(len(rest)) < left || !s.isTorn(rest, next, isDamaged) {
		return fault
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.torn = Torn{s.path(b), at, left}
	return nil
}

// isTorn reports whether the end of a block is one incomplete write: a record that was
// cut, or zeros where the file system had not stored it. A record with a damaged length also
// seems to be cut, but then the rest contains the following record.
func (s *Store) isTorn(rest []byte, next uint64, isDamaged bool) bool {
	if isDamaged {
		return isZero(rest)
	}
	if len(rest) >= 12 && binary.LittleEndian.Uint64(rest[4:]) != next {
		return false
	}
	following := binary.LittleEndian.AppendUint64(nil, next+1)
	subject := append(binary.LittleEndian.AppendUint16(nil, uint16(len(s.opts.Subject))), s.opts.Subject...)
	for at := bytes.Index(rest, following); at >= 0; {
		if len(rest)-at >= 16+len(subject) && bytes.Equal(rest[at+16:at+16+len(subject)], subject) {
			return false
		}
		more := bytes.Index(rest[at+1:], following)
		if more < 0 {
			break
		}
		at += 1 + more
	}
	return true
}

func isZero(data []byte) bool { return len(bytes.TrimLeft(data, "\x00")) == 0 }

// judge returns a *eventstore.Fault for a record that can't be the message at position next of a
// ledger.
func (s *Store) judge(b *block, r *record, next uint64) error {
	switch {
	case r.tombstone:
		return eventstore.Faultf(next, "%s records that message %d was deleted: restore the directory from a backup", s.path(b), r.position)
	case r.erased:
		return eventstore.Faultf(next, "%s records that message %d was erased: restore the directory from a backup", s.path(b), r.position)
	case r.position != next:
		return s.gap(b, next, r.position)
	case string(r.subject) != s.opts.Subject:
		return eventstore.Faultf(next, "%s holds a message of subject %q, the ledger's is %q: restore it from a backup", s.path(b), r.subject, s.opts.Subject)
	}
	return nil
}

func (s *Store) gap(b *block, next, found uint64) error {
	return eventstore.Faultf(next, "%s continues with position %d, position %d is missing: restore the directory from a backup", s.path(b), found, next)
}
