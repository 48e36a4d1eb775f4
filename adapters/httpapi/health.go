package httpapi

import (
	"encoding/json"
	"fmt"
	"net/http"

	"authledger/eventstore/audit"
)

// Readiness is the answer to /readyz.
type Readiness struct {
	Ready    bool     `json:"ready"`
	Problems []string `json:"problems"` // reasons why the node is not ready
	Warnings []string `json:"warnings"` // faults that an operator should repair while the node is ready
	Seq      uint64   `json:"seq"`      // number of the newest record
	Queued   int      `json:"queued"`   // commands that wait for a verdict
	Scrubbed uint64   `json:"scrubbed"` // number of the last record that the scrub has verified since the start
	Rounds   uint64   `json:"rounds"`   // complete rounds of the scrub of the log since the start
	Compared uint64   `json:"compared"` // complete comparisons of the rows with the log since the start

	Verification *audit.Verification `json:"verification,omitempty"` // the newest one since the start
}

// Readiness returns whether the node decides commands, with the reasons if it does not.
func (s *Server) Readiness() Readiness {
	n := s.node.Load()
	if n == nil {
		return Readiness{Problems: []string{fmt.Sprintf("catching up: commit %d of %d", s.at.Load(), s.last.Load())}, Warnings: []string{}}
	}
	h := n.ledger.Health()
	r := Readiness{
		Problems: append([]string{}, h.Problems...), Warnings: append([]string{}, n.warnings()...), Seq: h.Position.Seq,
		Queued: h.Queued, Scrubbed: h.Scrubbed, Rounds: h.Rounds, Compared: h.Compared, Verification: s.Verification(),
	}
	if s.draining.Err() != nil {
		r.Problems = append(r.Problems, "stopping")
	}
	r.Ready = len(r.Problems) == 0
	return r
}

// Liveness is the answer to /healthz.
type Liveness struct {
	Alive    bool     `json:"alive"`    // false if the process must be restarted
	Problems []string `json:"problems"` // problems of the disk
}

// Liveness reports the problems of the disk. The node is not alive after a fault has
// stopped the ledger, or while the disk confirms no commit, because only a restart repairs
// these states.
func (s *Server) Liveness() Liveness {
	n := s.node.Load()
	if n == nil {
		return Liveness{Alive: true, Problems: []string{}}
	}
	h := n.ledger.Health()
	return Liveness{Alive: !h.Failed, Problems: append([]string{}, h.Storage...)}
}

func (s *Server) getHealth(_ *call, w *answer, _ *http.Request) error {
	l := s.Liveness()
	return writeState(w, l.Alive, l)
}

func (s *Server) getReady(_ *call, w *answer, _ *http.Request) error {
	r := s.Readiness()
	return writeState(w, r.Ready, r)
}

// writeState answers 200 or 503 with the state of the node.
func writeState(w *answer, isGood bool, state any) error {
	body, err := json.Marshal(state)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	if !isGood {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	_, _ = w.Write(append(body, '\n')) // a client that disconnected can repeat the request
	return nil
}

func (s *Server) getMetrics(_ *call, w *answer, r *http.Request) error {
	s.options.Metrics.ServeHTTP(w, r)
	return nil
}
