package eventstore_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"authledger/domain"
	"authledger/eventstore/audit"
)

// supposition draws a history of backfilled logins and withdrawals of a few users.
func supposition(t *rapid.T) []domain.Command {
	var all []domain.Command
	now := noon.Add(-30 * 24 * time.Hour)
	for i := range rapid.IntRange(1, 60).Draw(t, "commands") {
		now = now.Add(rapid.SampledFrom([]time.Duration{0, time.Minute, time.Hour, 9 * time.Hour}).Draw(t, "later"))
		user := rapid.SampledFrom([]string{"alice", "bob"}).Draw(t, "user")
		var data domain.CommandData
		switch rapid.IntRange(0, 5).Draw(t, "kind") {
		case 0:
			data = &domain.LoginReport{User: user, Outcome: domain.Succeeded}
		case 1:
			data = &domain.DeviceActivate{User: user, Device: "d-" + user, Class: "security_code_card",
				Method: "portal"}
		case 2:
			data = &domain.WithdrawalRequest{
				Withdrawal: fmt.Sprintf("w-%d", i), Account: "A", User: user, Device: "d-" + user, Amount: "90000",
				Currency: "USD",
			}
		default:
			data = &domain.LoginReport{User: user, Outcome: domain.Failed, Reason: "bad_credentials"}
		}
		c := backfilled(command(fmt.Sprintf("c-%d", i), data))
		c.Time = now
		all = append(all, c)
	}
	return all
}

// TestSuppose_OtherPolicy checks that the supposed verdicts under another policy are
// those of a ledger with that policy from the first record on.
func TestSuppose_OtherPolicy(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		history := supposition(rt)
		other := *domain.IBKRSLS()
		other.Version = "other@1"
		other.Failures = rapid.Int64Range(1, 5).Draw(rt, "failures")
		other.Limits.SecurityCodeCard.PerDay = rapid.SampledFrom([]string{"", "100000", "0"}).Draw(rt, "per day")

		was, would := newRealm(t), newRealm(t)
		answers := runHistory(t, was, nil, history)
		differ := map[uint64]string{}
		supposed, err := audit.Suppose(context.Background(), was.manifest, was.store.Join(), newFolded(),
			audit.WhatIf{
				Policy: other.Compiled(), From: 1,
				Differs: func(was *domain.Record, would *domain.Decision) error {
					differ[was.Seq] = brief(would.Status, would.Reason, would.Events)
					return nil
				},
			}, nil)
		if err != nil || supposed.Decided != uint64(len(history)) || supposed.Differ != uint64(len(differ)) {
			rt.Fatalf("Suppose: got %+v, %v, want %d decided and %d different", supposed, err, len(history),
				len(differ))
		}
		for i, v := range runHistory(t, would, &other, history) {
			want := brief(v.Status, v.Reason, v.Events)
			had := brief(answers[i].Status, answers[i].Reason, answers[i].Events)
			got, differs := differ[answers[i].Seq]
			if differs != (want != had) || differs && got != want {
				rt.Fatalf("%s: recorded %s, want %s, reported %q", history[i].ID, had, want, got)
			}
		}
		was.verify(len(history))
	})
}

// TestSuppose_Range checks that Suppose decides only the records of its range again.
func TestSuppose_Range(t *testing.T) {
	r := newRealm(t)
	var history []domain.Command
	for i := range 9 {
		history = append(history, failure(fmt.Sprintf("f-%d", i), "alice"))
	}
	runHistory(t, r, nil, history)
	other := *domain.IBKRSLS()
	other.Version, other.Failures = "other@1", 5
	var seqs []uint64
	supposed, err := audit.Suppose(context.Background(), r.manifest, r.store.Join(), newFolded(), audit.WhatIf{
		Policy: other.Compiled(), From: 7, To: 8,
		Differs: func(was *domain.Record, _ *domain.Decision) error {
			seqs = append(seqs, was.Seq)
			return nil
		},
	}, nil)
	if err != nil || supposed.Decided != 2 || fmt.Sprint(seqs) != "[7 8]" {
		t.Errorf("%+v, %v differ: %v; want records 7 and 8, the seventh failure locks at five", supposed,
			seqs, err)
	}
}

func runHistory(t testing.TB, r *realm, first *domain.Policy, history []domain.Command) []domain.Verdict {
	t.Helper()
	l := r.open(newFolded(), r.store)
	defer mustClose(t, l)
	if first != nil {
		do(t, l, adopt("policy", first))
	}
	var answers []domain.Verdict
	for _, c := range history {
		answers = append(answers, do(t, l, c))
	}
	return answers
}

// brief returns the parts of a verdict that Suppose compares.
func brief(status domain.Status, reason domain.Reason, events []domain.Event) string {
	text := fmt.Sprint(status, " ", reason)
	for _, e := range domain.Own(events) {
		text += " " + e.Data.EventType()
	}
	return text
}
