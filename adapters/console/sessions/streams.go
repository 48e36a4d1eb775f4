package sessions

import (
	"context"
	"sync"
)

// Streams holds the open streams of sessions, so that the end of a session or of a token ends them. The
// zero value is empty. It is safe for concurrent use.
type Streams struct {
	mu  sync.Mutex
	all map[*stream]struct{}
}

// stream is an open stream, with the id of its session and the name of its token.
type stream struct {
	session, token string
	end            context.CancelFunc
}

// Add holds a stream until its caller calls remove. The session is "" for a visitor without a session.
func (s *Streams) Add(session, token string, end context.CancelFunc) (remove func()) {
	added := &stream{session, token, end}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.all == nil {
		s.all = make(map[*stream]struct{})
	}
	s.all[added] = struct{}{}
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.all, added)
	}
}

// EndOf ends the streams of a session or of a token. It does not wait for their ends.
func (s *Streams) EndOf(session, token string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for each := range s.all {
		if each.session != "" && (each.session == session || each.token == token) {
			each.end()
		}
	}
}
