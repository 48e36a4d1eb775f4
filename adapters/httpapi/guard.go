package httpapi

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"github.com/google/uuid"

	"authledger/access"
	"authledger/domain"
)

// call is one request: who asks, and of whom.
type call struct {
	*node
	route   *route
	caller  *access.Caller // nil where nobody is asked who they are
	token   string         // that proved it, for asking again
	id      string         // of the request
	purpose string         // of a reveal
	reveal  bool
}

// guard is everything that stands before a route: it tells who asks, whether they
// may, and afterwards how it went.
func (s *Server) guard(to *route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		begun := time.Now()
		c := &call{route: to, id: requestID(r)}
		answer := &answer{ResponseWriter: w}
		answer.Header().Set("X-Request-Id", c.id)
		answer.Header().Set("X-Content-Type-Options", "nosniff")
		answer.Header().Set("Cache-Control", "no-store")
		defer s.ended(c, answer, begun)
		if err := s.serve(c, answer, r); err != nil {
			s.refuse(c, answer, err)
		}
	})
}

func (s *Server) serve(c *call, w *answer, r *http.Request) error {
	if err := s.admit(c, r); err != nil {
		return err
	}
	if !c.route.always {
		if c.node = s.node.Load(); c.node == nil {
			return &problem{status: http.StatusServiceUnavailable, kind: notReady, retryAfter: retryOpening, detail: "the ledger is being opened: ask /readyz"}
		}
	}
	if c.route.read {
		if err := s.prepareRead(c, w, r); err != nil {
			return err
		}
	}
	return c.route.serve(s, c, w, r)
}

// admit finds out who asks, and whether the route is theirs.
func (s *Server) admit(c *call, r *http.Request) error {
	if c.route.right == "" && !c.route.commands {
		return limited(s.limits.address(r.RemoteAddr))
	}
	if err := s.identify(c, r); err != nil {
		return err
	}
	if c.route.right != "" && !c.caller.Role.May(c.route.right) {
		return &access.Denied{Says: "the role " + string(c.caller.Role) + " may not " + string(c.route.right)}
	}
	if c.route.commands && !givesCommands(c.caller.Role) {
		return &access.Denied{Says: "the role " + string(c.caller.Role) + " may give no commands"}
	}
	if c.route.commands {
		return nil // whoever reads them counts them
	}
	return limited(s.limits.credential(c.caller, 1))
}

func (s *Server) identify(c *call, r *http.Request) (err error) {
	if known, ok := r.Context().Value(knownCaller{}).(*access.Caller); ok {
		c.caller = known
		return nil
	}
	if s.options.Tokens == nil {
		c.caller = access.OpenCaller()
		return nil
	}
	var ok bool
	if c.token, ok = bearer(r); ok {
		if c.caller, err = s.options.Tokens.Caller(c.token); err == nil {
			return nil
		}
	}
	if err := limited(s.limits.address(r.RemoteAddr)); err != nil {
		return err
	}
	detail := "show a token: Authorization: Bearer …"
	if errors.Is(err, access.ErrNoToken) || errors.Is(err, access.ErrExpired) {
		detail = "the token is unknown, revoked or has expired: ask the operator for another"
	} else if err != nil {
		s.options.Log.Error("the tokens can't be read, nobody is let in", "cause", err)
		detail = "the tokens can't be read, so nobody is let in: see the node's log"
	}
	return &problem{status: http.StatusUnauthorized, kind: unauthorized, detail: detail}
}

// stillAdmitted reports whether a long answer may go on: a token that was revoked
// ends it.
func (s *Server) stillAdmitted(c *call) bool {
	if s.options.Tokens == nil {
		return true
	}
	caller, err := s.options.Tokens.Caller(c.token)
	return err == nil && caller.Role.May(c.route.right)
}

func bearer(r *http.Request) (string, bool) {
	scheme, token, ok := strings.Cut(r.Header.Get("Authorization"), " ")
	return token, ok && strings.EqualFold(scheme, "Bearer") && len(r.Header["Authorization"]) == 1
}

func limited(wait time.Duration) error {
	if wait == 0 {
		return nil
	}
	return &problem{status: http.StatusTooManyRequests, kind: tooManyRequests, retryAfter: wait, detail: "too many requests: ask again later"}
}

// requestIDMax bounds a client's own id of a request, in bytes.
const requestIDMax = 128

// requestID is the client's, if it can stand in a log as it is.
func requestID(r *http.Request) string {
	if id := r.Header.Get("X-Request-Id"); len(id) <= requestIDMax && domain.WrongID(id) == "" {
		return id
	}
	return uuid.Must(uuid.NewV7()).String()
}

// answer is a response, and what came of it.
type answer struct {
	http.ResponseWriter
	status int // 0 until it begins
}

func (a *answer) WriteHeader(status int) {
	if a.status == 0 {
		a.status = status
	}
	a.ResponseWriter.WriteHeader(status)
}

func (a *answer) Write(b []byte) (int, error) {
	if a.status == 0 {
		a.status = http.StatusOK
	}
	return a.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController reach the connection.
func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }

// refuse writes what went wrong. Of an answer that has begun the connection is
// broken instead, so that nobody takes the part for the whole.
func (s *Server) refuse(c *call, w *answer, err error) {
	p := problemOf(err)
	if p.status == http.StatusInternalServerError {
		s.options.Log.Error("a request went wrong", "request", c.id, "route", c.route.path, "cause", causes(err))
	}
	if w.status != 0 {
		s.options.Log.Warn("an answer was cut short", "request", c.id, "route", c.route.path, "kind", p.kind)
		panic(http.ErrAbortHandler)
	}
	if p.status == statusGone {
		// For the log. Who only stopped sending still reads, and silence would be 200.
		w.status = statusGone
		p = &problem{status: http.StatusServiceUnavailable, kind: p.kind, retryAfter: retryBusy, detail: p.detail}
		p.write(w.ResponseWriter, c.id)
		return
	}
	p.write(w, c.id)
}

// causes are what err was made of in the end, without what it was wrapped in on its
// way: an operation may name its subject there, and the log hears of nobody.
func causes(err error) []string {
	switch outer := err.(type) {
	case interface{ Unwrap() error }:
		if inner := outer.Unwrap(); inner != nil {
			return causes(inner)
		}
	case interface{ Unwrap() []error }:
		var all []string
		for _, inner := range outer.Unwrap() {
			all = append(all, causes(inner)...)
		}
		return all
	}
	return []string{err.Error()}
}

// ended tells the log and the metrics. Neither hears of whom it was.
func (s *Server) ended(c *call, w *answer, begun time.Time) {
	broken := recover()
	if broken != nil && broken != http.ErrAbortHandler {
		s.options.Log.Error("a request panicked", "request", c.id, "route", c.route.path, "stack", string(debug.Stack()))
		if broken = http.ErrAbortHandler; w.status == 0 { // it can still be told
			(&problem{status: http.StatusInternalServerError, kind: internal}).write(w, c.id)
			broken = nil
		}
	}
	if w.status == 0 {
		w.status = http.StatusOK
	}
	took := time.Since(begun)
	s.options.Observe.Request(c.route.method+" "+c.route.path, w.status, took)
	level := slog.LevelDebug
	if w.status >= http.StatusBadRequest {
		level = slog.LevelInfo
	}
	name := ""
	if c.caller != nil {
		name = c.caller.Name
	}
	s.options.Log.Log(context.Background(), level, "request", "request", c.id, "route", c.route.method+" "+c.route.path, "status", w.status, "took", took, "caller", name)
	if broken != nil {
		panic(broken)
	}
}
