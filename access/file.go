package access

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
	"syscall"
	"time"

	"authledger/durable"
)

// fileBytesMax bounds the file: ten thousand tokens take a quarter of it.
const fileBytesMax = 16 << 20

// Tokens are the tokens in a file, which need not exist yet. It is safe for
// concurrent use, also by several processes.
type Tokens struct {
	path string
	now  func() time.Time

	seen    atomic.Pointer[loaded]
	loading sync.Mutex
}

// loaded is what the file held when it looked like that.
type loaded struct {
	look look
	lookups
	err error     // why nobody is let in
	at  time.Time // with err: when that was
}

// readAgain is after how long a file that could not be read is tried again, though it looks
// the same: it may have been this process that could not, for want of descriptors, say.
const readAgain = time.Second

// holds reports whether it is still what the file says.
func (l *loaded) holds(at look, now time.Time) bool {
	return l != nil && l.look == at && (l.err == nil || now.Sub(l.at).Abs() < readAgain)
}

// look is what tells one state of the file from another. It is replaced as a whole,
// so each has an inode of its own.
type look struct {
	inode   uint64
	size    int64
	changed syscall.Timespec
}

// OpenTokens names the file. It is read when it is needed.
func OpenTokens(path string, now func() time.Time) *Tokens { return &Tokens{path: path, now: now} }

// Caller is whose token a text is: [ErrNoToken], [ErrExpired], or an error of the
// file, in which case nobody is let in. What another process did to the file holds
// from the next call on.
func (t *Tokens) Caller(text string) (*Caller, error) {
	l, err := t.current()
	if err != nil {
		return nil, err
	}
	return find(l.byID, text, t.now())
}

// Holder is who holds a NATS key, as the server has made sure: the errors are those
// of Caller.
func (t *Tokens) Holder(key string) (*Caller, error) {
	l, err := t.current()
	if err != nil {
		return nil, err
	}
	return l.valid(l.byKey[key], t.now())
}

// Named is who holds the NATS key of a token by that name: the errors are those of
// Caller. Whoever asks knows from the server that it is them.
func (t *Tokens) Named(name string) (*Caller, error) { return t.NamedAt(name, t.now()) }

// NamedAt is Named as of an instant at which they were let in: what has expired since
// counts.
func (t *Tokens) NamedAt(name string, at time.Time) (*Caller, error) {
	l, err := t.current()
	if err != nil {
		return nil, err
	}
	return l.valid(l.byName[name], at)
}

func (l *loaded) valid(a *admission, now time.Time) (*Caller, error) {
	switch {
	case a == nil:
		return nil, ErrNoToken
	case !now.Before(a.expires):
		return nil, ErrExpired
	}
	return &a.caller, nil
}

func (t *Tokens) current() (*loaded, error) {
	at, err := lookAt(t.path)
	if err != nil {
		return nil, fmt.Errorf("look at the tokens: %w", err)
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
	t.seen.Store(l)
	return l, l.err
}

// lookAt is the zero look if there is no file.
func lookAt(path string) (look, error) {
	var s syscall.Stat_t
	err := syscall.Stat(path, &s)
	if errors.Is(err, fs.ErrNotExist) {
		return look{}, nil
	}
	return look{s.Ino, s.Size, s.Ctim}, err
}

func (t *Tokens) read() ([]kept, error) {
	f, err := os.Open(t.path)
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
		return nil, fmt.Errorf("it has more than %d bytes", fileBytesMax)
	}
	var list []kept
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&list); err != nil {
		return nil, err
	}
	if len(list) > tokensMax || d.More() {
		return nil, errors.New("it holds more than tokens")
	}
	return list, nil
}

// Add makes a token. The text is told here and never again.
func (t *Tokens) Add(s Spec) (text string, err error) {
	now := t.now()
	if err := s.complete(now); err != nil {
		return "", &SpecError{err}
	}
	return text, t.change(func(list []kept) ([]kept, error) {
		if len(list) >= tokensMax {
			return nil, fmt.Errorf("there are %d tokens: revoke one", len(list))
		}
		if s.NKey != "" && slices.ContainsFunc(list, func(k kept) bool { return k.NKey == s.NKey }) {
			return nil, errors.New("that NATS key belongs to another token: revoke it, or make another key")
		}
		if find := slices.IndexFunc(list, func(k kept) bool { return k.Name == s.Name }); find >= 0 {
			return nil, fmt.Errorf("there is a token named %s: revoke it, or take another name", s.Name)
		}
		var k kept
		text, k = mint(&s, now)
		return append(list, k), nil
	})
}

// List returns the tokens by name.
func (t *Tokens) List() ([]Token, error) {
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

// Revoke ends a token, at once.
func (t *Tokens) Revoke(name string) error {
	return t.change(func(list []kept) ([]kept, error) {
		left := slices.DeleteFunc(slices.Clone(list), func(k kept) bool { return k.Name == name })
		if len(left) == len(list) {
			return nil, fmt.Errorf("there is no token named %s: see token ls", name)
		}
		return left, nil
	})
}

// change replaces the file, alone among processes.
func (t *Tokens) change(of func([]kept) ([]kept, error)) error {
	return durable.Alone(t.path, func() error {
		list, err := t.read()
		if err != nil {
			return fmt.Errorf("read the tokens in %s: %w", t.path, err)
		}
		if _, err := admit(list); err != nil { // what can't be used is not made to last
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
