package signins

import (
	"crypto/sha256"
	"time"
)

// SessionsHeld is the number of sessions that an [Order] remembers in each of two
// generations, in at most 100 MB together. It drops the least recently used
// generation first. The next sign-in of a dropped session counts as its first.
const SessionsHeld = 512 << 10

// sessionSlack is the maximum time by which the first use of a session may precede its
// sign-in in the events, because the clocks of a gateway's nodes differ.
const sessionSlack = 10 * time.Second

// sessionHash is the hash of a session or an event id. It takes 16 bytes.
type sessionHash [16]byte

// sessionUse is the kind of use of a session that an event shows.
type sessionUse uint8

const (
	noSession      sessionUse = iota
	sessionSignIn             // a user signs in to the session, or to one more application in it
	sessionUsed               // the session exists
	sessionStarted            // the session starts, and no credential was checked
	sessionEnded
)

// sessionMark holds the facts that one event shows about a session.
type sessionMark struct {
	use     sessionUse
	checked bool // the event shows that a credential was checked
	starts  bool // the event starts the session, so no sign-in came before
	session sessionHash
	at      time.Time
}

// kind returns the reason for which a sign-in that continues a session is passed
// over.
func (m *sessionMark) kind() Kind {
	if m.starts {
		return OtherProvider // no sign-in came before, so a provider started the session
	}
	return SessionContinued
}

// sessionState holds the facts that earlier events showed about a session.
type sessionState struct {
	since int64       // earliest use, in nanoseconds since 1970
	first sessionHash // the event that signed the user in, zero if no event did
}

// sessions is the set of known sessions. It is not safe for concurrent use.
type sessions struct {
	most          int
	recent, older map[sessionHash]sessionState
}

func newSessions(most int) *sessions {
	return &sessions{most: most, recent: make(map[sessionHash]sessionState)}
}

// hashSession returns the hash of a session of a tenant. Both may contain any byte.
func hashSession(tenant, session string) sessionHash {
	digest := sha256.Sum256([]byte(tenant + "\x00" + session))
	return sessionHash(digest[:len(sessionHash{})])
}

// recordUse records that a session existed at an instant.
func (s *sessions) recordUse(m *sessionMark) {
	at := m.at
	if m.use == sessionStarted {
		at = at.Add(-sessionSlack) // a sign-in immediately afterwards continues the session
	}
	state, ok := s.state(m.session)
	if nano := at.UnixNano(); !ok || nano < state.since {
		state.since = nano
	}
	s.keep(m.session, state)
}

// continues reports whether a sign-in continues a session, so that the gateway
// checked no credential. The caller calls it in the order of time. The id identifies
// the event, because a file may contain an event twice.
func (s *sessions) continues(m *sessionMark, id string) bool {
	event := hashSession("", id)
	state, ok := s.state(m.session)
	known := ok && !m.starts && state.first != sessionHash{} && state.first != event
	used := ok && state.first == sessionHash{} && m.at.Add(-sessionSlack).UnixNano() >= state.since
	if known || used {
		return !m.checked
	}
	s.keep(m.session, sessionState{since: m.at.UnixNano(), first: event})
	return false
}

// end removes a session. A later sign-in starts it again.
func (s *sessions) end(session sessionHash) {
	delete(s.recent, session)
	delete(s.older, session)
}

// state returns the state of a session, and makes the session recently used.
func (s *sessions) state(session sessionHash) (sessionState, bool) {
	if state, ok := s.recent[session]; ok {
		return state, true
	}
	state, ok := s.older[session]
	if ok {
		s.keep(session, state)
	}
	return state, ok
}

func (s *sessions) keep(session sessionHash, state sessionState) {
	if _, ok := s.recent[session]; !ok && len(s.recent) >= s.most {
		s.older, s.recent = s.recent, make(map[sessionHash]sessionState)
	}
	s.recent[session] = state
}
