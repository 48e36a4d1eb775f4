package console

import (
	"context"
	"crypto/rand"
	"embed"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	"authledger/adapters/console/sessions"
	"authledger/adapters/console/whatif"
	"authledger/domain"
	"authledger/domain/access"
	"authledger/eventstore"
	"authledger/eventstore/audit"
	"authledger/projections"
	"authledger/projections/queries"
)

// Options configures a [Server]. All fields except Tokens are required.
type Options struct {
	// Tokens authenticates a person who signs in. If Tokens is nil, the console is for
	// demonstrations: each visitor has the role open, and the node checks the Host header.
	Tokens Tokens
	Shared Shared

	// NewToken returns the text of a token and its SHA-256 in hexadecimal digits. Equal seeds
	// give equal tokens.
	NewToken func(seed [64]byte) (text, hash string)

	// NewSecret returns the secret of a webhook endpoint. Equal seeds give equal secrets.
	NewSecret func(seed [64]byte) string

	Log     *slog.Logger
	Observe func(route string, status int, took time.Duration) // route is a pattern, without names
	Now     func() time.Time
}

// Tokens authenticates callers. Caller returns [access.ErrNoToken] for an unknown or revoked
// token and [access.ErrExpired] for an expired one.
type Tokens interface {
	Caller(text string) (*access.Caller, error)
}

// Shared is the part of the API's server that the console shares: the limits of the rate and
// of concurrency, the records of reads, and the submission of commands. Its implementation is the
// server of package httpapi.
type Shared interface {
	LimitAddress(remote string) (wait time.Duration)
	LimitSignIn(remote string) (wait time.Duration)
	LimitCaller(c *access.Caller, requests int) (wait time.Duration)
	AcquireQuery(ctx context.Context, c *access.Caller) (release func(), err error)
	AcquireStream(c *access.Caller) (release func(), ok bool)
	RecordRead(ctx context.Context, c *access.Caller, query, purpose string, reveal bool) error
	Submit(ctx context.Context, c *access.Caller, id string, data domain.CommandData) (domain.Verdict, error)
	Draining() context.Context
	Verification() *audit.Verification // nil before the first one
	StartVerification(c *access.Caller) bool
	StartTask(c *access.Caller, name string, run func(ctx context.Context) error) bool
}

// Node is an open ledger with its projections.
type Node struct {
	Ledger  *eventstore.Ledger
	Rows    *projections.Engine
	Queries *queries.Queries

	// Backlog measures the intake. It is nil if the node has no intake.
	Backlog func(context.Context) (eventstore.Backlog, error)

	DeadLetters DeadLetters // nil if the node has no intake
	Deliveries  Deliveries  // nil if the node delivers to no webhooks
	Facts       func() (Facts, error)
	WhatIf      whatif.Run

	Webhooks func() (all, failing int) // numbers of webhook endpoints
}

// Server serves the console. Before [Server.Open], its pages report that the node is opening
// the ledger. It is safe for concurrent use.
type Server struct {
	options   Options
	mux       *http.ServeMux
	sessions  *sessions.Table
	origins   *http.CrossOriginProtection
	formKey   [32]byte // of the tokens of forms
	secretKey [64]byte // of the secrets that confirmations create
	streams   sessions.Streams
	devices   deviceCounts
	whatIfs   *whatif.Table
	node      atomic.Pointer[Node]
	at, last  atomic.Uint64 // progress of opening the ledger, in commits

	liveEvery    time.Duration // minimum time between two events of a live page; only tests change it
	liveCheck    time.Duration // maximum time between two events of a live page; only tests change it
	searchWithin time.Duration // exploreWithin; only tests change it
}

//go:embed templates/*.html
var templateFiles embed.FS

//go:embed assets/*
var assetFiles embed.FS

// New returns a server without a ledger.
func New(o Options) *Server {
	s := &Server{
		options: o, mux: http.NewServeMux(), sessions: sessions.New(o.Now),
		origins: http.NewCrossOriginProtection(), liveEvery: liveEvery, liveCheck: liveCheck,
		searchWithin: exploreWithin, whatIfs: whatif.New(o.Now),
	}
	rand.Read(s.formKey[:]) // returns no error: a failure of the random generator ends the process
	rand.Read(s.secretKey[:])
	for i := range routes {
		s.mux.Handle(routes[i].method+" "+routes[i].path, s.guard(&routes[i]))
	}
	return s
}

// Open starts to serve pages that need a ledger.
func (s *Server) Open(n *Node) { s.node.Store(n) }

// Progress sets the progress of opening the ledger: commit at of last.
func (s *Server) Progress(at, last uint64) {
	s.at.Store(at)
	s.last.Store(last)
}

// Serves reports whether the console has a page for the request.
func (s *Server) Serves(r *http.Request) bool {
	_, pattern := s.mux.Handler(r)
	return pattern != ""
}

// EndStreams ends the open streams of the token with a name. The caller has removed the token from the
// table before.
func (s *Server) EndStreams(token string) { s.streams.EndOf("", token) }

