package console

import (
	"context"
	"errors"
	"net/http"
	"runtime/debug"
	"strconv"
	"time"

	"github.com/google/uuid"

	"authledger/adapters/console/text"
	"authledger/domain/access"
	"authledger/domain/explain"
	"authledger/domain/operations"
	"authledger/domain/problems"
	"authledger/eventstore"
	"authledger/projections"
	"authledger/projections/queries"
)

// contentPolicy permits pages to load scripts, styles and images of the console only.
const contentPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; " +
	"connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

// Bounds of requests.
const (
	queryBytesMax = 2048     // bytes of the query string of a URL
	formBytesMax  = 16 << 10 // bytes of a form
)

// visit is one request.
type visit struct {
	*Server
	*Node   // nil before the ledger is open
	route   *route
	act     *act // of the path, nil for other pages
	w       *response
	r       *http.Request
	text    *text.Printer
	caller  *access.Caller // nil without a session
	session string         // id of the session, "" without one
	form    string         // value of the cookie to which tokens of forms are bound
	moment  moment
	id      string // in the log and on pages about errors

	withoutScript string // reload of the page by browsers without JavaScript, "" for none
}

// response is an [http.ResponseWriter] that stores the status.
type response struct {
	http.ResponseWriter
	status int // 0 until the response begins
}

// WriteHeader implements [http.ResponseWriter].
func (w *response) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write implements [http.ResponseWriter].
func (w *response) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	return w.ResponseWriter.Write(b)
}

// Unwrap gives [http.ResponseController] access to the connection.
func (w *response) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// guard returns the handler of a route.
func (s *Server) guard(to *route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		begun := time.Now()
		v := &visit{
			Server: s, Node: s.node.Load(), route: to, r: r, w: &response{ResponseWriter: w},
			text: languageOf(r), id: uuid.Must(uuid.NewV7()).String(),
		}
		setHeaders(w.Header())
		defer v.finish(begun)
		if err := v.serve(); err != nil {
			v.writeError(err)
		}
	})
}

