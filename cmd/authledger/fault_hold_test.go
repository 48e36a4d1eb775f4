//go:build faults

package main

import (
	"context"
	"errors"
	"iter"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"authledger/domain"
	"authledger/eventstore/wire"
)

// TestFaultHoldNotices proves that what the tests of kills, power cuts, full
// disks and two writers rest on can fail: each wrong log is noticed.
func TestFaultHoldNotices(t *testing.T) {
	k, records := holdSample(t, faultChance(t).Uint64())
	for name, c := range map[string]struct {
		spoil func([]domain.Record) []domain.Record
		want  string
	}{
		"nothing":               {func(r []domain.Record) []domain.Record { return r }, ""},
		"a tail is lost":        {func(r []domain.Record) []domain.Record { return r[:len(r)-2] }, errLost.Error()},
		"a hole":                {func(r []domain.Record) []domain.Record { return append(r[:3], r[4:]...) }, "follows record"},
		"a position twice":      {func(r []domain.Record) []domain.Record { r[4].Seq = r[3].Seq; return r }, "follows record"},
		"a command twice":       {func(r []domain.Record) []domain.Record { r[5].Command = r[2].Command; return r }, "is recorded at"},
		"a command nobody sent": {func(r []domain.Record) []domain.Record { r[5].Command.ID = "x"; return r }, "was never sent"},
		"another verdict":       {func(r []domain.Record) []domain.Record { r[6].Late = !r[6].Late; return r }, "another than was acknowledged"},
	} {
		t.Run(name, func(t *testing.T) {
			err := k.hold(listed(c.spoil(append([]domain.Record(nil), records...))))
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

// holdSample has some commands answered by a ledger.
func holdSample(t *testing.T, seed uint64) (*told, []domain.Record) {
	t.Helper()
	k, g := newTold(), newGateway(seed, 0, killUsers)
	var records []domain.Record
	must(t, withFaultNode(filepath.Join(t.TempDir(), "data"), func(ctx context.Context, n *node) (err error) {
		for range 10 {
			c := g.next(time.Now())
			k.hear(childLine{wordSent, wire.AppendCommand(nil, &c)})
			v, failed := n.ledger.Do(ctx, c)
			k.hear(childLine{wordAcked, wire.AppendVerdict(nil, &v)})
			r, unread := n.ledger.Record(ctx, v.Seq)
			records, err = append(records, r), errors.Join(err, failed, unread)
		}
		return err
	}))
	return k, records
}

func listed(records []domain.Record) iter.Seq2[*domain.Record, error] {
	return func(yield func(*domain.Record, error) bool) {
		for i := range records {
			if !yield(&records[i], nil) {
				return
			}
		}
	}
}
