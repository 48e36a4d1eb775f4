package tokens

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"authledger/domain"
	"authledger/domain/access"
	"authledger/eventstore/durable"
)

// fileBytesMax is the maximum size of a file of tokens or callers, in bytes. Ten thousand tokens
// need about a quarter of it.
const fileBytesMax = 16 << 20

// NATSCaller is a caller with a NATS key, as callers.json holds it.
type NATSCaller struct {
	Name    string      `json:"name"`
	Role    access.Role `json:"role"`
	Source  string      `json:"source"`
	Persons []string    `json:"persons,omitempty"`
	Made    time.Time   `json:"made"`
	Expires time.Time   `json:"expires"`
	Rate    int         `json:"rate"`
	NKey    string      `json:"nkey"` // public
}

// WriteCallers replaces the file of callers at a path.
func WriteCallers(path string, all []NATSCaller) error {
	if all == nil {
		all = []NATSCaller{}
	}
	text, err := json.MarshalIndent(all, "", " ")
	if err != nil {
		return fmt.Errorf("write the NATS callers: %w", err)
	}
	if err := durable.Replace(path, append(text, '\n')); err != nil {
		return fmt.Errorf("write the NATS callers: %w", err)
	}
	return nil
}

// CallersFile is the file of callers that a node writes for a separate NATS server. Each method
// reads the file again if its stamp has changed. A missing file has no callers. A CallersFile is
// safe for concurrent use.
type CallersFile struct {
	path string
	now  func() time.Time

	seen    atomic.Pointer[loaded]
	loading sync.Mutex
}

// OpenCallers returns the file of callers at a path. It reads nothing.
func OpenCallers(path string, now func() time.Time) *CallersFile {
	return &CallersFile{path: path, now: now}
}

// loaded is the content of the file at one stamp.
type loaded struct {
	look          durable.Stamp
	byKey, byName map[string]*admission
	err           error     // of reading the file; nil if the maps are valid
	at            time.Time // instant of reading the file
}

// rereadAfter is the time after which a CallersFile reads an unreadable file again although the
// stamp of the file has not changed, because a temporary fault may have caused the error.
const rereadAfter = time.Second

// holds reports whether l is still valid for a file with the stamp at.
func (l *loaded) holds(at durable.Stamp, now time.Time) bool {
	return l != nil && l.look == at && (l.err == nil || now.Sub(l.at).Abs() < rereadAfter)
}

// Holder returns the caller with a public NATS key. Its errors are [access.ErrNoToken],
// [access.ErrExpired], and the error of reading the file.
func (f *CallersFile) Holder(key string) (*access.Caller, error) {
	l, err := f.current()
	if err != nil {
		return nil, err
	}
	return l.byKey[key].valid(f.now())
}

// Named returns the caller with a name. The errors are those of Holder.
func (f *CallersFile) Named(name string) (*access.Caller, error) { return f.NamedAt(name, f.now()) }

// NamedAt is like [Table.NamedAt]. The errors are those of Holder.
func (f *CallersFile) NamedAt(name string, at time.Time) (*access.Caller, error) {
	l, err := f.current()
	if err != nil {
		return nil, err
	}
	return l.byName[name].valid(at)
}

func (f *CallersFile) current() (*loaded, error) {
	at, err := durable.StampOf(f.path)
	if err != nil {
		return nil, fmt.Errorf("get the state of the file of NATS callers: %w", err)
	}
	now := f.now()
	if l := f.seen.Load(); l.holds(at, now) {
		return l, l.err
	}
	f.loading.Lock()
	defer f.loading.Unlock()
	if l := f.seen.Load(); l.holds(at, now) {
		return l, l.err
	}
	l := &loaded{look: at, at: now, byKey: make(map[string]*admission), byName: make(map[string]*admission)}
	var list []NATSCaller
	err = readList(f.path, &list)
	if err == nil {
		err = l.admit(list)
	}
	if err != nil {
		l.err = fmt.Errorf("read the NATS callers in %s: %w", f.path, err)
	}
	if durable.IsShortage(err) {
		return l, l.err // not cached: the process was short of descriptors, and the file may be valid
	}
	f.seen.Store(l)
	return l, l.err
}

func (l *loaded) admit(list []NATSCaller) error {
	for _, c := range list {
		if domain.WrongID(c.Name) != "" || strings.Contains(c.Name, ".") || c.NKey == "" || c.Rate < 1 ||
			!slices.Contains(access.Roles(), c.Role) || l.byKey[c.NKey] != nil || l.byName[c.Name] != nil {
			return fmt.Errorf("the entry of the caller %s is invalid", c.Name)
		}
		a := admissionOf(&domain.Token{
			Name: c.Name, Role: string(c.Role), Source: c.Source, NKey: c.NKey, Rate: int64(c.Rate), Made: c.Made, Expires: c.Expires, Persons: c.Persons,
		})
		l.byKey[c.NKey], l.byName[c.Name] = a, a
	}
	return nil
}

// readList decodes the list in a file strictly. A missing file has an empty list.
func readList[T any](path string, to *[]T) error {
	f, err := durable.Open(path, os.O_RDONLY)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close() // only read from
	text, err := io.ReadAll(io.LimitReader(f, fileBytesMax+1))
	if err != nil {
		return err
	}
	if len(text) > fileBytesMax {
		return fmt.Errorf("invalid value: the file has more than %d bytes", fileBytesMax)
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(to); err != nil {
		return err
	}
	if len(*to) > domain.TokensMax || d.More() {
		return fmt.Errorf("invalid value: the file has more than %d entries, or data after the list", domain.TokensMax)
	}
	return nil
}
