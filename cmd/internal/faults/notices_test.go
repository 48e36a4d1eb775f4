//go:build faults

package faults

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"authledger/domain"
)

// TestFaultDamageNotices shows that TestFaultDamage can fail: examine finds each planted
// violation.
func TestFaultDamageNotices(t *testing.T) {
	b := buildBase(t, faultChance(t).Uint64())
	ctx, copiesDir := context.Background(), fastDir(t)
	for name, c := range map[string]struct {
		from  string
		plant func(*model)
		want  string
	}{
		"nothing":            {b.Dir, func(*model) {}, outcomeNone},
		"older log and head": {b.Older, func(*model) {}, outcomeBad + "it serves up to record"},
		"changed record": {b.Dir, func(m *model) { m.records[baseRecords/2][9] ^= 1 },
			outcomeBad + errWrongAnswer.Error()},
		"additional record": {b.Dir, func(m *model) { m.records = append(m.records, nil) },
			outcomeBad + errWrongAnswer.Error()},
		"changed user": {b.Dir, plantUser, outcomeBad + errWrongAnswer.Error()},
		"changed personal data": {b.Dir, func(m *model) { m.sealed[0].plain = []byte("{}") },
			outcomeBad + errWrongAnswer.Error()},
	} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(copiesDir, strings.ReplaceAll(name, " ", "-"))
			m, err := newModel(ctx, b.Dir, dir+"-model")
			must(t, err)
			must(t, copyDir(dir, c.from))
			c.plant(m)
			child := damageChild{model: m}
			if r := child.examine(ctx, dir); !strings.HasPrefix(r.Outcome, c.want) {
				t.Errorf("outcome: got %q (%s), want %q", r.Outcome, r.Detail, c.want)
			}
			must(t, m.close())
		})
	}
}

func plantUser(m *model) {
	for name, u := range m.users {
		u.Run = domain.Run{}
		u.Identity.Fingerprint = "another"
		m.users[name] = u
		return
	}
}
