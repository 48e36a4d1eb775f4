package explain_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"authledger/domain"
	"authledger/domain/explain"
	"authledger/domain/explain/historytest"
	"authledger/eventstore/wire"
)

// memoryLog is a log in memory, with the states that it folds to.
type memoryLog struct {
	*domain.Folded
	records []domain.Record
	before  *historytest.History // the log before the record that was explained last
	folded  int                  // the number of records in it
}

// history returns the log before a record. Each call needs a record at or after the record
// of the previous call.
func (c *memoryLog) history(t *testing.T, r *domain.Record) *historytest.History {
	if c.before == nil {
		c.before = historytest.New()
	}
	for ; c.folded < int(r.Seq)-1; c.folded++ {
		if err := c.before.Take(&c.records[c.folded]); err != nil {
			t.Fatal(err)
		}
	}
	return c.before
}

func (c *memoryLog) do(t *testing.T, command domain.Command) {
	d, err := domain.Decide(c, &command)
	if err != nil {
		t.Fatal(err)
	}
	if d.Status == domain.Invalid || d.Duplicate > 0 {
		return
	}
	r := domain.Record{
		Seq: uint64(len(c.records)) + 1, Entities: d.Entities, Command: command, Time: d.Time, Late: d.Late,
		Policy: d.Policy,
		Status: d.Status, Reason: d.Reason, Detail: d.Detail, Result: d.Result, Events: d.Events,
	}
	r.Command.BadName, r.Command.Bucket = nil, "" // neither is stored
	c.records = append(c.records, r)
	if _, err := c.Take(&r); err != nil {
		t.Fatal(err)
	}
}

// shown is the JSON of one explanation, as an auditor reads it.
type shown struct {
	Says   string
	Record struct {
		Seq      uint64
		Entities []domain.Entity
		Command  struct {
			Source, ID, Type, Caller string
			Time, Arrived            jsonTime
			Backfill                 bool
			Data                     json.RawMessage
		}
		Status, Reason, Detail string
		Time                   jsonTime
		Late                   bool
		Policy                 string
		Rules                  int
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
	Basis  []shownFact
	Totals []json.RawMessage
	Next   string
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

// why returns the explanation of a record, and checks that it shows no personal member.
func (c *memoryLog) why(t *testing.T, r *domain.Record) shown {
	x, err := explain.Explain(c.history(t, r), r, 0)
	if err != nil {
		t.Fatalf("record %d, %s %s: %v", r.Seq, r.Command.Data.CommandType(), r.Reason, err)
	}
	answer := wire.AppendData(nil, x)
	for _, secret := range []string{"192.0.2.7", "secret agent", "private note", "Al ice"} {
		if bytes.Contains(answer, []byte(secret)) {
			t.Fatalf("explanation of record %d: got %q in it, want it absent: %s", r.Seq, secret, answer)
		}
	}
	if x.Says == "" || x.Policy.Version != r.Policy {
		t.Fatalf("explanation of record %d: got %q under %q, want a sentence under %q", r.Seq, x.Says,
			x.Policy.Version, r.Policy)
	}
	return parseShown(t, answer)
}

// recorded returns the verdict of a record.
func recorded(r *domain.Record) verdict {
	return newVerdict(&domain.Decision{
		Entities: r.Entities, Time: r.Time, Late: r.Late, Policy: r.Policy, Status: r.Status, Reason: r.Reason,
		Detail: r.Detail,
		Result: r.Result, Events: r.Events,
	})
}

// verdict has the parts of a verdict that must be equal, with the data as JSON.
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
	v := verdict{Entities: r.Entities, Time: string(r.Time), Late: r.Late, Policy: r.Policy, Status: r.Status,
		Reason: r.Reason, Detail: r.Detail, Result: string(r.Result)}
	for _, e := range r.Events {
		v.Events = append(v.Events, fmt.Sprint(e.Type, e.Entity, e.At, string(e.Data)))
	}
	return v
}

// recomputed decides the shown command under the shown policy, on the states that the shown
// facts and totals make.
func (s *shown) recomputed(t *testing.T) verdict {
	p := new(domain.Policy)
	readJSON(t, s.Policy.Document, p)
	var facts []explain.Fact
	for _, f := range s.Basis {
		state := explain.NewFactState(f.Kind)
		readJSON(t, f.State, state)
		facts = append(facts, explain.Fact{Of: f.Of, Kind: f.Kind, State: state})
	}
	totals := make([]explain.Total, len(s.Totals))
	for i := range totals {
		readJSON(t, s.Totals[i], &totals[i])
	}
	c := domain.Command{
		Source: s.Record.Command.Source, ID: s.Record.Command.ID, Caller: s.Record.Command.Caller,
		Backfill: s.Record.Command.Backfill,
		Time:     s.Record.Command.Time.instant(t), Rules: s.Record.Rules,
		Data: domain.NewCommandData(s.Record.Command.Type),
	}
	if arrived := s.Record.Command.Arrived; arrived != "" {
		c.Arrived = arrived.instant(t)
	}
	readJSON(t, s.Record.Command.Data, c.Data)
	if e := s.Record.Events[0]; e.Type == "login.unattributed" {
		event := new(domain.LoginUnattributed)
		readJSON(t, e.Data, event)
		c.Bucket, c.BadName = s.Record.Entities[0], event.BadName()
	}
	d, err := domain.Decide(explain.Given(p.Compiled(), facts, totals), &c)
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
		v.Events = append(v.Events,
			fmt.Sprint(e.Data.EventType(), e.Entity, string(wire.AppendTime(nil, e.At)),
				string(wire.AppendData(nil, e.Data))))
	}
	return v
}

// TestExplanationReproducesVerdict explains every record of random logs with all commands.
// It decides each command again from the JSON of the explanation, and looks up each fact in
// the record that the fact names.
func TestExplanationReproducesVerdict(t *testing.T) {
	seen := map[string]int{}
	for seed := range uint64(seeds) {
		log := newLog(t, seed, commands)
		for i := range log.records {
			r := &log.records[i]
			answer := log.why(t, r)
			if diff := cmp.Diff(answer.verdict(), answer.recomputed(t)); diff != "" {
				t.Fatalf("seed %d, record %d, %s (-shown +recomputed)\n%s", seed, r.Seq,
					r.Command.Data.CommandType(), diff)
			}
			if diff := cmp.Diff(recorded(r), answer.verdict()); diff != "" {
				t.Fatalf("seed %d, record %d, %s (-recorded +shown)\n%s", seed, r.Seq, r.Command.Data.CommandType(), diff)
			}
			for _, f := range answer.Basis {
				if wrong := log.wrongCitation(t, f, r.Seq); wrong != "" {
					t.Fatalf("seed %d, record %d, %s: record %d of %s %s: %s", seed, r.Seq, r.Command.Data.CommandType(),
						f.Seq, f.Kind, f.State, wrong)
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
	for _, kind := range explain.FactKinds() {
		if seen["fact "+kind] == 0 {
			t.Errorf("kind of fact %s: got no explanation that has it, want at least 1", kind)
		}
	}
	for _, kind := range domain.CommandTypes() {
		if seen[kind+" accepted "] == 0 {
			t.Errorf("command %s: got none accepted, want at least 1", kind)
		}
	}
}
