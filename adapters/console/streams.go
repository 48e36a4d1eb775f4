package console

import (
	"context"
	"sync"
)

// streams holds the open streams of sessions, so that the end of a session or of a token ends them. It
// is safe for concurrent use.
type streams struct {
	mu  sync.Mutex
	all map[*openStream]struct{}
}

// openStream is an open stream, with the session and the name of the token to which it belongs.
type openStream struct {
	session, token string
	end            context.CancelFunc
}

// add keeps a stream, until the caller of add calls remove.
func (s *streams) add(o *openStream) (remove func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.all == nil {
		s.all = make(map[*openStream]struct{})
	}
	s.all[o] = struct{}{}
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.all, o)
	}
}

// endOf ends the streams of a session or of a token. It does not wait for their ends.
func (s *streams) endOf(session, token string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for o := range s.all {
		if o.session != "" && (o.session == session || o.token == token) {
			o.end()
		}
	}
}

// EndStreams ends the open streams of the token with a name. The caller has removed the token from the
// table before.
func (s *Server) EndStreams(token string) { s.streams.endOf("", token) }
