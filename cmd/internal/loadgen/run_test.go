package loadgen_test

import (
	"testing"
	"time"

	"authledger/domain"
)

// simulation decides a sequence of commands without a log.
type simulation struct {
	*domain.Folded
	first    map[[2]string]domain.Command // by source and id
	answers  map[string]int               // by type, status and reason
	events   map[string]int               // by type
	reasons  map[domain.Reason]int        // of refusals
	total    int
	accepted int
	late     int
	repeated int
	oldest   time.Time // set for a brokerage
	newest   time.Time
}

func newSimulation() *simulation {
	return &simulation{
		Folded: domain.NewFolded(policy),
		first:  map[[2]string]domain.Command{}, answers: map[string]int{}, events: map[string]int{},
		reasons: map[domain.Reason]int{},
	}
}

var policy = domain.IBKRSLS()

// apply checks a command as an adapter does, and decides it unless it is repeated.
func (p *simulation) apply(t *testing.T, c domain.Command) {
	t.Helper()
	checkForm(t, c)
	name := [2]string{c.Source, c.ID}
	if first, ok := p.first[name]; ok {
		if members(first.Data) != members(c.Data) || !first.Time.Equal(c.Time) {
			t.Fatalf("id %s %s: got two different commands, want one", c.Source, c.ID)
		}
		p.repeated++
		return
	}
	p.first[name] = c
	c.Bucket = domain.SourceEntity(3)
	d, err := domain.Decide(p, &c)
	if err != nil || d.Status == domain.Invalid {
		t.Fatalf("%s %s: got error %v, %s %s, want a recorded verdict", c.Source, c.ID, err, d.Reason, d.Detail)
	}
	if d.Duplicate != 0 {
		p.repeated++
		return
	}
	p.fold(c, d)
}

func (p *simulation) fold(c domain.Command, d domain.Decision) {
	p.answers[c.Data.CommandType()+" "+string(d.Status)+" "+string(d.Reason)]++
	for _, e := range d.Events {
		p.events[e.Data.EventType()]++
	}
	if d.Late {
		p.late++
	}
	switch p.total++; d.Status {
	case domain.Accepted:
		p.accepted++
	default:
		p.reasons[d.Reason]++
	}
	record := &domain.Record{Seq: uint64(p.total), Entities: d.Entities, Command: c, Time: d.Time,
		Status: d.Status, Events: d.Events}
	if _, err := p.Take(record); err != nil {
		panic(err) // a fold in memory returns no error
	}
}

// locked returns the number of users who are locked out at an instant.
func (p *simulation) locked(at time.Time) (n int) {
	for _, u := range p.Users() {
		if u.Lockout(policy, at).Locked {
			n++
		}
	}
	return n
}

func checkForm(t *testing.T, c domain.Command) {
	t.Helper()
	wrong := domain.WrongEnvelope(c.Source, domain.SourceBytesMax) +
		domain.WrongEnvelope(c.ID, domain.IDBytesMax)
	if wrong != "" {
		t.Fatalf("%s %s: got %s, want valid members", c.Source, c.ID, wrong)
	}
	c.Data.Members(&form{t: t})
	if data, ok := c.Data.(interface{ Check() *domain.Rejection }); ok && data.Check() != nil {
		t.Fatalf("%s %s: got rejection %v, want none", c.Source, c.ID, data.Check())
	}
}

func members(d domain.Data) string {
	f := form{}
	d.Members(&f)
	return f.text
}

// form checks the members of commands and collects the text members.
type form struct {
	domain.Visitor // nil: commands have no other kinds of members
	t              *testing.T
	text           string
}

func (f *form) Flag(string, *bool, domain.Form)                {}
func (f *form) Count(string, *int64, domain.Form)              {}
func (f *form) Object(_ string, at domain.Data, _ domain.Form) { at.Members(f) }

func (f *form) Text(name string, at *string, form domain.Form) {
	f.text += name + "=" + *at + "\n"
	if f.t == nil || *at == "" || form.Wrong == nil {
		return
	}
	if wrong := form.Wrong(*at); wrong != "" {
		f.t.Fatalf("member %s: got %q, want a valid text: %s", name, *at, wrong)
	}
}
