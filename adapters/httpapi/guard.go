package httpapi

import (
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"

	"authledger/domain"
	"authledger/domain/access"
	"authledger/domain/operations"
)

// call is one request with its caller and the parameters of its operation.
type call struct {
	*node                  // nil on public routes
	route   *route         //
	caller  *access.Caller // nil on public routes
	token   string         // token that authenticated the caller; "" over other transports
	id      string         // request id, in the log and in problems
	values  operations.Values
	moment  *moment // of the query; nil until [Server.moment] has resolved it
	format  string  // media type of the answer to a list
	tag     string  // of the answer to a list
	purpose string  // reason of the read, "" for none
	reveal  bool    // the caller may see sealed members in clear text

	deliveries Page // that the operation lists; nil for other operations

	backfill bool // the caller is local, and its commands record the past

	// hasUnreadBody reports that the server has not read the body of the request. An error
	// then closes the connection, because net/http would otherwise read and discard the
	// body before it sends the answer.
	hasUnreadBody bool
}

// guard returns the handler of a route. The handler authenticates and authorizes the
// caller, applies the limits, calls the handler of the route, and writes the log and the
// metrics.
func (s *Server) guard(to *route) http.Handler {
	return guarded(func(w http.ResponseWriter, r *http.Request) {
		begun := time.Now()
		c := &call{route: to, id: requestID(r), hasUnreadBody: r.ContentLength != 0 && !isFromTransport(r)}
		answer := &answer{ResponseWriter: w, call: c}
		answer.Header().Set(requestIDHeader, c.id)
		answer.Header().Set("X-Content-Type-Options", "nosniff")
		answer.Header().Set("Cache-Control", "no-store")
		defer s.finish(c, answer, r, begun)
		if err := s.serve(c, answer, r); err != nil {
			s.writeError(c, answer, err)
		}
	})
}

// isFromTransport reports whether [Server.ServeAs] received r.
func isFromTransport(r *http.Request) bool {
	_, ok := r.Context().Value(callerKey{}).(*access.Caller)
	return ok
}

// guarded is a handler that [Server.guard] returned.
type guarded func(http.ResponseWriter, *http.Request)

// ServeHTTP implements [http.Handler].
func (g guarded) ServeHTTP(w http.ResponseWriter, r *http.Request) { g(w, r) }

// serve runs the steps of a request in order: authenticate, authorize, limit, parse the
// parameters, record the read if required, and call the handler of the route.
func (s *Server) serve(c *call, w *answer, r *http.Request) error {
	if s.options.Tokens == nil && !isFromTransport(r) && !(Hosts{}).accept(r.Host) {
		return misdirectedRequest
	}
	if err := s.admit(c, r); err != nil {
		return err
	}
	if err := requireSingleHeaders(r.Header); err != nil {
		return err
	}
	if !c.route.isPublic {
		if c.node = s.node.Load(); c.node == nil {
			return &problem{status: http.StatusServiceUnavailable, kind: notReady, retryAfter: retryOpening, detail: "the node is opening the ledger: see /readyz for the progress"}
		}
	}
	if c.route.operation != nil {
		if err := c.parseParameters(r); err != nil {
			return err
		}
		if c.route.operation.IsList() {
			if err := c.chooseFormat(w, r); err != nil {
				return err
			}
		}
		if c.route.operation.ReadsLedger {
			err := s.prepareRead(c, w, r)
			if errors.Is(err, errFinished) {
				w.WriteHeader(http.StatusNoContent) // an EventSource stops at 204
				return nil
			}
			if err != nil {
				return err
			}
			return s.serveQuery(c, w, r)
		}
	}
	return c.route.serve(s, c, w, r)
}

// admit authenticates the caller, checks the right of the route, and charges one request.
func (s *Server) admit(c *call, r *http.Request) error {
	if c.route.right == "" && !c.route.takesCommands {
		return limited(s.limits.address(r.RemoteAddr))
	}
	if err := s.authenticate(c, r); err != nil {
		return err
	}
	if c.route.right != "" && !c.caller.Role.May(c.route.right) {
		return denied(c.caller.Role, c.route.right)
	}
	if c.route.takesCommands && !c.caller.Role.MaySubmit() {
		return &access.Denied{Text: "the role " + string(c.caller.Role) + " may not submit commands"}
	}
	if err := c.readBackfill(r.Header); err != nil {
		return err
	}
	return limited(s.limits.credential(c.caller, 1))
}

// readBackfill reads the header Backfill of a local caller. The server ignores the header for
// other callers.
func (c *call) readBackfill(h http.Header) error {
	value := h.Get(backfillHeader)
	if c.caller.Role != access.Local || value == "" {
		return nil
	}
	if value != "true" && value != "false" {
		return bad("%s: invalid value, want true or false", backfillHeader)
	}
	c.backfill = value == "true"
	return nil
}

func denied(role access.Role, right access.Right) error {
	return &access.Denied{Text: "the role " + string(role) + " may not " + string(right)}
}

// rejectToken rejects a token in the request of a local caller. The socket ignores it, so a
// proxy that forwards requests to the socket would give each of its clients every right.
func rejectToken(caller *access.Caller, h http.Header) error {
	if caller.Role != access.Local || len(h.Values(authorizationHeader)) == 0 {
		return nil
	}
	return &access.Denied{Text: "the local socket accepts no token: send requests with a token to the address of the node"}
}

// authenticate sets the caller from the context of another transport or from the token.
func (s *Server) authenticate(c *call, r *http.Request) (err error) {
	if known, ok := r.Context().Value(callerKey{}).(*access.Caller); ok {
		c.caller = known
		return rejectToken(known, r.Header)
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
	if err := requireSingleHeaders(r.Header); err != nil {
		return err
	}
	detail := "missing token: send the header Authorization: Bearer TOKEN"
	if errors.Is(err, access.ErrNoToken) || errors.Is(err, access.ErrExpired) {
		detail = "the token is unknown, revoked or expired: get another one from the operator"
	}
	return &problem{status: http.StatusUnauthorized, kind: unauthorized, detail: detail}
}

// isStillAuthorized reports whether a stream may continue. It returns false after the
// token was revoked or has expired. A local caller has no token.
func (s *Server) isStillAuthorized(c *call) bool {
	if s.options.Tokens == nil || c.caller.Role == access.Local {
		return true
	}
	caller, err := s.options.Tokens.Caller(c.token)
	return err == nil && caller.Role.May(c.route.right)
}

func bearer(r *http.Request) (string, bool) {
	scheme, token, ok := strings.Cut(r.Header.Get(authorizationHeader), " ")
	return token, ok && strings.EqualFold(scheme, "Bearer") && len(r.Header.Values(authorizationHeader)) == 1
}

func limited(wait time.Duration) error {
	if wait == 0 {
		return nil
	}
	return &problem{status: http.StatusTooManyRequests, kind: tooManyRequests, retryAfter: wait, detail: "the caller exceeds its rate: retry later"}
}

// requestIDMax is the maximum length of a client's request id, in bytes.
const requestIDMax = 128

// requestID returns the client's request id if it is safe in a log, otherwise a new id.
func requestID(r *http.Request) string {
	if id := r.Header.Get(requestIDHeader); len(r.Header.Values(requestIDHeader)) == 1 && len(id) <= requestIDMax && domain.WrongID(id) == "" {
		return id
	}
	return uuid.Must(uuid.NewV7()).String()
}
