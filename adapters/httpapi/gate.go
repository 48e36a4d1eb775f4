package httpapi

import (
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"authledger/adapters/httpapi/apidoc"
	"authledger/domain"
	"authledger/domain/access"
	"authledger/eventstore/wire"
)

// Headers of the login gate, see package apidoc.
const (
	loginUserHeader      = apidoc.LoginUserHeader
	loginPlatformHeader  = apidoc.LoginPlatformHeader
	loginAddressHeader   = apidoc.LoginAddressHeader
	loginAttemptHeader   = apidoc.LoginAttemptHeader
	loginReasonHeader    = apidoc.LoginReasonHeader
	loginRemainingHeader = apidoc.LoginRemainingHeader
	gatePlatform         = apidoc.GatePlatform
)

// gateChallenge makes a browser prompt for a user name and a password (RFC 7617).
const gateChallenge = `Basic realm="Sign in", charset="UTF-8"`

// gateRoute accepts all methods other than GET and POST, because Envoy and Traefik pass on
// the method of the guarded request.
var gateRoute = route{method: "*", path: gatePath, right: access.Gate, serve: (*Server).gateLogin}

// gateLogin decides login.begin for a proxy that sends headers only (nginx auth_request):
// it reserves an attempt before the page receives a password (LOGIN-2, LOCK-6). The page
// then submits login.finish with the attempt id in the answer. The answer does not depend
// on the method of the request. A request without a user name gets 401 with a Basic
// challenge, and the ledger records nothing: the visitor's browser prompts for the name,
// then the proxy sends another request. The gate never answers a failure with 200, so that
// the proxy denies the guarded request.
func (s *Server) gateLogin(c *call, w *answer, r *http.Request) error {
	begin, err := gateAttempt(r.Header)
	if err != nil {
		return err
	}
	if begin == nil {
		return &problem{status: http.StatusUnauthorized, kind: unauthorized, challenge: gateChallenge, detail: "sign in: the request has no " + loginUserHeader}
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
	result, _ := v.Result.(*domain.LoginResult) // nil for a verdict without a user
	if v.Status != domain.Accepted {
		h.Set(loginReasonHeader, string(v.Reason))
		if end := gateEnd(result); !end.IsZero() {
			h.Set("Retry-After", seconds(end.Sub(s.options.Now())))
		}
		w.WriteHeader(http.StatusForbidden)
		return
	}
	h.Set(loginAttemptHeader, attempt)
	h.Set(loginRemainingHeader, strconv.FormatInt(result.Remaining, 10))
	w.WriteHeader(http.StatusOK)
}

// gateEnd returns the earliest instant at which another attempt can be accepted. It returns
// the zero time if the lockout ends only by a release.
func gateEnd(r *domain.LoginResult) time.Time {
	if r == nil {
		return time.Time{}
	}
	if r.Locked {
		return r.Until
	}
	return r.RetryAfter
}

// gateAttempt returns the attempt that the headers describe, nil if they hold no user
// name. An invalid address counts as absent, because no decision depends on the address and
// the attempt must be decided.
func gateAttempt(h http.Header) (*domain.LoginBegin, error) {
	begin := &domain.LoginBegin{Platform: gatePlatform}
	for _, at := range []struct {
		header string
		text   *string
	}{{loginUserHeader, &begin.User}, {loginPlatformHeader, &begin.Platform}, {loginAddressHeader, &begin.IP}, {loginAttemptHeader, &begin.Attempt}} {
		if value := h.Get(at.header); value != "" {
			*at.text = value
		}
	}
	if begin.User == "" {
		return nil, nil
	}
	begin.IP = gateAddress(begin.IP)
	if begin.Attempt == "" {
		begin.Attempt = uuid.Must(uuid.NewV7()).String()
	}
	// The values of the headers must pass the same checks as the members of a command.
	data, rejection := wire.ReadTyped(begin.CommandType(), wire.AppendData(nil, begin))
	if rejection != nil {
		return nil, bad("%s: %s", rejection.Field, rejection.Detail)
	}
	return data.(*domain.LoginBegin), nil
}

// gateAddress returns the client's address in the forms that proxies send: an address,
// host:port, [v6], or a list such as X-Forwarded-For. The last element of a list is the
// address that the proxy itself added; the client can forge the earlier elements. It
// returns "" for any other text, such as "unix:" and "unknown".
func gateAddress(text string) string {
	text = strings.TrimSpace(text[strings.LastIndex(text, ",")+1:])
	if at, err := netip.ParseAddrPort(text); err == nil {
		return at.Addr().String()
	}
	if inner, ok := strings.CutPrefix(text, "["); ok {
		text = strings.TrimSuffix(inner, "]")
	}
	if _, err := netip.ParseAddr(text); err != nil {
		return ""
	}
	return text
}
