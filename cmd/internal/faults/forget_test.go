//go:build faults

package faults

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"authledger/cmd/internal/node"
	"authledger/domain"
	"authledger/eventstore"
)

// forgetFill records personal data of alice and of bob.
func forgetFill(ctx context.Context, n *node.Node) error {
	for i, user := range []string{"alice", "bob"} {
		_, err := n.Ledger.Do(ctx, domain.Command{
			Source: "gateway/a", ID: fmt.Sprint("e-", i), Stamped: true, Caller: "a",
			Data: &domain.LoginReport{User: user, Outcome: domain.Succeeded, IP: "203.0.113.77"},
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// forgetCheck checks the node after a kill, and reports whether the log has the erasure.
func forgetCheck(ctx context.Context, n *node.Node) (isRecorded bool, err error) {
	isRecorded = n.Rows.Position().Seq > 2
	readable := func(seq uint64) bool {
		r, readErr := n.Ledger.Record(ctx, seq)
		plain, openErr := n.Ledger.Reveal(&r)
		if openErr != nil && !errors.Is(openErr, eventstore.ErrErased) {
			readErr = errors.Join(readErr, openErr)
		}
		err = errors.Join(err, readErr)
		return len(plain) > 0
	}
	if got := readable(1); got == isRecorded {
		return isRecorded, fmt.Errorf("erasure recorded %t: got data of alice readable %t", isRecorded, got)
	}
	v, doErr := n.Ledger.Do(ctx, domain.Command{Source: "cli", ID: "later", Stamped: true, Caller: "a",
		Data: &domain.PersonForget{User: "alice", Case: "C-2", By: "olga"}})
	want := domain.Accepted
	if isRecorded {
		want = domain.Refused
	}
	if v.Status != want || readable(1) || !readable(2) {
		err = errors.Join(err, fmt.Errorf("erasure afterwards: got %s, want %s, and only bob readable", v.Status,
			want))
	}
	return isRecorded, errors.Join(err, doErr)
}

// TestFaultKillForget kills person.forget at each of its writes. Afterwards the personal data is
// unreadable if the log has the erasure, and readable otherwise. An answer is sent only after the key
// is overwritten (PERSON-1).
func TestFaultKillForget(t *testing.T) {
	killErasure(t, []string{"person.forget", "user=alice", "case=C-1", "by=olga"},
		func(dir string) error { return withFaultNode(dir, forgetFill) },
		func(dir string) (isRecorded bool, err error) {
			err = withFaultNode(dir, func(ctx context.Context, n *node.Node) (err error) {
				isRecorded, err = forgetCheck(ctx, n)
				return err
			})
			return isRecorded, err
		})
}
