package webhooks

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"authledger/eventstore/durable"
)

// Files of webhooks in a data directory.
const (
	fileName = "webhooks.json"
	dirName  = "webhooks" // contains the journals and the queues of redeliveries
)

// fileBytesMax is the maximum size of the list of endpoints.
const fileBytesMax = 1 << 20

// Endpoints is the list of endpoints in a data directory. A running node applies its
// changes. It is safe for use by several processes.
type Endpoints struct {
	dir string
	now func() time.Time
}

// OpenEndpoints returns the list of a data directory. It reads no file.
func OpenEndpoints(dir string, now func() time.Time) *Endpoints { return &Endpoints{dir, now} }

// List returns the endpoints by name, secrets included.
func (s *Endpoints) List() ([]Endpoint, error) {
	text, err := readFile(s.path())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the endpoints: %w", err)
	}
	var list []Endpoint
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&list); err != nil || len(list) > endpointsMax {
		return nil, fmt.Errorf("read the endpoints in %s: invalid JSON, an unknown member, or more than %d endpoints", s.path(), endpointsMax)
	}
	for i := range list {
		if err := list[i].check(); err != nil {
			return nil, fmt.Errorf("read the endpoints in %s: %s: %w", s.path(), list[i].Name, err)
		}
	}
	return list, nil
}

// Add adds an endpoint with a new secret, and returns it with the secret. Add deletes
// the files of a former endpoint of that name, whose removal a crash may have
// interrupted. It returns a *[SpecError] for an invalid endpoint.
func (s *Endpoints) Add(e Endpoint) (Endpoint, error) {
	e.Secret, e.Made = newSecret(), s.now().UTC()
	if len(e.Types) == 0 {
		e.Types = DefaultTypes()
	}
	if err := e.check(); err != nil {
		return e, &SpecError{err}
	}
	return e, s.change(func(list []Endpoint) ([]Endpoint, error) {
		if len(list) >= endpointsMax {
			return nil, fmt.Errorf("add endpoint: %d endpoints exist, the maximum: remove one first", len(list))
		}
		if slices.ContainsFunc(list, func(o Endpoint) bool { return o.Name == e.Name }) {
			return nil, fmt.Errorf("endpoint %s already exists: remove it, or use another name", e.Name)
		}
		if err := s.deleteFiles(e.Name); err != nil {
			return nil, err
		}
		list = append(list, e)
		slices.SortFunc(list, func(a, b Endpoint) int { return strings.Compare(a.Name, b.Name) })
		return list, nil
	}, func() error { return nil })
}

// Rotate gives an endpoint a new secret, and returns the endpoint with it. The former
// secret also signs for [FormerFor]. If atOnce is true, the former secret is deleted at
// once.
func (s *Endpoints) Rotate(name string, atOnce bool) (rotated Endpoint, err error) {
	return rotated, s.change(func(list []Endpoint) ([]Endpoint, error) {
		i := slices.IndexFunc(list, func(e Endpoint) bool { return e.Name == name })
		if i < 0 {
			return nil, errNotFound(name)
		}
		e := &list[i]
		e.Former, e.FormerUntil = e.Secret, s.now().UTC().Add(FormerFor)
		if atOnce {
			e.Former, e.FormerUntil = "", time.Time{}
		}
		e.Secret = newSecret()
		rotated = *e
		return list, nil
	}, func() error { return nil })
}

// FormerFor is the duration for which a former secret signs after a rotation.
const FormerFor = 24 * time.Hour

func newSecret() string {
	var random [secretBytes]byte
	rand.Read(random[:]) // never returns an error; a failure ends the process
	return secretPrefix + base64.StdEncoding.EncodeToString(random[:])
}

// SpecError reports an invalid endpoint.
type SpecError struct{ Err error }

func (e *SpecError) Error() string { return e.Err.Error() }
func (e *SpecError) Unwrap() error { return e.Err }

// Remove removes an endpoint and deletes its journal and its queue.
func (s *Endpoints) Remove(name string) error {
	return s.change(func(list []Endpoint) ([]Endpoint, error) {
		remaining := slices.DeleteFunc(slices.Clone(list), func(e Endpoint) bool { return e.Name == name })
		if len(remaining) == len(list) {
			return nil, errNotFound(name)
		}
		return remaining, nil
	}, func() error { return s.deleteFiles(name) })
}

func errNotFound(name string) error {
	return fmt.Errorf("endpoint %s not found: list the endpoints with webhook ls", name)
}

func (s *Endpoints) deleteFiles(name string) error {
	for _, path := range []string{journalPath(s.dir, name), redrivesPath(s.dir, name)} {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("delete the files of endpoint %s: %w", name, err)
		}
	}
	return nil
}

func (s *Endpoints) path() string { return filepath.Join(s.dir, fileName) }

// change replaces the list by the result of update and returns the result of then, which it
// calls last. It holds a lock that excludes other processes.
func (s *Endpoints) change(update func([]Endpoint) ([]Endpoint, error), then func() error) error {
	return durable.Alone(s.path(), func() error {
		list, err := s.List()
		if err == nil {
			list, err = update(list)
		}
		if err != nil {
			return err
		}
		text, err := json.MarshalIndent(list, "", " ")
		if err != nil {
			return err
		}
		if err := durable.Replace(s.path(), append(text, '\n')); err != nil {
			return err
		}
		return then()
	})
}

// Changed returns the stamp of the file. It differs after each change of the list.
func (s *Endpoints) Changed() (durable.Stamp, error) { return durable.StampOf(s.path()) }

func readFile(path string) ([]byte, error) {
	at, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if at.Size() > fileBytesMax {
		return nil, fmt.Errorf("%s is larger than %d bytes", path, fileBytesMax)
	}
	return durable.ReadFile(path)
}
