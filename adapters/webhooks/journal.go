package webhooks

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"authledger/domain"
	"authledger/eventstore/durable"
)

// Limits of a journal.
const (
	finishedMax     = 1_000  // delivered events in the journal; it drops older ones
	givenUpMax      = 10_000 // events in the journal that were given up; it drops older ones
	linesMax        = 50_000 // lines after which the journal is compacted
	journalBytesMax = 64 << 20
)

// line is one line of the journal: a delivery, or a position up to which every event is
// finished.
type line struct {
	*Delivery
	At string `json:"at,omitempty"`
}

// journal is the file of an endpoint's deliveries and its contents in memory.
type journal struct {
	path  string
	file  *os.File
	size  int64 // bytes of the complete lines
	lines int

	order    []string // ids, in the order of their first lines
	all      map[string]*Delivery
	pruneAt  int // number of deliveries at which prune drops the oldest
	finished domain.EventPosition
	hasStart bool // a line with the first position exists
}

// syncFile returns after the contents of a file are on disk. Tests replace it.
var syncFile = (*os.File).Sync

// dirName is the directory in a data directory with the journals and the queues of redeliveries.
const dirName = "webhooks"

// journalSuffix ends the name of a journal, after the name of its endpoint.
const journalSuffix = ".journal"

func journalPath(dir, name string) string { return filepath.Join(dir, dirName, name+journalSuffix) }

// openJournal reads a journal and opens it for writing. It cuts off an incomplete last
// line.
func openJournal(dir, name string) (*journal, error) {
	if err := os.MkdirAll(filepath.Join(dir, dirName), 0o700); err != nil {
		return nil, fmt.Errorf("create the directory of the journals: %w", err)
	}
	j := &journal{path: journalPath(dir, name), all: make(map[string]*Delivery)}
	err := j.read()
	if err != nil {
		return nil, err
	}
	if j.file, err = durable.Open(j.path, os.O_CREATE|os.O_RDWR); err != nil {
		return nil, fmt.Errorf("open the journal: %w", err)
	}
	if err = errors.Join(j.file.Truncate(j.size), syncFile(j.file), durable.SyncDir(filepath.Dir(j.path))); err != nil {
		return nil, errors.Join(fmt.Errorf("open the journal: %w", err), j.file.Close())
	}
	return j, nil
}

// read reads all complete lines. A damaged last line counts as incomplete, because a
// power failure can leave only some pages of a line on disk.
func (j *journal) read() error {
	text, err := durable.ReadFile(j.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("read the journal: %w", err)
	case len(text) > journalBytesMax:
		return fmt.Errorf("read the journal %s: larger than %d bytes", j.path, journalBytesMax)
	}
	for len(text) > 0 {
		first, rest, complete := bytes.Cut(text, []byte{'\n'})
		if !complete {
			return nil
		}
		l, err := readLine(first)
		if err == nil {
			err = j.apply(l)
		}
		if err != nil && len(rest) == 0 {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read the journal %s: line %d is damaged: move the file away; the node then sends again every event since the endpoint was added", j.path, j.lines+1)
		}
		j.size += int64(len(first)) + 1
		text = rest
	}
	return nil
}

// sumLen is the length of a line's checksum, CRC-32C in hexadecimal digits, and a space.
const sumLen = 9

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func appendLine(b []byte, l *line) ([]byte, error) {
	text, err := json.Marshal(l)
	if err != nil {
		return b, err
	}
	b = fmt.Appendf(b, "%08x ", crc32.Checksum(text, castagnoli))
	return append(append(b, text...), '\n'), nil
}

var errDamaged = errors.New("damaged")

func readLine(text []byte) (*line, error) {
	l := new(line)
	if len(text) < sumLen || string(text[:sumLen]) != fmt.Sprintf("%08x ", crc32.Checksum(text[sumLen:], castagnoli)) {
		return nil, errDamaged
	}
	if err := json.Unmarshal(text[sumLen:], l); err != nil || (l.Delivery == nil) == (l.At == "") {
		return nil, errDamaged
	}
	return l, nil
}

