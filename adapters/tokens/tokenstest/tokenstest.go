// Package tokenstest adds tokens to a table without a ledger, and writes the file of tokens of an
// older version. Only tests use it. It checks no rule about tokens: package domain does.
//
// # Decisions
//
//   - Tests of an adapter add a token to its table directly. Given up: a ledger with a record for
//     each token, which would slow these tests down and shift the numbers of their records.
package tokenstest

import (
	"cmp"
	"encoding/json"
	"os"
	"slices"
	"time"

	"authledger/adapters/tokens"
	"authledger/domain"
	"authledger/domain/access"
)

// Spec describes a token. Zero fields have the defaults of config.token_add, except Name and Role.
type Spec struct {
	Name    string
	Role    access.Role
	Source  string
	Persons []string
	Expires time.Time
	Rate    int
	NKey    string
}

// Table is a table whose tokens have no records.
type Table struct {
	*tokens.Table
	now   func() time.Time
	added []domain.Token
}

// New returns a table without tokens.
func New(now func() time.Time) *Table { return &Table{Table: tokens.NewTable(now), now: now} }

// Add adds a token and returns its text.
func (t *Table) Add(s Spec) (text string, err error) {
	text, hash := tokens.New()
	l := s.legacy(t.now(), hash)
	t.added = append(t.added, domain.Token{
		Name: l.Name, Role: l.Role, Source: l.Source, Hash: l.Hash, NKey: l.NKey, Rate: l.Rate, Made: l.Made, Expires: l.Expires, Persons: l.Persons,
	})
	return text, t.Put(&t.added[len(t.added)-1])
}

// At returns a table with the added tokens and another clock.
func (t *Table) At(now func() time.Time) *Table {
	other := New(now)
	other.added = slices.Clone(t.added)
	for i := range other.added {
		if err := other.Put(&other.added[i]); err != nil {
			panic(err) // Add has accepted the token
		}
	}
	return other
}

func (s *Spec) legacy(now time.Time, hash string) tokens.Legacy {
	l := tokens.Legacy{
		ID: hash[:16], Name: s.Name, Role: string(s.Role), Source: cmp.Or(s.Source, string(s.Role)+"/"+s.Name), Persons: s.Persons,
		Made: now.UTC().Truncate(time.Second), Expires: s.Expires, Rate: int64(cmp.Or(s.Rate, access.RateDefault)), NKey: s.NKey, Hash: hash,
	}
	if l.Expires.IsZero() {
		l.Expires = l.Made.Add(domain.TokenExpiresDefault)
	}
	return l
}

// WriteLegacy writes tokens as an older version stored them, and returns their texts.
func WriteLegacy(path string, now time.Time, all ...Spec) (texts []string, err error) {
	var list []tokens.Legacy
	for i := range all {
		text, hash := tokens.New()
		texts, list = append(texts, text), append(list, all[i].legacy(now, hash))
	}
	file, err := json.MarshalIndent(list, "", " ")
	if err != nil {
		return nil, err
	}
	return texts, os.WriteFile(path, append(file, '\n'), 0o600)
}
