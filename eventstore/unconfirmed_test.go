package eventstore_test

import (
	"context"
	"errors"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"authledger/eventstore"
)

// silentStore confirms no append.
type silentStore struct{ eventstore.Store }

func (s silentStore) Append(context.Context, []byte, uint64) <-chan error {
	outcome := make(chan error, 1)
	outcome <- syscall.ENOSPC
	return outcome
}

func TestLedger_NoCommitConfirmed(t *testing.T) {
	r := newRealm(t)
	synctest.Test(t, func(t *testing.T) {
		o := r.options(newFolded(), silentStore{r.store})
		o.Trouble = func() error { return syscall.ENOSPC }
		l := mustOpen(t, o)
		begun := time.Now()
		ticket := submit(t, l, failure("a", "alice"))
		time.Sleep(time.Second)
		h := l.Health()
		all := strings.Join(h.Storage, "\n")
		if !h.Failed || !strings.Contains(all, "has not confirmed a commit") ||
			!strings.Contains(all, "projections can't be written") {
			t.Errorf("health %+v, want a failed node with two problems of its disk", h)
		}
		<-l.Failed()
		if after := time.Since(begun); after < 30*time.Second || after > 40*time.Second {
			t.Errorf("the ledger stops after %v, want 30 to 40 s", after)
		}
		if _, err := ticket.Wait(t.Context()); !errors.Is(err, eventstore.ErrStopped) {
			t.Errorf("Wait: got %v, want %v", err, eventstore.ErrStopped)
		}
		err := l.Close(t.Context())
		if !errors.Is(err, syscall.ENOSPC) || errors.As(err, new(*eventstore.Fault)) {
			t.Errorf("close: %v, want ENOSPC and no fault", err)
		}
	})
}
