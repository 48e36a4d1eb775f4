package access

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/nats-io/nkeys"

	"authledger/domain"
)

// Limits of tokens.
const (
	tokensMax      = 10_000
	nameBytesMax   = 64
	personsMax     = 1_000
	ExpiresDefault = 90 * 24 * time.Hour
	expiresMax     = 5 * 366 * 24 * time.Hour
	RateDefault    = 10_000    // commands or requests a second
	rateMax        = 1_000_000 // a second
	idBytes        = 8         // random, public: what a token is found by
	secretBytes    = 32        // random
	tokenPrefix    = "al_"
)

// Errors of showing a token.
var (
	// ErrNoToken: it is unknown, revoked, or none. Ask the operator for one.
	ErrNoToken = errors.New("access: no such token")
	// ErrExpired: it was right. Ask the operator for another.
	ErrExpired = errors.New("access: the token has expired")
)

// SpecError is about what a new token was to be.
type SpecError struct{ Err error }

func (e *SpecError) Error() string { return e.Err.Error() }
func (e *SpecError) Unwrap() error { return e.Err }

// Spec is what a new token is to be. Zero fields have defaults, but Name and Role.
type Spec struct {
	Name    string
	Role    Role
	Source  string // default <role>/<name>
	Persons []string
	Expires time.Time // default in [ExpiresDefault]
	Rate    int       // default [RateDefault]

	// NKey is the public part of a key, with which its holder connects over NATS;
	// "" for over HTTP alone.
	NKey string
}

// Token is a token as it is kept: without what proves it.
type Token struct {
	ID      string    `json:"id"`
	Name    string    `json:"name"`
	Role    Role      `json:"role"`
	Source  string    `json:"source"`
	Persons []string  `json:"persons,omitempty"`
	Made    time.Time `json:"made"`
	Expires time.Time `json:"expires"`
	Rate    int       `json:"rate"`
	NKey    string    `json:"nkey,omitempty"` // public
}

// complete fills in the defaults, and judges the rest.
func (s *Spec) complete(now time.Time) error {
	if s.Source == "" {
		s.Source = string(s.Role) + "/" + s.Name
	}
	if s.Expires.IsZero() {
		s.Expires = now.Add(ExpiresDefault)
	}
	if s.Rate == 0 {
		s.Rate = RateDefault
	}
	switch wrong := domain.WrongEnvelope(s.Source, domain.SourceBytesMax); {
	case domain.WrongID(s.Name) != "" || len(s.Name) > nameBytesMax:
		return fmt.Errorf("name: want 1 to %d letters, digits and . _ : -", nameBytesMax)
	case !slices.Contains(Roles(), s.Role):
		return fmt.Errorf("role: want one of %v", Roles())
	case wrong != "":
		return fmt.Errorf("source: %s", wrong)
	case domain.ReservedSource(s.Source):
		return errors.New("source: it is reserved for the ledger itself")
	case !s.Expires.After(now) || s.Expires.Sub(now) > expiresMax:
		return errors.New("expires: want a time to come, within five years")
	case s.Rate < 1 || s.Rate > rateMax:
		return fmt.Errorf("rate: want 1 to %d a second", rateMax)
	case s.NKey != "" && !nkeys.IsValidPublicUserKey(s.NKey):
		return errors.New("nkey: want the public key of a NATS user, U and 55 letters and digits")
	case s.NKey != "" && strings.Contains(s.Name, "."):
		return errors.New("name: want it without dots, which part the subjects of NATS")
	case len(s.Persons) > personsMax:
		return fmt.Errorf("persons: want at most %d", personsMax)
	}
	for _, p := range s.Persons {
		if wrong := domain.WrongID(p); p != Anyone && wrong != "" {
			return fmt.Errorf("person: %s", wrong)
		}
	}
	return nil
}

// kept is a token in the file.
type kept struct {
	Token
	Hash string `json:"sha256"` // of the whole text, hexadecimal
}

// mint makes a token's text, and what is kept of it.
func mint(s *Spec, now time.Time) (text string, k kept) {
	var random [idBytes + secretBytes]byte
	rand.Read(random[:]) // it never fails: it ends the process
	id := hex.EncodeToString(random[:idBytes])
	text = tokenPrefix + id + "_" + base64.RawURLEncoding.EncodeToString(random[idBytes:])
	hash := sha256.Sum256([]byte(text))
	return text, kept{
		Token{id, s.Name, s.Role, s.Source, s.Persons, now.UTC().Truncate(time.Second), s.Expires.UTC(), s.Rate, s.NKey},
		hex.EncodeToString(hash[:]),
	}
}

// admission is a token as it is looked up.
type admission struct {
	caller  Caller
	hash    [sha256.Size]byte
	expires time.Time
}

// find looks a token up. It takes as long for one that isn't there as for one that
// is wrong.
func find(all map[string]*admission, text string, now time.Time) (*Caller, error) {
	found := &admission{}
	if id, _, ok := strings.Cut(strings.TrimPrefix(text, tokenPrefix), "_"); ok && all[id] != nil {
		found = all[id]
	}
	hash := sha256.Sum256([]byte(text))
	right := subtle.ConstantTimeCompare(hash[:], found.hash[:]) == 1
	switch {
	case !right:
		return nil, ErrNoToken
	case !now.Before(found.expires):
		return nil, ErrExpired
	}
	return &found.caller, nil
}

// lookups find tokens: by id, and those with a NATS key also by that and by name.
type lookups struct{ byID, byKey, byName map[string]*admission }

// admit makes the look-ups of what the file holds.
func admit(list []kept) (l lookups, _ error) {
	l = lookups{make(map[string]*admission, len(list)), make(map[string]*admission), make(map[string]*admission)}
	for i := range list {
		k := &list[i]
		a := &admission{Caller{k.Name, k.Role, k.Source, k.Persons, k.Rate}, [sha256.Size]byte{}, k.Expires}
		hash, err := hex.DecodeString(k.Hash)
		if copy(a.hash[:], hash); err != nil || len(hash) != len(a.hash) {
			return lookups{}, fmt.Errorf("the token %s has no SHA-256", k.Name)
		}
		if l.byID[k.ID] != nil || k.ID == "" || domain.WrongID(k.Name) != "" || !slices.Contains(Roles(), k.Role) || k.Rate < 1 {
			return lookups{}, fmt.Errorf("the token %s is not as it was written", k.Name)
		}
		l.byID[k.ID] = a
		if k.NKey == "" {
			continue
		}
		if l.byKey[k.NKey] != nil || l.byName[k.Name] != nil || strings.Contains(k.Name, ".") {
			return lookups{}, fmt.Errorf("the NATS key of %s is not as it was written", k.Name)
		}
		l.byKey[k.NKey], l.byName[k.Name] = a, a
	}
	return l, nil
}
