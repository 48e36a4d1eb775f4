package tokens

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"authledger/domain"
	"authledger/domain/access"
)

const (
	idBytes     = 8  // random and public
	secretBytes = 32 // random
	tokenPrefix = "al_"
)

// New returns the text of a new token, and its SHA-256 in hexadecimal digits.
func New() (text, hash string) {
	var seed [64]byte
	rand.Read(seed[:]) // returns no error: a failure of the random generator ends the process
	return FromSeed(seed)
}

// FromSeed returns the text of the token of a random seed, and its SHA-256 in hexadecimal digits.
func FromSeed(seed [64]byte) (text, hash string) {
	random := seed[:idBytes+secretBytes]
	text = tokenPrefix + hex.EncodeToString(random[:idBytes]) + "_" + base64.RawURLEncoding.EncodeToString(random[idBytes:])
	sum := sha256.Sum256([]byte(text))
	return text, hex.EncodeToString(sum[:])
}

// Table holds the tokens of a realm. It is safe for concurrent use.
type Table struct {
	now func() time.Time

	mu     sync.RWMutex
	byName map[string]*admission
	byHash map[[sha256.Size]byte]*admission
	byKey  map[string]*admission // by NATS key
}

// admission is a token in memory.
type admission struct {
	caller  access.Caller
	hash    [sha256.Size]byte // unset in a [CallersFile]
	nkey    string
	expires time.Time
}

// NewTable returns a table without tokens.
func NewTable(now func() time.Time) *Table {
	return &Table{
		now: now, byName: make(map[string]*admission), byHash: make(map[[sha256.Size]byte]*admission), byKey: make(map[string]*admission),
	}
}

// Put adds a token, or replaces the token with its name.
func (t *Table) Put(k *domain.Token) error {
	a := admissionOf(k)
	hash, err := hex.DecodeString(k.Hash)
	if copy(a.hash[:], hash); err != nil || len(hash) != len(a.hash) {
		return fmt.Errorf("admit the token %s: invalid value: it has no SHA-256", k.Name)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.remove(k.Name)
	t.byName[k.Name], t.byHash[a.hash] = a, a
	if k.NKey != "" {
		t.byKey[k.NKey] = a
	}
	return nil
}

func admissionOf(k *domain.Token) *admission {
	return &admission{
		caller: access.Caller{
			Name: k.Name, Role: access.Role(k.Role), Source: k.Source, Persons: slices.Clone(k.Persons), Rate: int(k.Rate), Created: k.Made,
		},
		nkey: k.NKey, expires: k.Expires,
	}
}

// Remove removes the token with a name. It does nothing for an unknown name.
func (t *Table) Remove(name string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.remove(name)
}

func (t *Table) remove(name string) {
	if a := t.byName[name]; a != nil {
		delete(t.byName, name)
		delete(t.byHash, a.hash)
		delete(t.byKey, a.nkey)
	}
}

// Caller returns the caller to whom the token belongs. Its errors are [access.ErrNoToken] and
// [access.ErrExpired].
func (t *Table) Caller(text string) (*access.Caller, error) {
	hash := sha256.Sum256([]byte(text))
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.byHash[hash].valid(t.now())
}

// Holder returns the caller whose token has the given public NATS key. The NATS server has
// verified that the caller has the private key. Its errors are those of Caller.
func (t *Table) Holder(key string) (*access.Caller, error) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.byKey[key].valid(t.now())
}

// Named returns the caller of the token with a name and a NATS key. The NATS server has verified
// that the sender has that key. The errors are those of Caller.
func (t *Table) Named(name string) (*access.Caller, error) { return t.NamedAt(name, t.now()) }

// NamedAt is like Named for a message that was sent at an earlier instant. It accepts a
// token that was valid at that instant and has expired since. It rejects a token that was
// revoked since.
func (t *Table) NamedAt(name string, at time.Time) (*access.Caller, error) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.byName[name].withKey().valid(at)
}

// withKey returns a if its caller has a NATS key, nil otherwise.
func (a *admission) withKey() *admission {
	if a == nil || a.nkey == "" {
		return nil
	}
	return a
}

func (a *admission) valid(now time.Time) (*access.Caller, error) {
	switch {
	case a == nil:
		return nil, access.ErrNoToken
	case !now.Before(a.expires):
		return nil, access.ErrExpired
	}
	return &a.caller, nil
}

// NATSCallers returns the tokens that have a NATS key, by name and without their hashes.
func (t *Table) NATSCallers() []NATSCaller {
	t.mu.RLock()
	defer t.mu.RUnlock()
	var all []NATSCaller
	for _, a := range t.byName {
		if c := &a.caller; a.nkey != "" {
			all = append(all, NATSCaller{c.Name, c.Role, c.Source, c.Persons, c.Created, a.expires, c.Rate, a.nkey})
		}
	}
	slices.SortFunc(all, func(a, b NATSCaller) int { return strings.Compare(a.Name, b.Name) })
	return all
}