// apply adds a line to the contents in memory.
func (j *journal) apply(l *line) error {
	at := l.At
	if l.Delivery != nil {
		at = l.Position
	}
	position, err := domain.ParseEventPosition(at)
	if err != nil {
		return err
	}
	if l.Delivery != nil {
		if j.all[l.ID] == nil {
			j.order = append(j.order, l.ID)
		}
		j.all[l.ID] = l.Delivery
		if len(j.order) >= j.pruneAt {
			j.prune()
			j.pruneAt = 2*len(j.order) + finishedMax
		}
	}
	j.lines++
	j.hasStart = true
	if (l.Delivery == nil || l.State != Pending) && j.finished.Before(position) {
		j.finished = position
	}
	return nil
}

// write appends a line and returns after it is on disk. After an error no part of the
// line remains.
func (j *journal) write(l *line) error {
	if j.lines >= linesMax {
		if err := j.compact(); err != nil {
			return err
		}
	}
	text, err := appendLine(nil, l)
	if err != nil {
		return err
	}
	if _, err = j.file.WriteAt(text, j.size); err == nil {
		err = syncFile(j.file)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("write the journal: %w", err), j.file.Truncate(j.size))
	}
	if err := j.apply(l); err != nil {
		return err
	}
	j.size += int64(len(text))
	return nil
}

// compact replaces the file by one that contains the current deliveries.
func (j *journal) compact() error {
	if err := j.checkInPlace(); err != nil {
		return err
	}
	j.prune()
	text, err := appendLine(nil, &line{At: j.finished.String()})
	for _, id := range j.order {
		if err == nil {
			text, err = appendLine(text, &line{Delivery: j.all[id]})
		}
	}
	if err == nil {
		err = durable.Replace(j.path, text)
	}
	if err != nil {
		return fmt.Errorf("compact the journal: %w", err)
	}
	file, err := durable.Open(j.path, os.O_RDWR)
	if err != nil {
		return fmt.Errorf("open the journal: %w", err)
	}
	err = j.file.Close()
	j.file, j.size, j.lines = file, int64(len(text)), len(j.order)+1
	return err
}

var errRemoved = errors.New("the journal was removed")

// checkInPlace returns errRemoved if the path no longer leads to the open file: the
// endpoint was removed, and the path may belong to a new endpoint of the same name.
func (j *journal) checkInPlace() error {
	ours, err := j.file.Stat()
	if err != nil {
		return err
	}
	if at, err := os.Stat(j.path); err != nil || !os.SameFile(ours, at) {
		return errors.Join(errRemoved, err)
	}
	return nil
}

// prune drops the oldest finished deliveries beyond the limits.
func (j *journal) prune() {
	count := make(map[State]int)
	for _, d := range j.all {
		count[d.State]++
	}
	limits := map[State]int{Delivered: finishedMax, GivenUp: givenUpMax}
	j.order = slices.DeleteFunc(j.order, func(id string) bool {
		state := j.all[id].State
		if state == Pending || count[state] <= limits[state] {
			return false
		}
		count[state]--
		delete(j.all, id)
		return true
	})
}

func (j *journal) close() error { return j.file.Close() }

// Deliveries returns the deliveries in a state from the journal of an endpoint, the
// oldest first. The state "" selects all. A node may write the journal at the same time.
func Deliveries(dir, name string, state State) ([]Delivery, error) {
	j := &journal{path: journalPath(dir, name), all: make(map[string]*Delivery)}
	if err := j.read(); err != nil {
		return nil, err
	}
	found := []Delivery{}
	for _, id := range j.order {
		if d := j.all[id]; state == "" || d.State == state {
			found = append(found, *d)
		}
	}
	return found, nil
}
