package projections

import (
	"context"
	"encoding/binary"
	"slices"
	"testing"
	"time"

	"authledger/domain"
)

// epoch is when every history begins.
var epoch = time.Date(2026, 3, 2, 15, 0, 0, 0, time.UTC)

// history is a log in memory, decided by the rules, and the states it folds to.
type history struct {
	*domain.Folded
	records []domain.Record
	commits []*domain.Commit
	pending int // records at the end that no commit has yet
}

func newHistory() *history { return &history{Folded: domain.NewFolded(domain.IBKRSLS())} }

func (h *history) Record(_ context.Context, seq uint64) (domain.Record, error) {
	return h.records[seq-1], nil
}

// do decides a command and appends its record, unless it is invalid.
func (h *history) do(c domain.Command) domain.Decision {
	d, err := domain.Decide(h, &c)
	if err != nil {
		panic(err) // the states above have none
	}
	if d.Status == domain.Invalid || d.Duplicate > 0 {
		return d
	}
	r := domain.Record{
		Seq: uint64(len(h.records)) + 1, Entities: d.Entities, Command: c, Time: d.Time, Late: d.Late, Policy: d.Policy,
		Status: d.Status, Reason: d.Reason, Detail: d.Detail, Result: d.Result, Events: d.Events,
	}
	binary.BigEndian.PutUint64(r.Content[:], r.Seq^0xC0FFEE)
	h.records = append(h.records, r)
	h.pending++
	if _, err := h.Take(&r); err != nil {
		panic(err) // the states above have none
	}
	return d
}

// names are the users that a record names, in order.
func (h *history) names() []string {
	var all []string
	for name := range h.Users() {
		all = append(all, name)
	}
	return sortedNames(all)
}

// commit closes a commit over the records that have none yet.
func (h *history) commit() {
	if h.pending == 0 {
		return
	}
	n := len(h.records) - h.pending
	c := &domain.Commit{
		First: uint64(n) + 1, Stream: uint64(len(h.commits)) + 1, Rules: domain.Rules, Node: "test",
		Time: epoch.Add(time.Duration(len(h.commits)) * time.Second), Records: h.records[n:len(h.records):len(h.records)],
	}
	if last := len(h.commits) - 1; last >= 0 {
		c.Prev = h.commits[last].Hash
	}
	binary.BigEndian.PutUint64(c.Hash[:], c.Stream*0x9E3779B97F4A7C15)
	h.commits = append(h.commits, c)
	h.pending = 0
}

// entities are all that the records name.
func (h *history) entities() []domain.Entity {
	var all []domain.Entity
	for _, r := range h.records {
		all = append(all, r.Entities...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// Histories by chance tell of everything that can happen.
func TestChanceBringsEveryEventAbout(t *testing.T) {
	missing := map[string]bool{}
	for _, kind := range domain.EventTypes() {
		missing[kind] = true
	}
	for seed := uint64(0); len(missing) > 0; seed++ {
		if seed == 200 {
			t.Fatalf("never: %v", missing)
		}
		h := newHistory()
		newChance(seed, 1+int(seed%6)).write(h, 500, 9)
		for _, r := range h.records {
			for _, e := range r.Events {
				delete(missing, e.Data.EventType())
			}
		}
	}
}
