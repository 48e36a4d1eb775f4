package httpapi

import (
	"context"
	"net/http"
	"sync"

	"authledger/domain/access"
)

func (s *Server) getTokens(c *call, w *answer, r *http.Request) error {
	found, err := c.queries.Tokens(r.Context(), c.page())
	if err != nil {
		return err
	}
	return c.writeList(w, r, found)
}

func (s *Server) getWebhooks(c *call, w *answer, r *http.Request) error {
	found, err := c.queries.Webhooks(r.Context(), c.page())
	if err != nil {
		return err
	}
	return c.writeList(w, r, found)
}

// openStreams holds the open streams of callers with a token, so that a revocation ends them. It is
// safe for concurrent use.
type openStreams struct {
	mu  sync.Mutex
	end map[string]map[*call]context.CancelFunc // by the name of the token
}

// add keeps the function that ends a stream, until the caller of add calls remove.
func (o *openStreams) add(c *call, end context.CancelFunc) (remove func()) {
	if c.caller.Role == access.Local {
		return func() {}
	}
	name := c.caller.Name
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.end == nil {
		o.end = make(map[string]map[*call]context.CancelFunc)
	}
	if o.end[name] == nil {
		o.end[name] = make(map[*call]context.CancelFunc)
	}
	o.end[name][c] = end
	return func() {
		o.mu.Lock()
		defer o.mu.Unlock()
		if delete(o.end[name], c); len(o.end[name]) == 0 {
			delete(o.end, name)
		}
	}
}

// EndStreams ends the open streams of the token with a name. It does not wait for their ends. The
// caller has removed the token from the table before.
func (s *Server) EndStreams(name string) {
	s.live.mu.Lock()
	defer s.live.mu.Unlock()
	for _, end := range s.live.end[name] {
		end()
	}
}
