package traffic_test

import (
	"testing"
	"time"

	"authledger/domain"
)

// played is what a ledger without a log makes of a stream of commands.
type played struct {
	users    map[string]domain.User
	clocks   map[domain.Entity]time.Time
	first    map[[2]string]domain.Command // by source and id
	answers  map[string]int               // by type, status and reason
	events   map[string]int               // by type
	late     int
	repeated int
}

func newPlayed() *played {
	return &played{
		users: map[string]domain.User{}, clocks: map[domain.Entity]time.Time{},
		first: map[[2]string]domain.Command{}, answers: map[string]int{}, events: map[string]int{},
	}
}

var policy = domain.IBKRSLS()

func (p *played) Policy() *domain.Policy                   { return policy }
func (p *played) User(name string) (domain.User, error)    { return p.users[name], nil }
func (p *played) Clock(e domain.Entity) (time.Time, error) { return p.clocks[e], nil }

// take judges a command as the ledger's edge does, and decides it unless it is
// a repeat.
func (p *played) take(t *testing.T, c domain.Command) {
	t.Helper()
	checkForm(t, c)
	name := [2]string{c.Source, c.ID}
	if first, ok := p.first[name]; ok {
		if members(first.Data) != members(c.Data) || !first.Time.Equal(c.Time) {
			t.Fatalf("%s %s names two contents", c.Source, c.ID)
		}
		p.repeated++
		return
	}
	p.first[name] = c
	c.Bucket = domain.SourceEntity(3)
	d, err := domain.Decide(p, &c)
	if err != nil || d.Status == domain.Invalid {
		t.Fatalf("%s %s: %v %s %s", c.Source, c.ID, err, d.Reason, d.Detail)
	}
	p.fold(c, d)
}

func (p *played) fold(c domain.Command, d domain.Decision) {
	p.answers[c.Data.CommandType()+" "+string(d.Status)+" "+string(d.Reason)]++
	for _, e := range d.Events {
		p.events[e.Data.EventType()]++
	}
	if d.Late {
		p.late++
	}
	record := &domain.Record{Command: c, Time: d.Time, Events: d.Events}
	for _, e := range d.Entities {
		p.clocks[e] = d.Time
		if name, ok := e.User(); ok {
			p.users[name] = p.users[name].Fold(record)
		}
	}
}

// locked counts the users who are locked at an instant.
func (p *played) locked(at time.Time) (n int) {
	for _, u := range p.users {
		if u.Lockout(policy, at).Locked {
			n++
		}
	}
	return n
}

func checkForm(t *testing.T, c domain.Command) {
	t.Helper()
	if wrong := domain.WrongEnvelope(c.Source, domain.SourceBytesMax) + domain.WrongEnvelope(c.ID, domain.IDBytesMax); wrong != "" {
		t.Fatalf("%s %s: %s", c.Source, c.ID, wrong)
	}
	c.Data.Members(&form{t: t})
	if data, ok := c.Data.(interface{ Check() *domain.Rejection }); ok && data.Check() != nil {
		t.Fatalf("%s %s: %v", c.Source, c.ID, data.Check())
	}
}

func members(d domain.Data) string {
	f := form{}
	d.Members(&f)
	return f.text
}

// form checks the members of login and support commands, and writes them down.
type form struct {
	domain.Visitor // of no other kind of member: nil
	t              *testing.T
	text           string
}

func (f *form) Text(name string, at *string, form domain.Form) {
	f.text += name + "=" + *at + "\n"
	if f.t == nil || *at == "" || form.Wrong == nil {
		return
	}
	if wrong := form.Wrong(*at); wrong != "" {
		f.t.Fatalf("%s %q: %s", name, *at, wrong)
	}
}
