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
	"time"

	"authledger/durable"
)

// Limits of a journal.
const (
	finishedMax     = 1_000  // delivered ones that are remembered
	givenUpMax      = 10_000 // then the oldest are forgotten
	linesMax        = 50_000 // then it is written anew
	journalBytesMax = 64 << 20
)

// State is what became of a delivery.
type State string

// The states of a delivery.
const (
	Pending   State = "pending" // attempted, and to be attempted again
	Delivered State = "delivered"
	GivenUp   State = "failed"
)

// Delivery is an event on its way to an endpoint.
type Delivery struct {
	ID       string    `json:"id"`
	Position string    `json:"position"`
	Type     string    `json:"type"`
	State    State     `json:"state"`
	Attempts int       `json:"attempts"`
	Status   int       `json:"status,omitempty"` // of the last answer, 0 without one
	Error    string    `json:"error,omitempty"`
	Time     time.Time `json:"time"`          // of the last attempt
	Next     time.Time `json:"next,omitzero"` // when it is attempted again
}

// line is one of the journal: a delivery, or a position up to which nothing is left
// to be told.
type line struct {
	*Delivery
	At string `json:"at,omitempty"`
}

// journal is the file of an endpoint's deliveries, and what it says.
type journal struct {
	path  string
	file  *os.File
	size  int64 // of its whole lines
	lines int

	order    []string // ids, in the order in which they came
	all      map[string]*Delivery
	tidyAt   int // of how many the oldest are forgotten
	finished Position
	begun    bool // it says from where on
}

// onDisk waits until the disk has a file. Tests watch it.
var onDisk = (*os.File).Sync

func journalPath(dir, name string) string { return filepath.Join(dir, dirName, name+".journal") }

// openJournal reads a journal and makes it ready to be written. A last line that was
// cut off was not written.
func openJournal(dir, name string) (*journal, error) {
	if err := os.MkdirAll(filepath.Join(dir, dirName), 0o700); err != nil {
		return nil, fmt.Errorf("make the directory of the journals: %w", err)
	}
	j := &journal{path: journalPath(dir, name), all: make(map[string]*Delivery)}
	err := j.read()
	if err != nil {
		return nil, err
	}
	if j.file, err = os.OpenFile(j.path, os.O_CREATE|os.O_RDWR, 0o600); err != nil {
		return nil, fmt.Errorf("open the journal: %w", err)
	}
	if err = errors.Join(j.file.Truncate(j.size), onDisk(j.file), durable.SyncDir(filepath.Dir(j.path))); err != nil {
		return nil, errors.Join(fmt.Errorf("open the journal: %w", err), j.file.Close())
	}
	return j, nil
}

// read takes all whole lines in. The last one is not whole either if it is damaged:
// the power may go when of a line's pages only some are on disk.
func (j *journal) read() error {
	text, err := os.ReadFile(j.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("read the journal: %w", err)
	case len(text) > journalBytesMax:
		return fmt.Errorf("the journal %s has more than %d bytes", j.path, journalBytesMax)
	}
	for len(text) > 0 {
		this, behind, whole := bytes.Cut(text, []byte{'\n'})
		if !whole {
			return nil
		}
		l, err := readLine(this)
		if err == nil {
			err = j.take(l)
		}
		if err != nil && len(behind) == 0 {
			return nil
		}
		if err != nil {
			return fmt.Errorf("the journal %s: line %d is not as it was written: move the file away, and the endpoint is told again of all since it was added", j.path, j.lines+1)
		}
		j.size += int64(len(this)) + 1
		text = behind
	}
	return nil
}

// sumLen is the length of a line's sum, CRC-32C in hexadecimal digits, and a blank.
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

// take brings what a line says into force.
func (j *journal) take(l *line) error {
	at := l.At
	if l.Delivery != nil {
		at = l.Position
	}
	position, err := ParsePosition(at)
	if err != nil {
		return err
	}
	if l.Delivery != nil {
		if j.all[l.ID] == nil {
			j.order = append(j.order, l.ID)
		}
		j.all[l.ID] = l.Delivery
		if len(j.order) >= j.tidyAt {
			j.forget()
			j.tidyAt = 2*len(j.order) + finishedMax
		}
	}
	j.lines++
	j.begun = true
	if (l.Delivery == nil || l.State != Pending) && j.finished.Before(position) {
		j.finished = position
	}
	return nil
}

// write adds a line, durably, or nothing of it.
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
		err = onDisk(j.file)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("write the journal: %w", err), j.file.Truncate(j.size))
	}
	if err := j.take(l); err != nil {
		return err
	}
	j.size += int64(len(text))
	return nil
}

// compact writes what is remembered anew.
func (j *journal) compact() error {
	if err := j.isInPlace(); err != nil {
		return err
	}
	j.forget()
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
		return fmt.Errorf("write the journal anew: %w", err)
	}
	file, err := os.OpenFile(j.path, os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("open the journal: %w", err)
	}
	err = j.file.Close()
	j.file, j.size, j.lines = file, int64(len(text)), len(j.order)+1
	return err
}

var errRemoved = errors.New("the journal was taken away")

// isInPlace reports an error if the file is no longer the endpoint's, which was
// removed: another of that name has nothing to do with it.
func (j *journal) isInPlace() error {
	ours, err := j.file.Stat()
	if err != nil {
		return err
	}
	if at, err := os.Stat(j.path); err != nil || !os.SameFile(ours, at) {
		return errors.Join(errRemoved, err)
	}
	return nil
}

// forget drops the oldest of what is finished, as far as there is too much of it.
func (j *journal) forget() {
	count := make(map[State]int)
	for _, d := range j.all {
		count[d.State]++
	}
	most := map[State]int{Delivered: finishedMax, GivenUp: givenUpMax}
	j.order = slices.DeleteFunc(j.order, func(id string) bool {
		state := j.all[id].State
		if state == Pending || count[state] <= most[state] {
			return false
		}
		count[state]--
		delete(j.all, id)
		return true
	})
}

func (j *journal) close() error { return j.file.Close() }

// Deliveries returns what the journal of an endpoint says, the oldest first, also
// while a node writes it. A state of "" is every one.
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
