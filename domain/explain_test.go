package domain_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"iter"
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"authledger/domain"
	"authledger/eventstore/wire"
)

// chronicle is a log in memory, as explanations look it up.
type chronicle struct {
	*domain.Folded
	records []domain.Record
	held    []heldItem
}

// heldItem is what a record made of a holder or joiners.
type heldItem struct {
	domain.ItemChange
	seq uint64
}

func (c *chronicle) Records(entities []domain.Entity, before uint64) iter.Seq2[*domain.Record, error] {
	return func(yield func(*domain.Record, error) bool) {
		for i := range c.records[:before-1] {
			r := &c.records[i]
			named := slices.ContainsFunc(r.Entities, func(e domain.Entity) bool { return slices.Contains(entities, e) })
			if named && !yield(r, nil) {
				return
			}
		}
	}
}

func (c *chronicle) PolicyBefore(before uint64) (*domain.Policy, uint64, error) {
	for i := int(before) - 2; i >= 0; i-- {
		if p := c.records[i].Adopted(); p != nil {
			return p, c.records[i].Seq, nil
		}
	}
	return domain.IBKRSLS(), 0, nil
}

func (c *chronicle) Held(k domain.ItemKey, before uint64) (it domain.Item, by *domain.Record, err error) {
	for _, h := range c.held {
		if h.Key == k && h.seq < before {
			it, by = h.Item, &c.records[h.seq-1]
		}
	}
	return it, by, nil
}

func (c *chronicle) do(t *testing.T, command domain.Command) {
	d, err := domain.Decide(c, &command)
	if err != nil {
		t.Fatal(err)
	}
	if d.Status == domain.Invalid || d.Duplicate > 0 {
		return
	}
	r := domain.Record{
		Seq: uint64(len(c.records)) + 1, Entities: d.Entities, Command: command, Time: d.Time, Late: d.Late, Policy: d.Policy,
		Status: d.Status, Reason: d.Reason, Detail: d.Detail, Result: d.Result, Events: d.Events,
	}
	r.Command.BadName, r.Command.Bucket = nil, "" // neither is stored
	c.records = append(c.records, r)
	changes, err := c.Take(&r)
	if err != nil {
		t.Fatal(err)
	}
	for _, item := range changes.Items {
		if item.Key.Kind == domain.HolderItem || item.Key.Kind == domain.JoinersItem {
			c.held = append(c.held, heldItem{item, r.Seq})
		}
	}
}

// shown is what an auditor has: the JSON of one answer.
type shown struct {
	Says   string
	Record struct {
		Seq      uint64
		Entities []domain.Entity
		Command  struct {
			Source, ID, Type, Caller string
			Time                     jsonTime
			Backfill                 bool
			Data                     json.RawMessage
		}
		Status, Reason, Detail string
		Time                   jsonTime
		Late                   bool
		Policy                 string
		Result                 json.RawMessage
		Events                 []struct {
			Type, Entity string
			At           jsonTime
			Data         json.RawMessage
		}
	}
	Policy struct {
		Version   string
		AdoptedBy uint64
		Document  json.RawMessage
	}
	Rests []shownFact
}

type shownFact struct {
	Seq   uint64
	At    jsonTime
	Of    domain.Entity
	Kind  string
	State json.RawMessage
}

func parseShown(t *testing.T, answer []byte) (s shown) {
	if err := json.Unmarshal(answer, &s); err != nil {
		t.Fatalf("%v in %s", err, answer)
	}
	return s
}

const seeds, commands = 24, 400

// why is the answer about a record, which shows nothing personal.
func (c *chronicle) why(t *testing.T, r *domain.Record) shown {
	x, err := domain.Explain(c, r)
	if err != nil {
		t.Fatalf("record %d, %s %s: %v", r.Seq, r.Command.Data.CommandType(), r.Reason, err)
	}
	answer := wire.AppendData(nil, x)
	for _, secret := range []string{"192.0.2.7", "secret agent", "private note", "Al ice"} {
		if bytes.Contains(answer, []byte(secret)) {
			t.Fatalf("record %d shows %q: %s", r.Seq, secret, answer)
		}
	}
	if x.Says == "" || x.Policy.Version != r.Policy {
		t.Fatalf("record %d says %q, under %q", r.Seq, x.Says, x.Policy.Version)
	}
	return parseShown(t, answer)
}

// told is the verdict that a record holds.
func told(r *domain.Record) verdict {
	return newVerdict(&domain.Decision{
		Entities: r.Entities, Time: r.Time, Late: r.Late, Policy: r.Policy, Status: r.Status, Reason: r.Reason, Detail: r.Detail,
		Result: r.Result, Events: r.Events,
	})
}

