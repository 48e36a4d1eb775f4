package httpapi

import (
	"context"
	"errors"

	"authledger/domain/access"
	"authledger/domain/problems"
	"authledger/eventstore"
	"authledger/eventstore/audit"
)

// Verified is the result of a verification, for JSON.
type Verified interface {
	LastRecord() uint64 // number of the last verified record
}

// Verification returns the newest verification since the start of the process, nil without one. A
// verification that was stopped, or whose client disconnected, leaves the earlier one in place.
func (s *Server) Verification() *audit.Verification { return s.verified.Load() }

// runVerification verifies the log for a caller, and keeps the progress and the result. The log of the
// node names the caller at the start and at the end.
func (s *Server) runVerification(ctx context.Context, caller string, progress func(at, last uint64)) (Verified, error) {
	before, begun := s.verified.Load(), s.options.Now()
	s.options.Log.Info("a caller verifies the log", "caller", caller)
	s.verified.Store(&audit.Verification{Result: audit.Running, Time: begun})
	found, err := s.tasks.Verify(ctx, func(at, last uint64) {
		s.verified.Store(&audit.Verification{Result: audit.Running, Time: begun, At: at, Last: last})
		progress(at, last)
	})
	now := &audit.Verification{Result: audit.Intact, Time: s.options.Now()}
	switch {
	case err == nil:
		now.Seq = found.LastRecord()
	case errors.As(err, new(*eventstore.Fault)):
		now.Result = audit.Damaged
	case ctx.Err() != nil:
		now = before
	default:
		now.Result = audit.Failed
	}
	s.verified.Store(now)
	result := "stopped"
	if now != before {
		result = now.Result
	}
	s.options.Log.Info("a verification has ended", "caller", caller, "result", result)
	return found, err
}

// StartVerification starts a verification of the log, which ends at the latest with [Server.Drain].
// It reports false if the node runs no tasks, or if another task reads the whole log. The caller of
// StartVerification has checked the right of c, which the log of the node names.
func (s *Server) StartVerification(c *access.Caller) bool {
	if s.tasks == nil || s.draining.Err() != nil || !s.taskSlot.TryLock() {
		return false
	}
	s.background.Go(func() {
		defer s.taskSlot.Unlock()
		if _, err := s.runVerification(s.draining, c.Name, func(uint64, uint64) {}); err != nil && s.draining.Err() == nil {
			s.options.Log.Error("a verification failed", "caller", c.Name, "cause", problems.Causes(err))
		}
	})
	return true
}

// AwaitTasks waits for the end of the task that [Server.StartVerification] started. The caller has
// called [Server.Drain] before, and closes the ledger afterwards.
func (s *Server) AwaitTasks() { s.background.Wait() }
