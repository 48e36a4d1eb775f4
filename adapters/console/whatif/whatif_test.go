package whatif

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"authledger/domain"
	"authledger/eventstore/audit"
)

// runNow runs a task at once.
func runNow(task Task) bool { return task(context.Background()) == nil }

// differing returns a run that finds n differences of a number of kinds.
func differing(n, kinds int) Run {
	return func(_ context.Context, w audit.WhatIf, _ func(at, last uint64)) (audit.Supposed, error) {
		for i := range n {
			was := &domain.Record{
				Seq: uint64(i + 1), Entities: []domain.Entity{"user/alice"}, Status: domain.Accepted,
				Command: domain.Command{Data: &domain.LoginReport{}},
			}
			would := &domain.Decision{Status: domain.Refused, Reason: domain.Reason(fmt.Sprint("reason-", i%kinds))}
			if err := w.Differs(was, would); err != nil {
				return audit.Supposed{}, err
			}
		}
		return audit.Supposed{Decided: uint64(n), Differ: uint64(n)}, nil
	}
}

// newTestTable returns a table with a clock that the test sets.
func newTestTable() (t *Table, now *time.Time) {
	now = new(time.Time)
	*now = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	return New(func() time.Time { return *now }), now
}

func specOf(caller string) Spec { return Spec{Caller: caller, Policy: domain.IBKRSLS(), From: 1} }

// startLater starts a comparison whose task the test runs.
func (t *Table) startLater(run Run) (id string, task Task) {
	id, _ = t.Start(specOf("olga"), run, func(started Task) bool { task = started; return true })
	return id, task
}

func TestTableBoundsAComparison(t *testing.T) {
	for _, test := range []struct {
		name                 string
		n, kinds             int
		kept, totals, others int
	}{
		{"none", 0, 1, 0, 0, 0},
		{"one kind", DifferencesKept, 1, DifferencesKept, 1, 0},
		{"more than kept", DifferencesKept + 1, 2, DifferencesKept, 2, 0},
		{"more kinds than kept", 3 * totalsMax, totalsMax + 1, 3 * totalsMax, totalsMax, 2},
	} {
		t.Run(test.name, func(t *testing.T) {
			table, _ := newTestTable()
			id, _ := table.Start(specOf("olga"), differing(test.n, test.kinds), runNow)
			got, ok := table.Find(id)
			if !ok || got.State != Done || got.Differ != int64(test.n) || len(got.Differences) != test.kept ||
				len(got.Totals) != test.totals || got.Others != int64(test.others) {
				t.Errorf("got %t %s, %d differences, %d kept, %d totals and %d others, want %+v", ok, got.State,
					got.Differ, len(got.Differences), len(got.Totals), got.Others, test)
			}
		})
	}
}

// TestTableBoundsTheComparisons starts comparisons of callers, and lists the callers that remain.
func TestTableBoundsTheComparisons(t *testing.T) {
	var many []string
	for i := range keptMax {
		many = append(many, fmt.Sprint("caller-", i))
	}
	for _, test := range []struct {
		name          string
		callers, want []string // the oldest first
	}{
		{"one caller", slices.Repeat([]string{"olga"}, KeptOfCaller+3),
			slices.Repeat([]string{"olga"}, KeptOfCaller)},
		{"another caller stays", append([]string{"ann"}, slices.Repeat([]string{"olga"}, KeptOfCaller+1)...),
			append([]string{"ann"}, slices.Repeat([]string{"olga"}, KeptOfCaller)...)},
		{"a full table", append(slices.Clone(many), "olga"), append(slices.Clone(many[1:]), "olga")},
	} {
		t.Run(test.name, func(t *testing.T) {
			table, now := newTestTable()
			for _, caller := range test.callers {
				table.Start(specOf(caller), differing(1, 1), runNow)
				*now = now.Add(time.Second)
			}
			var got []string
			for _, c := range slices.Backward(table.List()) {
				got = append(got, c.Caller)
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestTableKeepsNothingThatWasNotStarted(t *testing.T) {
	table, _ := newTestTable()
	id, ok := table.Start(specOf("olga"), differing(1, 1), func(Task) bool { return false })
	if ok || id != "" || len(table.List()) != 0 {
		t.Errorf("got %q, %t and %d comparisons, want none", id, ok, len(table.List()))
	}
}

// TestTableKeepsARunningComparison passes the age limit while a comparison runs.
func TestTableKeepsARunningComparison(t *testing.T) {
	table, now := newTestTable()
	id, task := table.startLater(differing(2, 1))
	*now = now.Add(2 * KeptFor)
	if got, ok := table.Find(id); !ok || got.State != Running {
		t.Errorf("while it runs: got %q, %t, want it", got.State, ok)
	}
	err := task(t.Context())
	if got, ok := table.Find(id); err != nil || !ok || got.State != Done {
		t.Errorf("after its end: got %v, %q, %t, want the result", err, got.State, ok)
	}
	*now = now.Add(KeptFor + time.Second)
	if _, ok := table.Find(id); ok {
		t.Error("after the age limit: got the comparison, want none")
	}
}

// TestTableCancels cancels a comparison at its first difference.
func TestTableCancels(t *testing.T) {
	table, _ := newTestTable()
	id, task := table.startLater(differing(3, 1))
	table.Cancel(id)
	err := task(t.Context())
	if got, _ := table.Find(id); !errors.Is(err, context.Canceled) || got.State != Cancelled || got.Differ != 1 {
		t.Errorf("got %v, %s with %d differences, want it cancelled at the first one", err, got.State, got.Differ)
	}
}
