package httpapi

import (
	"encoding/json"
	"fmt"
	"net/http"
)

// Readiness is the answer of /readyz.
type Readiness struct {
	Ready    bool     `json:"ready"`
	Problems []string `json:"problems"` // why it is not ready
	Warnings []string `json:"warnings"` // what somebody should see to, while it decides
	Seq      uint64   `json:"seq"`      // of the newest record
	Queued   int      `json:"queued"`   // commands waiting
	Scrubbed uint64   `json:"scrubbed"` // record up to which the log was read again since the start
}

// Readiness tells whether the node decides, and if not, why.
func (s *Server) Readiness() Readiness {
	n := s.node.Load()
	if n == nil {
		return Readiness{Problems: []string{fmt.Sprintf("catching up: commit %d of %d", s.at.Load(), s.last.Load())}, Warnings: []string{}}
	}
	h := n.ledger.Health()
	r := Readiness{Problems: append([]string{}, h.Problems...), Warnings: append([]string{}, n.warnings()...), Seq: h.Position.Seq, Queued: h.Queued, Scrubbed: h.Scrubbed}
	if s.draining.Err() != nil {
		r.Problems = append(r.Problems, "stopping")
	}
	r.Ready = len(r.Problems) == 0
	return r
}

func (s *Server) getHealth(_ *call, w *answer, _ *http.Request) error {
	writeJSON(w, []byte(`{"alive":true}`))
	return nil
}

func (s *Server) getReady(_ *call, w *answer, _ *http.Request) error {
	r := s.Readiness()
	body, err := json.Marshal(r)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	if !r.Ready {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	_, _ = w.Write(append(body, '\n')) // whoever asked and went away asks again
	return nil
}

func (s *Server) getMetrics(_ *call, w *answer, r *http.Request) error {
	s.options.Metrics.ServeHTTP(w, r)
	return nil
}
