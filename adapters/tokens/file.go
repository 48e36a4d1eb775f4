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

	"authledger/domain/access"
	"authledger/eventstore/durable"
)

// fileBytesMax is the maximum size of the file. Ten thousand tokens need about a quarter of
// it.
const fileBytesMax = 16 << 20

// File is the file of tokens of a ledger. The file need not exist. A File is safe for
// concurrent use, also by several processes.
type File struct {
	path string
	now  func() time.Time

	seen    atomic.Pointer[loaded]
	loading sync.Mutex
}

// loaded is the content of the file at one stamp.
type loaded struct {
	look durable.Stamp
	lookups
	err error     // of reading the file; nil if the lookups are valid
	at  time.Time // instant of reading the file
}

// rereadAfter is the time after which a File reads an unreadable file again although the
// stamp of the file has not changed, because a temporary fault may have caused the error.
const rereadAfter = time.Second

// holds reports whether l is still valid for a file with the stamp at.
func (l *loaded) holds(at durable.Stamp, now time.Time) bool {
	return l != nil && l.look == at && (l.err == nil || now.Sub(l.at).Abs() < rereadAfter)
}

// Open returns the file of tokens at a path. It does not read the file: each method reads
// the file if its stamp has changed.
func Open(path string, now func() time.Time) *File { return &File{path: path, now: now} }

// Caller returns the caller to whom the token belongs. Its errors are [access.ErrNoToken],
// [access.ErrExpired], and the error of reading the file. A change of the file by another
// process takes effect at the next call.
func (t *File) Caller(text string) (*access.Caller, error) {
	l, err := t.current()
	if err != nil {
		return nil, err
	}
	return find(l.byID, text, t.now())
}

// Holder returns the caller whose token has the given public NATS key. The NATS server has
// verified that the caller has the private key. Its errors are those of Caller.
func (t *File) Holder(key string) (*access.Caller, error) {
	l, err := t.current()
	if err != nil {
		return nil, err
	}
	return l.valid(l.byKey[key], t.now())
}

// Named returns the caller of the token with a name. The NATS server has verified that the
// sender has the key of that token. The errors are those of Caller.
func (t *File) Named(name string) (*access.Caller, error) { return t.NamedAt(name, t.now()) }

// NamedAt is like Named for a message that was sent at an earlier instant. It accepts a
// token that was valid at that instant and has expired since. It rejects a token that was
// revoked since.
func (t *File) NamedAt(name string, at time.Time) (*access.Caller, error) {
	l, err := t.current()
	if err != nil {
		return nil, err
	}
	return l.valid(l.byName[name], at)
}

func (l *loaded) valid(a *admission, now time.Time) (*access.Caller, error) {
	switch {
	case a == nil:
		return nil, access.ErrNoToken
	case !now.Before(a.expires):
		return nil, access.ErrExpired
	}
	return &a.caller, nil
}

func (t *File) current() (*loaded, error) {
	at, err := durable.StampOf(t.path)
	if err != nil {
		return nil, fmt.Errorf("get the state of the token file: %w", err)
	}
	now := t.now()
	if l := t.seen.Load(); l.holds(at, now) {
		return l, l.err
	}
	t.loading.Lock()
	defer t.loading.Unlock()
	if l := t.seen.Load(); l.holds(at, now) {
		return l, l.err
	}
	l := &loaded{look: at, at: now}
	list, err := t.read()
	if err == nil {
		l.lookups, err = admit(list)
	}
	if err != nil {
		l.err = fmt.Errorf("read the tokens in %s: %w", t.path, err)
	}
	if durable.IsShortage(err) {
		return l, l.err // not cached: the process was short of descriptors, and the file may be valid
	}
	t.seen.Store(l)
	return l, l.err
}

func (t *File) read() ([]kept, error) {
	f, err := durable.Open(t.path, os.O_RDONLY)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close() // only read from
	text, err := io.ReadAll(io.LimitReader(f, fileBytesMax+1))
	if err != nil {
		return nil, err
	}
	if len(text) > fileBytesMax {
		return nil, fmt.Errorf("invalid value: the file has more than %d bytes", fileBytesMax)
	}
	var list []kept
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&list); err != nil {
		return nil, err
	}
	if len(list) > tokensMax || d.More() {
		return nil, fmt.Errorf("invalid value: the file has more than %d tokens, or data after the list of tokens", tokensMax)
	}
	return list, nil
}

// Add creates a token. It returns the text of the token, which no other method returns.
func (t *File) Add(s Spec) (text string, err error) {
	now := t.now()
	if err := s.complete(now); err != nil {
		return "", &SpecError{err}
	}
	return text, t.change(func(list []kept) ([]kept, error) {
		if len(list) >= tokensMax {
			return nil, fmt.Errorf("got %d tokens, the maximum: revoke one", len(list))
		}
		if s.NKey != "" && slices.ContainsFunc(list, func(k kept) bool { return k.NKey == s.NKey }) {
			return nil, errors.New("that NATS key belongs to another token: revoke that token, or create another key")
		}
		if err := distinct(list, &s); err != nil {
			return nil, err
		}
		var k kept
		text, k = mint(&s, now)
		return append(list, k), nil
	})
}

// distinct rejects a name or a source that another token has. It ignores case, because
// records contain the caller and the source, and an auditor could take Portal and portal
// for the same caller.
func distinct(list []kept, s *Spec) error {
	for i := range list {
		switch k := &list[i]; {
		case k.Name == s.Name:
			return fmt.Errorf("a token named %s already exists: revoke it with `authledger token revoke`, or choose another name", s.Name)
		case strings.EqualFold(k.Name, s.Name):
			return fmt.Errorf("a token named %s already exists, and %s differs only in case: choose another name", k.Name, s.Name)
		case strings.EqualFold(k.Source, s.Source):
			return fmt.Errorf("the token %s already has the source %s: choose another one with --source, so that each record names one caller", k.Name, k.Source)
		}
	}
	return nil
}

// List returns the tokens by name.
func (t *File) List() ([]Token, error) {
	list, err := t.read()
	if err != nil {
		return nil, fmt.Errorf("read the tokens in %s: %w", t.path, err)
	}
	all := make([]Token, len(list))
	for i := range list {
		all[i] = list[i].Token
	}
	slices.SortFunc(all, func(a, b Token) int { return strings.Compare(a.Name, b.Name) })
	return all, nil
}

// Revoke removes a token. It takes effect at the next request.
func (t *File) Revoke(name string) error {
	return t.change(func(list []kept) ([]kept, error) {
		left := slices.DeleteFunc(slices.Clone(list), func(k kept) bool { return k.Name == name })
		if len(left) == len(list) {
			return nil, fmt.Errorf("there is no token named %s: list the tokens with `authledger token ls`", name)
		}
		return left, nil
	})
}

// change replaces the file. It holds a lock that excludes other processes.
func (t *File) change(of func([]kept) ([]kept, error)) error {
	return durable.Alone(t.path, func() error {
		list, err := t.read()
		if err != nil {
			return fmt.Errorf("read the tokens in %s: %w", t.path, err)
		}
		if _, err := admit(list); err != nil { // an error prevents the replacement of a damaged file
			return fmt.Errorf("read the tokens in %s: %w", t.path, err)
		}
		if list, err = of(list); err != nil {
			return err
		}
		text, err := json.MarshalIndent(list, "", " ")
		if err != nil {
			return err
		}
		if err := durable.Replace(t.path, append(text, '\n')); err != nil {
			return fmt.Errorf("write the tokens: %w", err)
		}
		return nil
	})
}
