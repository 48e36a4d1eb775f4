package logtest

import (
	"context"
	"encoding/binary"
	"slices"
	"time"

	"authledger/domain"
)

// Epoch is the start of every history.
var Epoch = time.Date(2026, 3, 2, 15, 0, 0, 0, time.UTC)

// History is a log in memory, whose verdicts the rules decide, and the states after its
// records.
type History struct {
	*domain.Folded
	Records []domain.Record
	Commits []*domain.Commit
	pending int               // number of records at the end without a commit
	slots   map[string]uint32 // of the key ring, by owner

	lastSlot uint32 // the highest slot that was assigned
}

// NewHistory returns an empty history.
func NewHistory() *History {
	return &History{Folded: domain.NewFolded(domain.IBKRSLS()), slots: make(map[string]uint32)}
}

// Record returns the record at seq.
func (h *History) Record(_ context.Context, seq uint64) (domain.Record, error) {
	return h.Records[seq-1], nil
}

// Do decides a command. It appends the record of the command unless the command is invalid
// or a duplicate.
func (h *History) Do(c domain.Command) domain.Decision {
	d, err := domain.Decide(h, &c)
	if err != nil {
		panic(err) // a state in memory has no error
	}
	if d.Status == domain.Invalid || d.Duplicate > 0 {
		return d
	}
	r := domain.Record{
		Seq: uint64(len(h.Records)) + 1, Entities: d.Entities, Command: c, Time: d.Time, Late: d.Late, Policy: d.Policy,
		Status: d.Status, Reason: d.Reason, Detail: d.Detail, Result: d.Result, Events: d.Events,
	}
	binary.BigEndian.PutUint64(r.Content[:], r.Seq^0xC0FFEE)
	h.seal(&r)
	h.Records = append(h.Records, r)
	h.pending++
	if _, err := h.Take(&r); err != nil {
		panic(err) // a state in memory has no error
	}
	return d
}

// seal gives r personal data under the key of its owner, if it has one. The data is empty.
func (h *History) seal(r *domain.Record) {
	if user := r.Forgotten(); user != "" {
		delete(h.slots, string(domain.UserEntity(user)))
		return
	}
	owner := r.KeyOwner()
	if owner == "" {
		return
	}
	if h.slots[owner] == 0 {
		h.lastSlot++
		h.slots[owner] = h.lastSlot
	}
	r.Personal = &domain.Sealed{Slot: h.slots[owner]}
}

// Slot returns the slot of the key ring of an owner, 0 if no record since the last erasure of the owner has
// personal data of the owner.
func (h *History) Slot(owner string) uint32 { return h.slots[owner] }

// Names returns the users that the records name, in order.
func (h *History) Names() []string {
	var all []string
	for name := range h.Users() {
		all = append(all, name)
	}
	slices.Sort(all)
	return all
}

// Commit appends a commit with the records that have no commit, if there are any.
func (h *History) Commit() {
	if h.pending == 0 {
		return
	}
	n := len(h.Records) - h.pending
	c := &domain.Commit{
		First: uint64(n) + 1, Stream: uint64(len(h.Commits)) + 1, Rules: domain.Rules, Node: "test",
		Time: Epoch.Add(time.Duration(len(h.Commits)) * time.Second), Records: h.Records[n:len(h.Records):len(h.Records)],
	}
	if last := len(h.Commits) - 1; last >= 0 {
		c.Prev = h.Commits[last].Hash
	}
	binary.BigEndian.PutUint64(c.Hash[:], c.Stream*0x9E3779B97F4A7C15)
	h.Commits = append(h.Commits, c)
	h.pending = 0
}

// Entities returns the entities that the records name, in order.
func (h *History) Entities() []domain.Entity {
	var all []domain.Entity
	for _, r := range h.Records {
		all = append(all, r.Entities...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// OneCommit returns all records of the history as one commit.
func (h *History) OneCommit() *domain.Commit {
	all := History{Records: h.Records, pending: len(h.Records)}
	all.Commit()
	return all.Commits[0]
}
