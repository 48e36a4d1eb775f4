package httpapi

import (
	"net/http"
	"strconv"
	"time"

	"github.com/google/uuid"

	"authledger/domain"
	"authledger/eventstore/wire"
)

// Headers of the login gate. What asks for the gate sets the first four, what
// guards the page passes the attempt on to it.
const (
	loginUserHeader     = "X-Login-User"
	loginPlatformHeader = "X-Login-Platform" // default client_portal
	loginAddressHeader  = "X-Login-Address"  // of the client, recorded sealed
	loginAttemptHeader  = "X-Login-Attempt"  // made up unless it is given
	loginReasonHeader   = "X-Login-Reason"
	loginLeftHeader     = "X-Login-Remaining"
	gatePlatform        = "client_portal"
)

// gateLogin is login.begin for proxies that can ask with headers only, and
// understand 200 and 403 only (nginx auth_request): it reserves an attempt before
// the page behind sees a password (LOGIN-2, LOCK-6). The page reports login.finish
// under the attempt that it is told. Whatever else goes wrong is no 200, so the
// proxy lets nobody in.
func (s *Server) gateLogin(c *call, w *answer, r *http.Request) error {
	begin, err := gateAttempt(r.Header)
	if err != nil {
		return err
	}
	verdict, err := s.decide(c, r.Context(), domain.Command{
		Source: c.caller.Source, ID: uuid.Must(uuid.NewV7()).String(), Stamped: true, Data: begin,
	})
	if err != nil {
		return err
	}
	s.writeGate(w, begin.Attempt, &verdict)
	return nil
}

func (s *Server) writeGate(w *answer, attempt string, v *domain.Verdict) {
	h := w.Header()
	result, _ := v.Result.(*domain.LoginResult) // of nobody's attempt there is none
	if v.Status != domain.Accepted {
		h.Set(loginReasonHeader, string(v.Reason))
		if end := gateEnd(result); !end.IsZero() {
			h.Set("Retry-After", seconds(end.Sub(s.options.Now())))
		}
		w.WriteHeader(http.StatusForbidden)
		return
	}
	h.Set(loginAttemptHeader, attempt)
	h.Set(loginLeftHeader, strconv.FormatInt(result.Remaining, 10))
	w.WriteHeader(http.StatusOK)
}

// gateEnd is when it is worth trying again, zero if nothing but a release helps.
func gateEnd(r *domain.LoginResult) time.Time {
	if r == nil {
		return time.Time{}
	}
	if r.Locked {
		return r.Until
	}
	return r.RetryAfter
}

// gateAttempt reads who wants to log in. A header that is there twice was set by
// the proxy and by its client: neither is believed.
func gateAttempt(h http.Header) (*domain.LoginBegin, error) {
	begin := &domain.LoginBegin{Platform: gatePlatform}
	for _, at := range []struct {
		header string
		text   *string
	}{{loginUserHeader, &begin.User}, {loginPlatformHeader, &begin.Platform}, {loginAddressHeader, &begin.IP}, {loginAttemptHeader, &begin.Attempt}} {
		switch values := h.Values(at.header); {
		case len(values) > 1:
			return nil, bad("%s is there more than once: let the proxy set it", at.header)
		case len(values) == 1 && values[0] != "":
			*at.text = values[0]
		}
	}
	if begin.Attempt == "" {
		begin.Attempt = uuid.Must(uuid.NewV7()).String()
	}
	// A header is judged as a member of a command is.
	data, rejection := wire.ReadTyped(begin.CommandType(), wire.AppendData(nil, begin))
	if rejection != nil {
		return nil, bad("%s: %s", rejection.Field, rejection.Detail)
	}
	return data.(*domain.LoginBegin), nil
}
