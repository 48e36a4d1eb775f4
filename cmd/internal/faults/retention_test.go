//go:build faults

package faults

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"authledger/cmd/internal/node"
	"authledger/domain"
	"authledger/eventstore"
)

// retentionBegin is the time of the attempts, whose retention has ended at the time of the test.
var retentionBegin = time.Date(2025, time.January, 31, 0, 0, 0, 0, time.UTC)

// withPastNode opens a node with the clock at retentionBegin. At that time reveal opens each attempt whose
// key exists.
func withPastNode(dir string, use func(context.Context, *node.Node) error) error {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	o := faultNode(dir)
	o.Now = func() time.Time { return retentionBegin }
	n, err := node.Open(ctx, o)
	if err != nil {
		return err
	}
	return errors.Join(use(ctx, n), n.Close())
}

// retentionFill records an unattributed attempt of January 2025, and personal data of bob.
func retentionFill(ctx context.Context, n *node.Node) error {
	for i, data := range []*domain.LoginReport{
		{User: "mallory", Outcome: domain.Failed, Reason: domain.UnknownUser, IP: "203.0.113.77"},
		{User: "bob", Outcome: domain.Succeeded, IP: "203.0.113.78"},
	} {
		_, err := n.Ledger.Do(ctx, domain.Command{Source: "gateway/a", ID: fmt.Sprint("e-", i), Stamped: true,
			Caller: "a", Data: data})
		if err != nil {
			return err
		}
	}
	return nil
}

// retentionReadable reports whether the personal data of a record is readable.
func retentionReadable(ctx context.Context, n *node.Node, seq uint64) (bool, error) {
	r, err := n.Ledger.Record(ctx, seq)
	if err != nil {
		return false, err
	}
	plain, err := n.Ledger.Reveal(&r)
	if errors.Is(err, eventstore.ErrErased) {
		return false, nil
	}
	return len(plain) > 0, err
}

// retentionCheck reports whether the log has the first record after the retention. It checks that the start
// has destroyed the key if the log has that record. Otherwise it adds a record, which destroys the key.
func retentionCheck(dir string) (isRecorded bool, err error) {
	err = withPastNode(dir, func(ctx context.Context, n *node.Node) error {
		isRecorded = n.Rows.Position().Seq > 2
		ofMonth, monthErr := retentionReadable(ctx, n, 1)
		ofBob, bobErr := retentionReadable(ctx, n, 2)
		err := errors.Join(monthErr, bobErr)
		if ofMonth == isRecorded || !ofBob {
			err = errors.Join(err, fmt.Errorf("record after the retention %t: got the attempt readable %t, "+
				"the login of bob %t", isRecorded, ofMonth, ofBob))
		}
		return err
	})
	if err != nil || isRecorded {
		return isRecorded, err
	}
	return false, withFaultNode(dir, func(ctx context.Context, n *node.Node) error {
		_, err := n.Ledger.Do(ctx, domain.Command{Source: "cli", ID: "later", Stamped: true, Caller: "a",
			Data: &domain.LoginReport{User: "bob", Outcome: domain.Succeeded}})
		return err
	})
}

// TestFaultKillRetention kills the first command after the retention of a month at each of its writes.
// Afterwards the attempt of the month is unreadable if the log has the command, and readable otherwise. An
// answer is sent only after the key is overwritten (PERSON-4).
func TestFaultKillRetention(t *testing.T) {
	killErasure(t, []string{"login.report", "user=bob", "outcome=succeeded"},
		func(dir string) error { return withPastNode(dir, retentionFill) }, retentionCheck)
}
