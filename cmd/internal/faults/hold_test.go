//go:build faults

package faults

import (
	"context"
	"errors"
	"iter"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"authledger/cmd/internal/node"
	"authledger/domain"
	"authledger/eventstore/wire"
)

// TestFaultHoldNotices shows that checkLog finds each kind of wrong log. The tests of
// kills, power cuts, full disks and two writers use checkLog.
func TestFaultHoldNotices(t *testing.T) {
	k, records := holdSample(t, faultChance(t).Uint64())
	type log = []domain.Record
	for name, c := range map[string]struct {
		damageBytes func(log) log
		want        string
	}{
		"intact log":                {func(r log) log { return r }, ""},
		"missing tail":              {func(r log) log { return r[:len(r)-2] }, errLost.Error()},
		"missing record":            {func(r log) log { return append(r[:3], r[4:]...) }, "follows record"},
		"repeated position":         {func(r log) log { r[4].Seq = r[3].Seq; return r }, "follows record"},
		"repeated command":          {func(r log) log { r[5].Command = r[2].Command; return r }, "is recorded at"},
		"command that was not sent": {func(r log) log { r[5].Command.ID = "x"; return r }, "was never sent"},
		"changed verdict": {func(r log) log { r[6].Late = !r[6].Late; return r },
			"differs from the acknowledged verdict"},
	} {
		t.Run(name, func(t *testing.T) {
			err := k.checkLog(listed(c.damageBytes(append([]domain.Record(nil), records...))))
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("got error %v, want one that contains %q", err, c.want)
			}
		})
	}
}

// holdSample returns some commands with their verdicts, and their records.
func holdSample(t *testing.T, seed uint64) (*history, []domain.Record) {
	t.Helper()
	k, g := newHistory(), newGateway(seed, 0, killUsers)
	var records []domain.Record
	must(t,
		withFaultNode(filepath.Join(t.TempDir(), "data"), func(ctx context.Context, n *node.Node) (err error) {
			for range 10 {
				c := g.next(time.Now())
				k.record(childLine{wordSent, wire.AppendCommand(nil, &c)})
				v, failed := n.Ledger.Do(ctx, c)
				k.record(childLine{wordAcked, wire.AppendVerdict(nil, &v)})
				r, unread := n.Ledger.Record(ctx, v.Seq)
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