// verdict is what must come out again, as JSON.
type verdict struct {
	Entities               []domain.Entity
	Time                   string
	Late                   bool
	Policy                 string
	Status, Reason, Detail string
	Result                 string
	Events                 []string
}

func (s *shown) verdict() verdict {
	r := &s.Record
	v := verdict{Entities: r.Entities, Time: string(r.Time), Late: r.Late, Policy: r.Policy, Status: r.Status, Reason: r.Reason, Detail: r.Detail, Result: string(r.Result)}
	for _, e := range r.Events {
		v.Events = append(v.Events, fmt.Sprint(e.Type, e.Entity, e.At, string(e.Data)))
	}
	return v
}

// recomputed is the verdict on the states that the shown facts make, and nothing
// else, under the shown policy.
func (s *shown) recomputed(t *testing.T) verdict {
	p := new(domain.Policy)
	readJSON(t, s.Policy.Document, p)
	var facts []domain.Fact
	for _, f := range s.Rests {
		state := domain.NewFactState(f.Kind)
		readJSON(t, f.State, state)
		facts = append(facts, domain.Fact{Of: f.Of, Kind: f.Kind, State: state})
	}
	c := domain.Command{
		Source: s.Record.Command.Source, ID: s.Record.Command.ID, Caller: s.Record.Command.Caller, Backfill: s.Record.Command.Backfill,
		Time: s.Record.Command.Time.instant(t), Data: domain.NewCommandData(s.Record.Command.Type),
	}
	readJSON(t, s.Record.Command.Data, c.Data)
	if e := s.Record.Events[0]; e.Type == "login.unattributed" {
		event := new(domain.LoginUnattributed)
		readJSON(t, e.Data, event)
		c.Bucket, c.BadName = s.Record.Entities[0], event.BadName()
	}
	d, err := domain.Decide(domain.Given(p.Compiled(), facts), &c)
	if err != nil {
		t.Fatal(err)
	}
	return newVerdict(&d)
}

func newVerdict(d *domain.Decision) verdict {
	v := verdict{
		Entities: d.Entities, Time: string(wire.AppendTime(nil, d.Time)), Late: d.Late, Policy: d.Policy,
		Status: string(d.Status), Reason: string(d.Reason), Detail: d.Detail,
	}
	if d.Result != nil {
		v.Result = string(wire.AppendData(nil, d.Result))
	}
	for _, e := range d.Events {
		v.Events = append(v.Events, fmt.Sprint(e.Data.EventType(), e.Entity, string(wire.AppendTime(nil, e.At)), string(wire.AppendData(nil, e.Data))))
	}
	return v
}

// Recomputing from what `why` shows gives the same verdict, and every fact is in
// the record that it is cited from: of every record of histories of all commands.
func TestWhatWhyShowsGivesTheVerdict(t *testing.T) {
	seen := map[string]int{}
	for seed := range uint64(seeds) {
		log := wander(t, seed, commands)
		for i := range log.records {
			r := &log.records[i]
			answer := log.why(t, r)
			if diff := cmp.Diff(answer.verdict(), answer.recomputed(t)); diff != "" {
				t.Fatalf("seed %d, record %d, %s (-shown +recomputed)\n%s", seed, r.Seq, r.Command.Data.CommandType(), diff)
			}
			if diff := cmp.Diff(told(r), answer.verdict()); diff != "" {
				t.Fatalf("seed %d, record %d, %s (-recorded +shown)\n%s", seed, r.Seq, r.Command.Data.CommandType(), diff)
			}
			for _, f := range answer.Rests {
				if wrong := log.misquoted(t, f, r.Seq); wrong != "" {
					t.Fatalf("seed %d, record %d, %s: record %d of %s %s: %s", seed, r.Seq, r.Command.Data.CommandType(), f.Seq, f.Kind, f.State, wrong)
				}
				seen["fact "+f.Kind]++
			}
			seen["records"]++
			seen[r.Command.Data.CommandType()+" "+string(r.Status)+" "+string(r.Reason)]++
		}
	}
	if testing.Verbose() {
		for _, k := range slices.Sorted(maps.Keys(seen)) {
			t.Log(k, seen[k])
		}
	}
	for _, kind := range domain.FactKinds() {
		if seen["fact "+kind] == 0 {
			t.Errorf("no verdict rests on a %s: the histories tell nothing of it", kind)
		}
	}
	for _, kind := range domain.CommandTypes() {
		if seen[kind+" accepted "] == 0 {
			t.Errorf("no %s was accepted", kind)
		}
	}
}
