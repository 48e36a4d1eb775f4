package seal

import (
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
)

// scanBytes is read at a time when the whole file is walked.
const scanBytes = 1 << 20

// inspect reads every slot into the index and settles what a crash or a bad
// disk left. It changes the file only once it is sure that it may.
func (s *Store) inspect(dropDamaged bool) error {
	size, err := fileSize(s.file)
	if err != nil {
		return err
	}
	if size < offset(firstSlot) {
		return damage(s.path(), []uint32{headerSlot})
	}
	if size/slotBytes > math.MaxUint32 {
		return fmt.Errorf("%s has more slots than a key file can have: restore it from backup", s.path())
	}
	acknowledged, err := s.readMark()
	if err != nil {
		return err
	}

	end := uint32(size / slotBytes) // a piece of a slot beyond is no slot yet
	s.index = newIndex(int(end - firstSlot))
	lost, unfinished, err := s.scan(end)
	if err != nil {
		return err
	}

	// What was never written to its end is nobody's, unless it was acknowledged.
	free := end
	for len(unfinished) > 0 && unfinished[len(unfinished)-1] == free-1 && free > acknowledged {
		unfinished = unfinished[:len(unfinished)-1]
		free--
	}
	var holes []uint32
	for _, n := range unfinished {
		if n < acknowledged {
			lost = append(lost, n)
		} else {
			holes = append(holes, n)
		}
	}
	for n := end; n < acknowledged; n++ { // cut off
		lost = append(lost, n)
		free = n + 1
	}
	if len(lost) > 0 && !dropDamaged {
		slices.Sort(lost)
		return damage(s.path(), lost)
	}
	return s.settle(free, append(lost, holes...))
}

// settle writes the outcome of a recovery. Slots that the last process wrote and
// didn't sync become durable here, before anyone finds their keys.
func (s *Store) settle(free uint32, lost []uint32) error {
	for _, n := range lost {
		if err := writeSlot(s.file, n, &slot{state: stateLost}); err != nil {
			return fmt.Errorf("give up slot %d: %w", n, err)
		}
	}
	size, err := fileSize(s.file)
	if err != nil {
		return err
	}
	if size != offset(free) {
		if err := s.file.Truncate(offset(free)); err != nil {
			return err
		}
	}
	s.written.Store(free)
	if free == s.marked && len(lost) == 0 {
		s.synced.Store(free)
		return nil
	}
	return s.sync()
}

// scan sorts the slots before end: sound ones go into the index, the others are
// returned, in order.
func (s *Store) scan(end uint32) (lost, unfinished []uint32, err error) {
	err = eachSlot(s.file, end, func(n uint32, b []byte) error {
		sl, cond := decode(n, b)
		switch {
		case cond == torn:
			unfinished = append(unfinished, n)
		case cond == damaged:
			lost = append(lost, n)
		case sl.state == stateLost:
		case sl.state != stateLive && sl.state != stateGone:
			lost = append(lost, n)
		default:
			if _, known := s.index.more[sl.subject]; known {
				lost = append(lost, n)
				return nil
			}
			alike := s.index.put(sl.subject, n)
			if alike == 0 {
				return nil
			}
			other, err := s.readSlot(alike)
			if err != nil {
				return err
			}
			if other.subject == sl.subject { // no sound store has two
				delete(s.index.more, sl.subject)
				lost = append(lost, n)
			}
		}
		return nil
	})
	return lost, unfinished, err
}

// readMark returns the first slot that isn't known to have been acknowledged. A
// mark that can't be read only costs that knowledge: it is written anew.
func (s *Store) readMark() (uint32, error) {
	b := make([]byte, slotBytes)
	if _, err := s.file.ReadAt(b, offset(markSlot)); err != nil {
		return 0, err
	}
	mark, cond := decode(markSlot, b)
	if cond != whole || mark.state != stateMark || mark.tag.number() < firstSlot || mark.tag.number() > math.MaxUint32 {
		return firstSlot, nil
	}
	s.marked = uint32(mark.tag.number())
	return s.marked, nil
}

func eachSlot(f *os.File, end uint32, visit func(n uint32, b []byte) error) error {
	buf := make([]byte, min(scanBytes, offset(end)-offset(firstSlot)))
	for n := uint32(firstSlot); n < end; {
		chunk := buf[:min(int64(len(buf)), offset(end)-offset(n))]
		if _, err := f.ReadAt(chunk, offset(n)); err != nil {
			return fmt.Errorf("read slots from %d: %w", n, err)
		}
		for ; len(chunk) > 0; chunk = chunk[slotBytes:] {
			if err := visit(n, chunk[:slotBytes]); err != nil {
				return err
			}
			n++
		}
	}
	return nil
}

// readSlot reads one slot of a running store, where nothing may be unfinished.
func (s *Store) readSlot(n uint32) (slot, error) {
	b := make([]byte, slotBytes)
	if _, err := s.file.ReadAt(b, offset(n)); err != nil && !isShort(err) {
		return slot{}, fmt.Errorf("read slot %d: %w", n, err)
	}
	sl, cond := decode(n, b)
	if cond != whole {
		return slot{}, fmt.Errorf("slot %d of %s: %w: stop the node and start it again, which names all damage and the ways out",
			n, s.path(), ErrDamaged)
	}
	return sl, nil
}

func writeSlot(f *os.File, n uint32, sl *slot) error {
	_, err := f.WriteAt(sl.encode(n), offset(n))
	return err
}

func isShort(err error) bool { return errors.Is(err, io.EOF) }

func fileSize(f *os.File) (int64, error) {
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}
