package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync/atomic"
	"time"
)

// Bounds of a request to the edge: it has no body and a short answer.
const (
	edgeReadWithin  = 5 * time.Second
	edgeWriteWithin = 5 * time.Second
	edgeIdleWithin  = time.Minute
	edgeHeaderMax   = 8 << 10 // bytes
	edgeStopWithin  = 2 * time.Second
)

// edge answers how a node is doing, from before it has opened until it has
// closed: /healthz is that the process lives, /readyz that it decides.
type edge struct {
	listener net.Listener
	server   *http.Server
	failed   chan error // of serving

	node     atomic.Pointer[node] // nil until it is open
	at, last atomic.Uint64        // how far it has caught up
}

// readiness is the answer of /readyz.
type readiness struct {
	Ready    bool     `json:"ready"`
	Problems []string `json:"problems"` // why it is not ready
	Seq      uint64   `json:"seq"`      // of the newest record
	Queued   int      `json:"queued"`   // commands waiting
	Scrubbed uint64   `json:"scrubbed"` // record up to which the log was read again since the start
}

func startEdge(address string) (*edge, error) {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("%w: give another --listen", err)
	}
	e := &edge{listener: listener, failed: make(chan error, 1)}
	routes := http.NewServeMux()
	routes.HandleFunc("GET /healthz", e.healthz)
	routes.HandleFunc("GET /readyz", e.readyz)
	e.server = &http.Server{
		Handler: routes, ReadTimeout: edgeReadWithin, WriteTimeout: edgeWriteWithin,
		IdleTimeout: edgeIdleWithin, MaxHeaderBytes: edgeHeaderMax,
	}
	go func() {
		if err := e.server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			e.failed <- fmt.Errorf("serve %s: %w", address, err)
		}
	}()
	return e, nil
}

func (e *edge) url() string { return "http://" + e.listener.Addr().String() }

func (e *edge) progress(at, last uint64) {
	e.at.Store(at)
	e.last.Store(last)
}

func (e *edge) healthz(w http.ResponseWriter, _ *http.Request) {
	respond(w, http.StatusOK, map[string]bool{"alive": true})
}

func (e *edge) readyz(w http.ResponseWriter, _ *http.Request) {
	r, status := e.readiness(), http.StatusOK
	if !r.Ready {
		status = http.StatusServiceUnavailable
	}
	respond(w, status, r)
}

func (e *edge) readiness() readiness {
	n := e.node.Load()
	if n == nil {
		return readiness{Problems: []string{fmt.Sprintf("catching up: commit %d of %d", e.at.Load(), e.last.Load())}}
	}
	h := n.ledger.Health()
	r := readiness{
		Ready: len(h.Problems) == 0, Problems: h.Problems, Seq: h.Position.Seq,
		Queued: h.Queued, Scrubbed: h.Scrubbed,
	}
	if r.Ready {
		r.Problems = []string{}
	}
	return r
}

func respond(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	// Whoever asked and went away misses nothing that could be told elsewhere.
	_ = json.NewEncoder(w).Encode(body)
}

func (e *edge) close() error {
	ctx, cancel := context.WithTimeout(context.Background(), edgeStopWithin)
	defer cancel()
	if err := e.server.Shutdown(ctx); err != nil {
		return fmt.Errorf("stop serving %s: %w", e.listener.Addr(), err)
	}
	return nil
}