func setHeaders(h http.Header) {
	h.Set("Content-Security-Policy", contentPolicy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin") // with no-referrer, browsers send no Origin with forms
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
	h.Set("Vary", "Accept-Language, Cookie")
}

// serve runs the steps of a request in order: identify the person, charge one request, check the
// form, check the rights, find the moment, charge the rest of the cost, record the read, and write
// the page.
func (v *visit) serve() error {
	if err := v.identify(); err != nil {
		return err
	}
	if !v.route.isPublic() {
		if err := v.charge(1); err != nil {
			return err
		}
	}
	if v.r.Method == http.MethodPost {
		if err := v.checkForm(); err != nil {
			return err
		}
	}
	if v.route.isPublic() {
		return v.route.serve(v)
	}
	if v.Node == nil {
		return &failure{status: http.StatusServiceUnavailable, key: "opening", retryAfter: openingRetry}
	}
	if err := v.checkRights(); err != nil {
		return err
	}
	if err := v.findMoment(); err != nil {
		return err
	}
	if err := v.charge(v.cost() - 1); err != nil {
		return err
	}
	release, err := v.options.Shared.AcquireQuery(v.r.Context(), v.caller)
	if err != nil {
		return err
	}
	defer release()
	return v.route.serve(v)
}

// checkRights returns an error unless the role may see the page. It finds the act of the path.
func (v *visit) checkRights() error {
	if !v.route.isAct && v.route.isFor(v.caller.Role) {
		return nil
	}
	if v.route.isAct {
		if v.act = findAct(v.r.PathValue("act")); v.act == nil {
			return &failure{status: http.StatusNotFound, key: "missing"}
		}
		if v.act.isFor(v.caller.Role) {
			return nil
		}
	}
	return &failure{status: http.StatusForbidden, key: "forbidden"}
}

// charge takes a number of requests from the rate of the caller. Its failure permits a retry after the
// time of one more request, because serve then charges the first request of the page again.
func (v *visit) charge(requests int) error {
	wait := v.options.Shared.LimitCaller(v.caller, requests)
	if wait == 0 {
		return nil
	}
	return &failure{status: http.StatusTooManyRequests, key: "busy",
		retryAfter: wait + wait/time.Duration(requests)}
}

// cost returns the number of requests that the page counts as in the rate of the caller.
func (v *visit) cost() (cost int) {
	if v.act != nil {
		return v.act.cost()
	}
	for _, name := range v.route.operationsOf(v.caller.Role) {
		cost += operations.Find(name).Requests(v.moment.isPast)
	}
	return cost
}

// recordRead records the view of a page by an auditor, as the API records its reads. query is
// the path of the page with its parsed parameters.
func (v *visit) recordRead(query string) error {
	if v.caller.Role != access.Auditor {
		return nil
	}
	return v.options.Shared.RecordRead(v.r.Context(), v.caller, v.moment.inQuery(query), "", false)
}

// mayRead reports whether a role has the right of an operation.
func mayRead(role access.Role, operation string) bool {
	return role.May(access.Right(operations.Find(operation).Right))
}

// may reports whether the caller has the right of an operation.
func (v *visit) may(operation string) bool { return mayRead(v.caller.Role, operation) }

// failure is an error with a page. The catalogues have its title and text under the key.
type failure struct {
	status     int
	key        string
	retryAfter time.Duration
}

func (f *failure) Error() string { return f.key }

// openingRetry is the time after which a browser loads a page again while the ledger opens.
const openingRetry = 3 * time.Second

// failureOf returns the page of an error.
func failureOf(err error) *failure {
	var known *failure
	switch {
	case errors.As(err, &known):
		return known
	case errors.Is(err, projections.ErrAhead):
		return &failure{status: http.StatusNotFound, key: "ahead"}
	case errors.Is(err, queries.ErrBusy):
		return &failure{status: http.StatusServiceUnavailable, key: "busy", retryAfter: time.Second}
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return &failure{status: http.StatusServiceUnavailable, key: "busy", retryAfter: time.Second}
	case errors.Is(err, eventstore.ErrKeyMissing):
		return &failure{status: http.StatusInternalServerError, key: "key"}
	}
	return &failure{status: http.StatusInternalServerError, key: "internal"}
}

// writeError writes the page of an error. The log gets the causes of unexpected errors only.
func (v *visit) writeError(err error) {
	if v.isRedirect(err) {
		return
	}
	f := failureOf(err)
	if f.status == http.StatusInternalServerError {
		v.options.Log.Error("a page failed", "request", v.id, "route", v.route.path, "cause", problems.Causes(err))
	}
	if v.w.status != 0 {
		panic(http.ErrAbortHandler)
	}
	if f.retryAfter > 0 {
		seconds := max(1, int(f.retryAfter.Round(time.Second)/time.Second))
		v.w.Header().Set("Retry-After", strconv.Itoa(seconds))
		if v.r.Method == http.MethodGet {
			v.w.Header().Set("Refresh", v.refreshAfter(seconds))
		}
	}
	v.write(f.status, "failure", f.key, &failureBody{Key: f.key, Request: v.id, At: v.at.Load(),
		Last: v.last.Load()})
}

// failureBody is the body of a page about an error.
type failureBody struct {
	Key      string
	Request  string
	At, Last uint64 // progress of opening the ledger
}

// finish observes the request. After a panic it writes the page of an internal error.
func (v *visit) finish(begun time.Time) {
	broken := recover()
	if broken != nil && broken != http.ErrAbortHandler {
		v.options.Log.Error("a page panicked", "request", v.id, "route", v.route.path, "stack",
			string(debug.Stack()))
		if v.w.status == 0 {
			http.Error(v.w, "internal error, request "+v.id, http.StatusInternalServerError)
			broken = nil
		} else {
			broken = http.ErrAbortHandler
		}
	}
	if v.w.status == 0 {
		v.w.status = http.StatusOK
	}
	took := time.Since(begun)
	v.options.Observe(v.route.method+" "+v.route.path, v.w.status, took)
	v.options.Log.Debug("page", "request", v.id, "route", v.route.path, "status", v.w.status, "took", took)
	if broken != nil {
		panic(broken)
	}
}

// isNotReproducible reports a verdict that does not follow from the records before it.
func isNotReproducible(err error) bool { return errors.Is(err, explain.ErrNotReproducible) }