// ServeHTTP answers a request for which [Server.Serves] reports true.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

// route is one path of the console with its method.
type route struct {
	method, path string

	// operations are the operations whose answers the page shows. The page has their costs,
	// and it is shown to roles with the right of at least one of them. A page without
	// operations and without an act needs no session.
	operations []string
	right      access.Right // needed in addition, "" for none

	isAct           bool // the act in the path has the rights and the cost
	isWithoutMoment bool // the page is always about the present
	isStream        bool // the answer is a stream of events
	serve           func(*visit) error
}

// isPublic reports whether the route needs no session.
func (to *route) isPublic() bool { return len(to.operations) == 0 && !to.isAct }

// routes lists all pages and forms.
var routes = []route{
	{method: "GET", path: "/{$}", operations: overviewOperations, serve: (*visit).getOverview},
	{method: "GET", path: "/live", operations: overviewOperations, isWithoutMoment: true, isStream: true,
		serve: (*visit).getLive},
	{method: "GET", path: followPath, operations: exploreOperations, isWithoutMoment: true, isStream: true,
		serve: (*visit).getFollow},
	{method: "GET", path: "/users/{user}", operations: userOperations, serve: (*visit).getUser},
	{method: "GET", path: "/accounts/{account}", operations: accountOperations, serve: (*visit).getAccount},
	{method: "GET", path: integrityPath, operations: integrityOperations, isWithoutMoment: true,
		serve: (*visit).getIntegrity},
	{method: "POST", path: "/integrity/verify", operations: integrityOperations, right: access.Verify,
		isWithoutMoment: true, serve: (*visit).postVerify},
	{method: "GET", path: erasuresPath, operations: erasuresOperations, serve: (*visit).getErasures},
	{method: "GET", path: explorePath, operations: exploreOperations, serve: (*visit).getExplore},
	{method: "GET", path: linesPath, operations: exploreOperations, serve: (*visit).getLines},
	{method: "GET", path: tablePath, operations: exploreOperations, serve: (*visit).getTable},
	{method: "GET", path: "/records/{seq}", operations: recordOperations, serve: (*visit).getRecord},
	{method: "POST", path: "/records/{seq}/reveal", operations: recordOperations, isWithoutMoment: true,
		serve: (*visit).postReveal},
	{method: "POST", path: "/search", operations: searchOperations, isWithoutMoment: true,
		serve: (*visit).postSearch},
	{method: "GET", path: workPath, operations: workOperations, isWithoutMoment: true,
		serve: (*visit).getWork},
	{method: "GET", path: deliveriesPath, operations: deliveriesOperations, isWithoutMoment: true,
		serve: (*visit).getDeliveries},
	{method: "GET", path: policyPath, operations: policyOperations, isWithoutMoment: true,
		serve: (*visit).getPolicy},
	{method: "GET", path: whatIfPath, operations: policyOperations, right: access.WhatIf,
		isWithoutMoment: true, serve: (*visit).getWhatIfs},
	{method: "POST", path: whatIfPath, operations: policyOperations, right: access.WhatIf,
		isWithoutMoment: true, serve: (*visit).postWhatIf},
	{method: "GET", path: whatIfPath + "/{id}", operations: policyOperations, right: access.WhatIf,
		isWithoutMoment: true, serve: (*visit).getWhatIf},
	{method: "GET", path: whatIfPath + "/{id}/live", operations: policyOperations, right: access.WhatIf,
		isWithoutMoment: true, isStream: true, serve: (*visit).getWhatIfLive},
	{method: "POST", path: whatIfPath + "/{id}/cancel", operations: policyOperations, right: access.WhatIf,
		isWithoutMoment: true, serve: (*visit).postCancel},
	{method: "GET", path: actPath, isAct: true, isWithoutMoment: true, serve: (*visit).getAct},
	{method: "POST", path: actPath, isAct: true, isWithoutMoment: true, serve: (*visit).postAct},
	{method: "POST", path: submitPath, isAct: true, isWithoutMoment: true, serve: (*visit).postSubmit},
	{method: "GET", path: signInPath, serve: (*visit).getSignIn},
	{method: "POST", path: signInPath, serve: (*visit).postSignIn},
	{method: "POST", path: "/sign-out", serve: (*visit).postSignOut},
	{method: "POST", path: "/language", serve: (*visit).postLanguage},
	{method: "GET", path: assetPath, serve: (*visit).getAsset},
}

// isFor reports whether a role has the rights of a route that is not about an act.
func (to *route) isFor(role access.Role) bool {
	return len(to.operationsOf(role)) > 0 && (to.right == "" || role.May(to.right))
}

// operationsOf returns the operations of the route whose right the role has.
func (to *route) operationsOf(role access.Role) (allowed []string) {
	for _, name := range to.operations {
		if mayRead(role, name) {
			allowed = append(allowed, name)
		}
	}
	return allowed
}

// badName reports why a text is no user name, nil for a user name.
func (n *Node) badName(text string) *domain.BadName { return n.Rows.Policy().BadName(text) }
