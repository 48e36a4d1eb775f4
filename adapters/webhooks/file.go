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
	"syscall"
	"time"

	"authledger/durable"
)

// What a data directory holds of webhooks.
const (
	fileName = "webhooks.json"
	dirName  = "webhooks" // journals
)

// fileBytesMax bounds what is read of a file of endpoints.
const fileBytesMax = 1 << 20

// Endpoints are those in a data directory. A running node notices a change. It is
// safe for use by several processes.
type Endpoints struct {
	dir string
	now func() time.Time
}

// OpenEndpoints names the data directory. Nothing is read yet.
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
		return nil, fmt.Errorf("read the endpoints in %s: it is not as it was written", s.path())
	}
	for i := range list {
		if err := list[i].check(); err != nil {
			return nil, fmt.Errorf("read the endpoints in %s: %s: %w", s.path(), list[i].Name, err)
		}
	}
	return list, nil
}

// Add makes an endpoint with a secret of its own, which is returned with it. Nothing
// is left for it of another of its name whose removal a crash has cut short.
func (s *Endpoints) Add(e Endpoint) (Endpoint, error) {
	e.Secret, e.Made = newSecret(), s.now().UTC()
	if len(e.Types) == 0 {
		e.Types = Usual()
	}
	if err := e.check(); err != nil {
		return e, &SpecError{err}
	}
	return e, s.change(func(list []Endpoint) ([]Endpoint, error) {
		if len(list) >= endpointsMax {
			return nil, fmt.Errorf("there are %d endpoints: remove one", len(list))
		}
		if slices.ContainsFunc(list, func(o Endpoint) bool { return o.Name == e.Name }) {
			return nil, fmt.Errorf("there is an endpoint named %s: remove it, or take another name", e.Name)
		}
		if err := s.forget(e.Name); err != nil {
			return nil, err
		}
		list = append(list, e)
		slices.SortFunc(list, func(a, b Endpoint) int { return strings.Compare(a.Name, b.Name) })
		return list, nil
	}, func() error { return nil })
}

// Rotate gives an endpoint a new secret, which is returned with it. The former signs
// beside it for a while, or not at all any more.
func (s *Endpoints) Rotate(name string, atOnce bool) (rotated Endpoint, err error) {
	return rotated, s.change(func(list []Endpoint) ([]Endpoint, error) {
		i := slices.IndexFunc(list, func(e Endpoint) bool { return e.Name == name })
		if i < 0 {
			return nil, fmt.Errorf("there is no endpoint named %s: see webhook ls", name)
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

// FormerFor is how long a secret signs beside its successor.
const FormerFor = 24 * time.Hour

func newSecret() string {
	var random [secretBytes]byte
	rand.Read(random[:]) // it never fails: it ends the process
	return secretPrefix + base64.StdEncoding.EncodeToString(random[:])
}

// SpecError is about what a new endpoint was to be.
type SpecError struct{ Err error }

func (e *SpecError) Error() string { return e.Err.Error() }
func (e *SpecError) Unwrap() error { return e.Err }

// Remove ends an endpoint and what is kept of it.
func (s *Endpoints) Remove(name string) error {
	return s.change(func(list []Endpoint) ([]Endpoint, error) {
		left := slices.DeleteFunc(slices.Clone(list), func(e Endpoint) bool { return e.Name == name })
		if len(left) == len(list) {
			return nil, fmt.Errorf("there is no endpoint named %s: see webhook ls", name)
		}
		return left, nil
	}, func() error { return s.forget(name) })
}

func (s *Endpoints) forget(name string) error {
	for _, path := range []string{journalPath(s.dir, name), againPath(s.dir, name)} {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("remove what is kept of %s: %w", name, err)
		}
	}
	return nil
}

func (s *Endpoints) path() string { return filepath.Join(s.dir, fileName) }

// change changes the list, and then does something before anybody else changes it.
func (s *Endpoints) change(of func([]Endpoint) ([]Endpoint, error), then func() error) error {
	return durable.Alone(s.path(), func() error {
		list, err := s.List()
		if err == nil {
			list, err = of(list)
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

// Changed tells one state of the file from another.
func (s *Endpoints) Changed() (stamp string, err error) {
	var at syscall.Stat_t
	err = syscall.Stat(s.path(), &at)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	return fmt.Sprint(at.Ino, at.Size, at.Ctim), err
}

func readFile(path string) ([]byte, error) {
	at, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if at.Size() > fileBytesMax {
		return nil, fmt.Errorf("%s has more than %d bytes", path, fileBytesMax)
	}
	return os.ReadFile(path)
}
