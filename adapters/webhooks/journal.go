package webhooks

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"
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
	lines int

	order    []string // ids, in the order in which they came
	all      map[string]*Delivery
	finished Position
	begun    bool // it says from where on
}

func journalPath(dir, name string) string { return filepath.Join(dir, dirName, name+".journal") }

// openJournal reads a journal and makes it ready to be written. A last line that was
// cut off was not written.
func openJournal(dir, name string) (*journal, error) {
	if err := os.MkdirAll(filepath.Join(dir, dirName), 0o700); err != nil {
		return nil, fmt.Errorf("make the directory of the journals: %w", err)
	}
	j := &journal{path: journalPath(dir, name), all: make(map[string]*Delivery)}
	whole, err := j.read()
	if err != nil {
		return nil, err
	}
	if j.file, err = os.OpenFile(j.path, os.O_CREATE|os.O_RDWR, 0o600); err != nil {
		return nil, fmt.Errorf("open the journal: %w", err)
	}
	err = j.file.Truncate(whole)
	if err == nil {
		_, err = j.file.Seek(whole, io.SeekStart)
	}
	if err = errors.Join(err, j.file.Sync(), syncDir(filepath.Dir(j.path))); err != nil {
		return nil, errors.Join(fmt.Errorf("open the journal: %w", err), j.file.Close())
	}
	return j, nil
}

// read takes all whole lines in, and returns where they end.
func (j *journal) read() (whole int64, err error) {
	text, err := os.ReadFile(j.path)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil || len(text) > journalBytesMax {
		return 0, fmt.Errorf("read the journal %s, which has at most %d bytes: %w", j.path, journalBytesMax, err)
	}
	for {
		end := bytes.IndexByte(text[whole:], '\n')
		if end < 0 {
			return whole, nil
		}
		l, err := readLine(text[whole : whole+int64(end)])
		if err != nil {
			return 0, fmt.Errorf("read the journal %s: line %d is not as it was written: move the file away, and the endpoint begins anew", j.path, j.lines+1)
		}
		if err := j.take(l); err != nil {
			return 0, fmt.Errorf("read the journal %s: line %d: %w", j.path, j.lines+1, err)
		}
		whole += int64(end) + 1
	}
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
	j.lines++
	at := l.At
	if l.Delivery != nil {
		at = l.Position
		if j.all[l.ID] == nil {
			j.order = append(j.order, l.ID)
		}
		j.all[l.ID] = l.Delivery
	}
	position, err := ParsePosition(at)
	if err != nil {
		return err
	}
	j.begun = true
	if (l.Delivery == nil || l.State != Pending) && j.finished.Before(position) {
		j.finished = position
	}
	return nil
}

// write adds a line, durably.
func (j *journal) write(l *line) error {
	text, err := appendLine(nil, l)
	if err != nil {
		return err
	}
	if _, err := j.file.Write(text); err != nil {
		return fmt.Errorf("write the journal: %w", err)
	}
	if err := j.file.Sync(); err != nil {
		return fmt.Errorf("write the journal: %w", err)
	}
	if err := j.take(l); err != nil {
		return err
	}
	if j.lines < linesMax {
		return nil
	}
	return j.compact()
}

// compact writes what is remembered anew.
func (j *journal) compact() error {
	j.forget()
	text, err := appendLine(nil, &line{At: j.finished.String()})
	for _, id := range j.order {
		if err == nil {
			text, err = appendLine(text, &line{Delivery: j.all[id]})
		}
	}
	if err == nil {
		err = replace(j.path, text)
	}
	if err != nil {
		return fmt.Errorf("write the journal anew: %w", err)
	}
	file, err := os.OpenFile(j.path, os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return fmt.Errorf("open the journal: %w", err)
	}
	err = j.file.Close()
	j.file, j.lines = file, len(j.order)+1
	return err
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
	if _, err := j.read(); err != nil {
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
