package httpapi

import (
	"context"
	"crypto/rand"
	"log/slog"
	"math"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"authledger/domain"
	"authledger/domain/access"
	"authledger/eventstore"
	"authledger/eventstore/audit"
	"authledger/projections"
	"authledger/projections/queries"
)

// Options configures a [Server]. All fields except Tokens are required.
type Options struct {
	// Tokens authenticates callers. If Tokens is nil, the server is for demonstrations: it
	// permits every request without credentials, and refuses requests whose Host header
	// does not name the loopback interface.
	Tokens  Tokens
	Log     *slog.Logger
	Observe Observer
	Metrics http.Handler     // answers /metrics
	Version string           // version of the program, for the OpenAPI document
	Now     func() time.Time // the clock
}

// Tokens authenticates callers.
type Tokens interface {
	// Caller returns the caller to whom the token belongs. It returns [access.ErrNoToken]
	// for an unknown or revoked token, and [access.ErrExpired] for an expired one.
	Caller(text string) (*access.Caller, error)
}

// Observer receives the outcome of each request, for metrics. The functions must be safe
// for concurrent use.
type Observer struct {
	Request func(route string, status int, took time.Duration) // route is a pattern, without names of users
	Command func(commandType, status string)
	Stream  func(delta int) // +1 when a stream opens, -1 when it closes
}

// Server serves queries and commands. It also answers requests before the ledger is open:
// routes that need the ledger answer 503. It is safe for concurrent use.
type Server struct {
	options Options
	mux     *http.ServeMux
	limits  *limits

	live openStreams

	refusals     *refusals
	systemLogged atomic.Int64 // Unix nanoseconds at which an error of the system was last logged

	commands, batches, streams *concurrency
	localStreams               *concurrency // of callers at the local socket
	queries                    *concurrency // limits each caller; all callers together have no limit

	webhooks Webhooks // nil: the node delivers to none
	tasks    Tasks    // nil: the node runs none
	taskSlot sync.Mutex

	verified   atomic.Pointer[audit.Verification] // nil before the first verification
	background sync.WaitGroup                     // of verifications without a client

	node atomic.Pointer[node] // nil until the ledger is open

	at, last atomic.Uint64 // progress of opening the ledger, in commits

	document []byte   // the OpenAPI document
	tagKey   [16]byte // of the tags of lists

	keepAlive, writeWithin time.Duration // of streams; only tests change these two

	draining context.Context // ends when [Server.Drain] is called
	drain    context.CancelFunc
}

// node is an open ledger with its projections.
type node struct {
	ledger  *eventstore.Ledger // nil in [Read]
	records recordReader
	rows    *projections.Engine
	queries *queries.Queries
	names   *eventstore.Names
	intake  *Intake // nil if the node has none
}

// recordReader reads one record of a ledger, which this process may have opened for reading only.
type recordReader interface {
	Record(ctx context.Context, seq uint64) (domain.Record, error)
}

// Intake is the stream to which callers publish commands for the ledger.
type Intake struct {
	DeadLetters DeadLetters
	Warnings    func() []string // reasons why the node does not read the intake; empty while it does
}

func (n *node) deadLetters() DeadLetters {
	if n.intake == nil {
		return nil
	}
	return n.intake.DeadLetters
}

func (n *node) warnings() []string {
	if n.intake == nil {
		return nil
	}
	return n.intake.Warnings()
}

// New returns a server without a ledger. It answers requests that need a ledger with 503
// until [Server.Open] is called.
func New(o Options) *Server {
	s := &Server{options: o, mux: http.NewServeMux(), limits: newLimits(o.Now), keepAlive: keepAliveEvery, writeWithin: streamWriteWithin}
	s.commands = newConcurrency(commandsAtOnce, commandsPerCallerMax)
	s.batches = newConcurrency(batchesAtOnce, batchesPerCallerMax)
	s.streams = newConcurrency(streamsMax, streamsPerCallerMax)
	s.localStreams = newConcurrency(LocalStreamsMax, LocalStreamsMax)
	s.queries = newConcurrency(math.MaxInt64, queriesPerCallerMax)
	s.refusals = &refusals{log: o.Log}
	_, _ = rand.Read(s.tagKey[:]) // never fails
	s.draining, s.drain = context.WithCancel(context.Background())
	for i := range routes {
		s.mux.Handle(routes[i].method+" "+routes[i].path, s.guard(&routes[i]))
	}
	s.mux.Handle(gateRoute.path, s.guard(&gateRoute))
	s.mux.Handle("/", s.guard(&unknownPath))
	s.mountDocs()
	s.mountProblems()
	return s
}

// Open starts to serve the routes that need a ledger. Before the caller closes the ledger
// and the projections, it must call [Server.Drain] and wait until all requests have ended.
// A nil intake means that the node has no intake.
func (s *Server) Open(l *eventstore.Ledger, rows *projections.Engine, intake *Intake) {
	s.node.Store(&node{l, l, rows, queries.New(rows, l), l.Names(), intake})
}

// Progress sets the progress of opening the ledger: commit at of last.
func (s *Server) Progress(at, last uint64) {
	s.at.Store(at)
	s.last.Store(last)
}

// Drain ends the streams, and makes /readyz report that the node is stopping. The server
// still answers other requests.
func (s *Server) Drain() {
	s.drain()
	s.refusals.flush()
}

// ServeHTTP answers one request. The mux itself redirects some requests, such as those with
// // or .. in the path. ServeHTTP applies the limits and the log to these requests too.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if handler, _ := s.mux.Handler(r); !isGuarded(handler) {
		s.guard(&route{method: "*", path: "redirect", isPublic: true, serve: func(_ *Server, _ *call, w *answer, r *http.Request) error {
			s.mux.ServeHTTP(w, r)
			return nil
		}}).ServeHTTP(w, r)
		return
	}
	s.mux.ServeHTTP(w, r)
}

func isGuarded(h http.Handler) bool {
	_, ok := h.(guarded)
	return ok
}

// ServeAs answers a request of a caller whom another transport has authenticated. The
// request passes the same rights, limits, audit and handlers as one over HTTP.
func (s *Server) ServeAs(c *access.Caller, w http.ResponseWriter, r *http.Request) {
	s.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), callerKey{}, c)))
}

// callerKey is the context key of a caller whom another transport has authenticated. The
// context of a request over HTTP never contains it.
type callerKey struct{}
