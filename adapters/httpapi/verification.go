package httpapi

import (
	"context"
	"errors"
	"fmt"

	"authledger/domain"
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

// runVerification verifies the log for a caller, and keeps the progress and the result. It records the
// end in the ledger before it returns. A fault is returned also if the ledger could not
// record it.
func (s *Server) runVerification(ctx context.Context, c *access.Caller, progress func(at, last uint64)) (Verified, error) {
	before, begun := s.verified.Load(), s.options.Now()
	s.verified.Store(&audit.Verification{Result: audit.Running, Time: begun})
	found, err := s.tasks.Verify(ctx, func(at, last uint64) {
		s.verified.Store(&audit.Verification{Result: audit.Running, Time: begun, At: at, Last: last})
		progress(at, last)
	})
	end := domain.AuditVerify{Verifier: c.Name, Role: string(c.Role), From: 1, Result: domain.VerificationIntact}
	var fault *eventstore.Fault
	switch {
	case err == nil:
		end.To = int64(found.LastRecord())
	case errors.As(err, &fault):
		end.Result, end.Fault = domain.VerificationDamaged, int64(fault.Seq)
	case ctx.Err() != nil:
		end.Result = domain.VerificationStopped
	default:
		end.Result = domain.VerificationFailed
	}
	record, recordErr := s.recordVerification(ctx, end)
	now := &audit.Verification{Result: string(end.Result), Seq: uint64(end.To), Record: record, Time: s.options.Now()}
	if end.Result == domain.VerificationStopped {
		now = before
	}
	s.verified.Store(now)
	if recordErr != nil {
		s.options.Log.Error("a verification was not recorded", "caller", c.Name, "result", end.Result, "cause", problems.Causes(recordErr))
	}
	if err == nil && recordErr != nil {
		err = fmt.Errorf("the log is intact, but the ledger could not record the verification: %w", recordErr)
	}
	return found, err
}

// recordVerification commits the end of a verification and returns the number of the record. It
// commits also after the end of ctx, because the record of a stopped verification is needed.
func (s *Server) recordVerification(ctx context.Context, end domain.AuditVerify) (uint64, error) {
	n := s.node.Load()
	if n == nil {
		return 0, errNotOpen
	}
	return n.commit(context.WithoutCancel(ctx), domain.NewAuditVerify(newCommandID(), end))
}

// StartVerification starts a verification of the log, which ends at the latest with [Server.Drain].
// It reports false if the node runs no tasks, or if another task reads the whole log. The caller of
// StartVerification has checked the right of c, which the log of the node names.
func (s *Server) StartVerification(c *access.Caller) bool {
	return s.StartTask(c, "verify", func(ctx context.Context) error {
		_, err := s.runVerification(ctx, c, func(uint64, uint64) {})
		return err
	})
}

// StartTask runs a task that reads the whole log in another goroutine, and logs its caller and its
// result. [Server.Drain] cancels the context of the task. StartTask reports false, and runs nothing, if
// the node runs no tasks, or if another task reads the whole log. The caller of StartTask has checked
// the right of c and charged its rate.
func (s *Server) StartTask(c *access.Caller, name string, run func(ctx context.Context) error) bool {
	if s.tasks == nil || s.draining.Err() != nil || !s.taskSlot.TryLock() {
		return false
	}
	s.background.Go(func() {
		defer s.taskSlot.Unlock()
		ended := s.startTask(c.Name, name)
		ended(s.draining, run(s.draining))
	})
	return true
}

// AwaitTasks waits for the end of the task that [Server.StartTask] started. The caller has
// called [Server.Drain] before, and closes the ledger afterwards.
func (s *Server) AwaitTasks() { s.background.Wait() }
