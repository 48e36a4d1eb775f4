package domain

import (
	"slices"
	"time"
)

// epoch is the start of every test. Tables state times as durations since epoch.
var epoch = time.Date(2026, 3, 2, 15, 0, 0, 0, time.UTC)

// ledger is a log in memory with its states.
type ledger struct {
	*Folded
	records []Record
}

func newLedger(p *Policy) *ledger { return &ledger{Folded: NewFolded(p)} }

// do decides a command and applies its record unless it is invalid.
func (l *ledger) do(c Command) Decision {
	d, err := Decide(l, &c)
	if err != nil {
		panic(err) // the states above have none
	}
	if d.Status != Invalid && d.Duplicate == 0 {
		l.fold(record(c, d, uint64(len(l.records))+1))
	}
	return d
}

func record(c Command, d Decision, seq uint64) Record {
	return Record{
		Seq: seq, Command: c, Entities: d.Entities, Time: d.Time, Late: d.Late, Policy: d.Policy,
		Status: d.Status, Reason: d.Reason, Detail: d.Detail, Result: d.Result, Events: d.Events,
	}
}

func (l *ledger) fold(r Record) {
	l.records = append(l.records, r)
	if _, err := l.Take(&r); err != nil {
		panic(err) // the states above have none
	}
}

// events returns the events of the records of an entity, in order.
func (l *ledger) events(e Entity) []Event {
	var all []Event
	for _, r := range l.records {
		if slices.Contains(r.Entities, e) {
			all = append(all, r.Events...)
		}
	}
	return all
}

// withSpareCapacity returns u with spare capacity in its slices, as append leaves it. intact
// reports whether the spare capacity is unchanged: writing there would change a shared state.
func withSpareCapacity(u User) (withSpareCapacity User, intact func() bool) {
	const spare = 3
	never := time.Unix(0, 0)
	if u.Run.Failures != nil {
		u.Run.Failures = append(slices.Clone(u.Run.Failures), slices.Repeat([]time.Time{never}, spare)...)
		u.Run.Failures = u.Run.Failures[:len(u.Run.Failures)-spare]
	}
	if u.Attempts != nil {
		u.Attempts = append(slices.Clone(u.Attempts), slices.Repeat([]Attempt{{ID: "spare"}}, spare)...)
		u.Attempts = u.Attempts[:len(u.Attempts)-spare]
	}
	failures, attempts := u.Run.Failures, u.Attempts
	return u, func() bool {
		for _, f := range failures[len(failures):min(cap(failures), len(failures)+spare)] {
			if !f.Equal(never) {
				return false
			}
		}
		for _, a := range attempts[len(attempts):min(cap(attempts), len(attempts)+spare)] {
			if a.ID != "spare" {
				return false
			}
		}
		return true
	}
}

// with returns a changed copy of p with another version label.
func with(p *Policy, change func(*Policy)) *Policy {
	changed := *p
	changed.Version = "test@1"
	change(&changed)
	return changed.Compiled()
}
