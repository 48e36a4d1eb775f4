// Package sessions stores the sessions of persons who have signed in to the console with a
// token, and the open streams of the sessions. The table is in memory, so a restart of the node ends
// all sessions.
//
// The package checks no token and no right. The console checks the token of a session at
// each request, so a revocation ends the session.
//
// # Decisions
//
//   - A session stores its token, because the right way to check a token is the function that
//     checks the tokens of the API. Given up: a memory that contains no secret.
//   - The table is indexed by the SHA-256 of the session id. A lookup then takes a time that
//     depends on the hash only, and a copy of the table contains no id.
//   - A full table ends the session that was idle longest. Given up: a client with many valid
//     tokens can end the sessions of other persons.
package sessions

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"sync"
	"time"
)

// Limits of sessions.
const (
	IdleMax        = 30 * time.Minute // without a request
	AgeMax         = 12 * time.Hour   // from the sign-in
	sessionsMax    = 4096
	ofCallerMax    = 32 // sessions of one caller
	idBytes        = 32 // random
	idEncodedBytes = 43 // of an id in base64 without padding
)

// Session is one session.
type Session struct {
	Token  string // token with which the person signed in
	Caller string // name of the caller of that token

	id            [sha256.Size]byte
	started, used time.Time
	viewed        time.Time // begin of the verification in the last call of View
}

// Table holds sessions. It is safe for concurrent use.
type Table struct {
	now func() time.Time

	mu  sync.Mutex
	all map[[sha256.Size]byte]*Session
}

// New returns an empty table. The function now is its clock.
func New(now func() time.Time) *Table {
	return &Table{now: now, all: make(map[[sha256.Size]byte]*Session)}
}

// Start adds a session and returns its id, which is a secret of the person's browser.
func (t *Table) Start(token, caller string) (id string) {
	var random [idBytes]byte
	rand.Read(random[:]) // returns no error: a failure of the random generator ends the process
	id = base64.RawURLEncoding.EncodeToString(random[:])
	t.mu.Lock()
	defer t.mu.Unlock()
	t.makeSpace(caller)
	now := t.now()
	hash := sha256.Sum256([]byte(id))
	t.all[hash] = &Session{Token: token, Caller: caller, id: hash, started: now, used: now}
	return id
}

// Find returns the session with an id and renews its idle time. It reports false for an
// unknown id and for a session that has expired.
func (t *Table) Find(id string) (Session, bool) { return t.find(id, true) }

// Peek returns the session with an id as Find does, but does not renew its idle time.
func (t *Table) Peek(id string) (Session, bool) { return t.find(id, false) }

func (t *Table) find(id string, renew bool) (Session, bool) {
	if len(id) != idEncodedBytes {
		return Session{}, false
	}
	hash := sha256.Sum256([]byte(id))
	t.mu.Lock()
	defer t.mu.Unlock()
	s := t.all[hash]
	if s == nil || subtle.ConstantTimeCompare(s.id[:], hash[:]) != 1 {
		return Session{}, false
	}
	now := t.now()
	if s.isOver(now) {
		delete(t.all, hash)
		return Session{}, false
	}
	if renew {
		s.used = now
	}
	return *s, true
}

// View stores in a session that its person has viewed the verification that began at an instant.
func (t *Table) View(id string, begun time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if s := t.all[sha256.Sum256([]byte(id))]; s != nil {
		s.viewed = begun
	}
}

// HasViewed reports whether the last call of View for a session had the same instant.
func (t *Table) HasViewed(id string, begun time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := t.all[sha256.Sum256([]byte(id))]
	return s != nil && !begun.IsZero() && s.viewed.Equal(begun)
}

// End removes the session with an id.
func (t *Table) End(id string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.all, sha256.Sum256([]byte(id)))
}

// Len returns the number of stored sessions.
func (t *Table) Len() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.all)
}

func (s *Session) isOver(now time.Time) bool {
	return now.Sub(s.used) > IdleMax || now.Sub(s.started) > AgeMax
}

// makeSpace removes expired sessions. If the caller or the table then still has the maximum
// number of sessions, makeSpace removes the session that was idle longest.
func (t *Table) makeSpace(caller string) {
	now := t.now()
	ofCaller := 0
	var oldest, oldestOfCaller *Session
	for hash, s := range t.all {
		if s.isOver(now) {
			delete(t.all, hash)
			continue
		}
		if oldest == nil || s.used.Before(oldest.used) {
			oldest = s
		}
		if s.Caller != caller {
			continue
		}
		ofCaller++
		if oldestOfCaller == nil || s.used.Before(oldestOfCaller.used) {
			oldestOfCaller = s
		}
	}
	switch {
	case ofCaller >= ofCallerMax:
		delete(t.all, oldestOfCaller.id)
	case len(t.all) >= sessionsMax:
		delete(t.all, oldest.id)
	}
}
