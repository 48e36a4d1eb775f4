package tokens

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
	"authledger/domain/access"
)

// Limits of tokens.
const (
	tokensMax      = 10_000
	nameBytesMax   = 64
	personsMax     = 1_000
	ExpiresDefault = 90 * 24 * time.Hour
	expiresMax     = 5 * 366 * 24 * time.Hour
	idBytes        = 8  // random and public; the key of the lookup
	secretBytes    = 32 // random
	tokenPrefix    = "al_"
)

// SpecError reports an invalid field of a [Spec].
type SpecError struct{ Err error }

func (e *SpecError) Error() string { return e.Err.Error() }
func (e *SpecError) Unwrap() error { return e.Err }

// Spec describes a new token. Zero fields have defaults, except Name and Role.
type Spec struct {
	Name    string
	Role    access.Role
	Source  string    // default <role>/<name>
	Persons []string  // persons that commands of the caller may name, see [access.Caller]
	Expires time.Time // default: [ExpiresDefault] after the creation
	Rate    int       // default [access.RateDefault]

	// NKey is the public part of the nkey with which the caller connects over NATS, "" for a
	// caller that uses HTTP only.
	NKey string
}

// Token is a token as List returns it, without its secret.
type Token struct {
	ID      string      `json:"id"`
	Name    string      `json:"name"`
	Role    access.Role `json:"role"`
	Source  string      `json:"source"`
	Persons []string    `json:"persons,omitempty"`
	Made    time.Time   `json:"made"`
	Expires time.Time   `json:"expires"`
	Rate    int         `json:"rate"`
	NKey    string      `json:"nkey,omitempty"` // public
}

// complete sets the defaults and checks all fields.
func (s *Spec) complete(now time.Time) error {
	if s.Source == "" {
		s.Source = string(s.Role) + "/" + s.Name
	}
	if s.Expires.IsZero() {
		s.Expires = now.Add(ExpiresDefault)
	}
	if s.Rate == 0 {
		s.Rate = access.RateDefault
	}
	switch wrong := domain.WrongEnvelope(s.Source, domain.SourceBytesMax); {
	case domain.WrongID(s.Name) != "" || len(s.Name) > nameBytesMax || s.Name[0] == '-':
		return fmt.Errorf("name: invalid value, accepted: 1 to %d characters of A-Z a-z 0-9 . _ : -, the first not -", nameBytesMax)
	case !slices.Contains(access.Roles(), s.Role):
		return fmt.Errorf("role: want one of %v", access.Roles())
	case wrong != "":
		return fmt.Errorf("source: %s", wrong)
	case domain.ReservedSource(s.Source), strings.HasPrefix(strings.ToLower(strings.TrimSpace(s.Source)), domain.LocalPrefix):
		return errors.New("source: it is reserved for the ledger itself")
	case !s.Expires.After(now) || s.Expires.Sub(now) > expiresMax:
		return errors.New("expires: invalid value, want a future time within five years")
	case s.Rate < 1 || s.Rate > access.RateMax:
		return fmt.Errorf("rate: want 1 to %d a second", access.RateMax)
	case s.NKey != "" && !nkeys.IsValidPublicUserKey(s.NKey):
		return errors.New("nkey: want the public key of a NATS user, U and 55 letters and digits")
	case s.NKey != "" && strings.Contains(s.Name, "."):
		return errors.New("name: invalid value, a token with an nkey needs a name without dots, because dots separate the parts of NATS subjects")
	case len(s.Persons) > personsMax:
		return fmt.Errorf("persons: want at most %d", personsMax)
	}
	for _, p := range s.Persons {
		if wrong := domain.WrongID(p); p != access.Anyone && wrong != "" {
			return fmt.Errorf("person: %s", wrong)
		}
		if p[0] == '-' {
			return errors.New("person: invalid value, an id must not begin with -")
		}
	}
	return nil
}

// kept is the entry of a token in the file of tokens.
type kept struct {
	Token
	Hash string `json:"sha256"` // of the text of the token, in hexadecimal digits
}

// mint creates the text of a token, and the entry for the file.
func mint(s *Spec, now time.Time) (text string, k kept) {
	var random [idBytes + secretBytes]byte
	rand.Read(random[:]) // returns no error: a failure of the random generator ends the process
	id := hex.EncodeToString(random[:idBytes])
	text = tokenPrefix + id + "_" + base64.RawURLEncoding.EncodeToString(random[idBytes:])
	hash := sha256.Sum256([]byte(text))
	return text, kept{
		Token{id, s.Name, s.Role, s.Source, s.Persons, now.UTC().Truncate(time.Second), s.Expires.UTC(), s.Rate, s.NKey},
		hex.EncodeToString(hash[:]),
	}
}

// admission is a token in memory.
type admission struct {
	caller  access.Caller
	hash    [sha256.Size]byte
	expires time.Time
}

// find returns the caller of a token. It takes the same time for an unknown token as for a
// wrong one.
func find(all map[string]*admission, text string, now time.Time) (*access.Caller, error) {
	found := &admission{}
	if id, _, ok := strings.Cut(strings.TrimPrefix(text, tokenPrefix), "_"); ok && all[id] != nil {
		found = all[id]
	}
	hash := sha256.Sum256([]byte(text))
	right := subtle.ConstantTimeCompare(hash[:], found.hash[:]) == 1
	switch {
	case !right:
		return nil, access.ErrNoToken
	case !now.Before(found.expires):
		return nil, access.ErrExpired
	}
	return &found.caller, nil
}

// lookups finds tokens by id, and tokens with an nkey also by that key and by name.
type lookups struct{ byID, byKey, byName map[string]*admission }

// admit builds the lookups from the entries of the file.
func admit(list []kept) (l lookups, _ error) {
	l = lookups{make(map[string]*admission, len(list)), make(map[string]*admission), make(map[string]*admission)}
	for i := range list {
		k := &list[i]
		a := &admission{access.Caller{Name: k.Name, Role: k.Role, Source: k.Source, Persons: k.Persons, Rate: k.Rate, Created: k.Made}, [sha256.Size]byte{}, k.Expires}
		hash, err := hex.DecodeString(k.Hash)
		if copy(a.hash[:], hash); err != nil || len(hash) != len(a.hash) {
			return lookups{}, fmt.Errorf("the token %s has no SHA-256", k.Name)
		}
		if l.byID[k.ID] != nil || k.ID == "" || domain.WrongID(k.Name) != "" || !slices.Contains(access.Roles(), k.Role) || k.Rate < 1 {
			return lookups{}, fmt.Errorf("the entry of the token %s is invalid", k.Name)
		}
		l.byID[k.ID] = a
		if k.NKey == "" {
			continue
		}
		if l.byKey[k.NKey] != nil || l.byName[k.Name] != nil || strings.Contains(k.Name, ".") {
			return lookups{}, fmt.Errorf("the NATS key of the token %s is invalid or occurs twice", k.Name)
		}
		l.byKey[k.NKey], l.byName[k.Name] = a, a
	}
	return l, nil
}
