package httpapi

import (
	"context"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	"authledger/access"
	"authledger/eventstore"
	"authledger/projections"
)

// Options says what an edge is made of. Everything but Tokens must be there.
type Options struct {
	// Tokens says who asks. Nil lets everybody do everything: a demonstration.
	Tokens  *access.Tokens
	Log     *slog.Logger
	Observe Observer
	Metrics http.Handler // of /metrics
	Version string       // of the program, in the OpenAPI document
	Now     func() time.Time
}

// Observer is told how requests went; see [Server.ServeHTTP].
type Observer struct {
	Request func(route string, status int, took time.Duration) // route is a pattern
	Command func(commandType, status string)
	Stream  func(delta int) // streams of records, opened and closed
}

// Server answers requests, from before the ledger is open until it is closed. It
// is safe for concurrent use.
type Server struct {
	options Options
	mux     *http.ServeMux
	limits  *limits
	streams streams

	commands, batches places

	node atomic.Pointer[node] // nil until the ledger is open

	at, last atomic.Uint64 // commits: how far opening has come

	document []byte // OpenAPI

	keepAlive, writeWithin time.Duration // of streams; constants but in tests

	draining context.Context // ends when nothing new is taken
	drain    context.CancelFunc
}

// node is an open ledger and its rows.
type node struct {
	ledger *eventstore.Ledger
	rows   *projections.Engine
	intake *Intake // nil where there is none
}

// Intake is where commands are left for the ledger.
type Intake struct {
	Letters  Letters
	Warnings func() []string // why it is not taken, none while it is
}

func (n *node) letters() Letters {
	if n.intake == nil {
		return nil
	}
	return n.intake.Letters
}

func (n *node) warnings() []string {
	if n.intake == nil {
		return nil
	}
	return n.intake.Warnings()
}

// New makes an edge without a ledger: it answers that it is not ready.
func New(o Options) *Server {
	s := &Server{options: o, mux: http.NewServeMux(), limits: newLimits(o.Now), keepAlive: keepAliveEvery, writeWithin: streamWriteWithin}
	s.commands, s.batches = make(places, commandsAtOnce), make(places, batchesAtOnce)
	s.draining, s.drain = context.WithCancel(context.Background())
	s.streams.open = make(map[string]int)
	for i := range routes {
		s.mux.Handle(routes[i].method+" "+routes[i].path, s.guard(&routes[i]))
	}
	s.mux.Handle("/", s.guard(&elsewhere))
	s.mountDocs()
	return s
}

// Open starts to serve what needs a ledger. Whoever opened both closes them, after
// [Server.Drain] and the end of the requests. The intake is nil where there is
// none.
func (s *Server) Open(l *eventstore.Ledger, rows *projections.Engine, intake *Intake) {
	s.node.Store(&node{l, rows, intake})
}

// Progress tells how far opening the ledger has come, in commits.
func (s *Server) Progress(at, last uint64) {
	s.at.Store(at)
	s.last.Store(last)
}

// Drain makes the edge say that it is not ready and ends the streams. What is
// under way is answered.
func (s *Server) Drain() { s.drain() }

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

// ServeAs answers a request of a caller that another transport has made sure of.
func (s *Server) ServeAs(c *access.Caller, w http.ResponseWriter, r *http.Request) {
	s.mux.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), knownCaller{}, c)))
}

// knownCaller is under which a request's context holds a caller that is known. No
// request that comes over HTTP can have it.
type knownCaller struct{}
