package seal

import (
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
)

// scanBytes is the number of bytes in one read when the whole file is scanned.
const scanBytes = 1 << 20

// inspectOlder reads every slot of an older program, and repairs the end of the file after a crash
// of that program. It changes the file only after all checks have passed.
func (s *Store) inspectOlder(dropDamaged bool) error {
	free, lost, holes, err := s.findOlder()
	if err != nil {
		return err
	}
	if len(lost) > 0 && !dropDamaged {
		return damage(s.path(), lost)
	}
	return s.settle(free, append(lost, holes...))
}

// findOlder reads every slot of an older program. It returns the end of the slots, the lost slots in
// order, and the unfinished slots that no commit uses.
func (s *Store) findOlder() (free uint32, lost, holes []uint32, err error) {
	size, err := fileSize(s.file)
	if err != nil {
		return 0, nil, nil, err
	}
	if size < offset(firstSlot) {
		return 0, nil, nil, headDamage(s.path(), headerSlot)
	}
	if size/slotBytes > math.MaxUint32 {
		return 0, nil, nil, fmt.Errorf("%s has too many slots: restore it from backup", s.path())
	}
	acknowledged, err := s.readMark()
	if err != nil {
		return 0, nil, nil, err
	}

	end := uint32(size / slotBytes) // an incomplete slot after it does not count
	lost, unfinished, err := s.scan(end)
	if err != nil {
		return 0, nil, nil, err
	}

	// An unfinished slot is free, unless it was acknowledged.
	free = end
	for len(unfinished) > 0 && unfinished[len(unfinished)-1] == free-1 && free > acknowledged {
		unfinished = unfinished[:len(unfinished)-1]
		free--
	}
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
	slices.Sort(lost)
	return free, lost, holes, nil
}

// settle writes the result of the inspection: it marks the lost slots and cuts the file off at
// the slot free. It syncs the slots that the last process wrote and did not sync, before a
// caller can use their keys.
func (s *Store) settle(free uint32, lost []uint32) error {
	for _, n := range lost {
		if err := s.writeSlot(n, &slot{state: stateLost}); err != nil {
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
		return nil
	}
	return s.syncOlder()
}

// scan returns the slots before end that are not intact, in order.
func (s *Store) scan(end uint32) (lost, unfinished []uint32, err error) {
	err = eachSlot(s.file, end, func(n uint32, b []byte) error {
		sl, cond := decode(n, b)
		switch {
		case cond == torn:
			unfinished = append(unfinished, n)
		case cond == damaged || sl.state != stateLive && sl.state != stateGone && sl.state != stateLost:
			lost = append(lost, n)
		}
		return nil
	})
	return lost, unfinished, err
}

// readMark returns the first slot that is not known to be acknowledged. For an unreadable mark
// it returns firstSlot, and settle writes the mark again.
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

// writeSlot writes a slot of the key file. The caller holds writing.
func (s *Store) writeSlot(n uint32, sl *slot) error {
	return s.disk.writeSlot(s.file, s.path(), offset(n), sl.encode(n))
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
