package domain

import "time"

// States is what a decision may read: the log folded up to one position. What it
// returns is only to be read. An error means that a state could not be read.
type States interface {
	Before
	Policy() *Policy                   // the newest adopted, or the built-in
	Clock(e Entity) (time.Time, error) // of any entity; zero if it has no record

	Recent // asked when a policy with another zone has come; may be slow
}

// Before is what folding a record may read: the states before it.
type Before interface {
	User(name string) (User, error)     // the zero User if none is known
	Account(id string) (Account, error) // the zero Account if none is known
	Item(k ItemKey) (Item, error)       // nil if there is none
}

// Decision is what Decide found: a record but for its position, or, with
// Status [Invalid], a rejection.
type Decision struct {
	Entities []Entity
	Time     time.Time // effective: max(command time, clocks of the entities)
	Late     bool
	Policy   string
	Status   Status
	Reason   Reason
	Detail   string
	Result   Data
	Events   []Event // overdue ones first, then the command's own

	// Duplicate is the position of the record that answered the same request
	// under another command's id. All else is zero then but Policy.
	Duplicate uint64
}

// Decide answers c from s. It is pure: equal states and commands, equal
// decisions. The form of c's data has been checked, and so have its id and its
// clock; Decide judges the rest. A non-nil error is an error of s.
func Decide(s States, c *Command) (Decision, error) {
	d := deciding{policy: s.Policy()}
	d.states, d.before, d.command = s, s, c
	d.Decision.Policy = d.policy.Version
	d.Users = d.room[:0]
	if wrong := c.Misstated(d.policy); wrong != nil {
		d.reject(wrong.Reason, wrong.Field+": "+wrong.Detail)
		return d.Decision, nil
	}
	if err := c.Data.decide(&d); err != nil {
		return Decision{}, err
	}
	if d.err != nil {
		return Decision{}, d.err
	}
	return d.Decision, nil
}

// CheckClock judges a command's time against the server's at its arrival: any
// past is fine for a backfill, nothing beyond the skew is fine for the future
// (domain.md "Clock", A-47). The edge itself is inside.
func (p *Policy) CheckClock(c *Command, now time.Time) *Rejection {
	switch skew := c.Time.Sub(now); {
	case skew > p.maxClockSkew():
		return &Rejection{ClockSkew, "time", "later than the server's clock by more than " + p.maxClockSkew().String()}
	case skew < -p.maxClockSkew() && !c.Backfill: // negating skew could overflow
		return &Rejection{ClockSkew, "time", "earlier than the server's clock by more than " + p.maxClockSkew().String()}
	}
	return nil
}

// deciding is one decision under way: what is found so far, and the states as
// the events so far have left them.
type deciding struct {
	Decision
	fold
	states States
	policy *Policy
	user   *User         // the record's first, once it is taken
	room   [1]UserChange // of most records
}

// in takes an entity into the record: it moves the effective time up to its
// clock.
func (d *deciding) in(e Entity, clock time.Time) {
	if len(d.Entities) == 0 {
		d.Time = d.command.Time
	}
	d.Entities = append(d.Entities, e)
	if d.Time.Before(clock) {
		d.Time, d.Late = clock, true
	}
}

// take takes users into the record. What is due on them is not carried yet.
func (d *deciding) take(names ...string) error {
	for _, name := range names {
		e := UserEntity(name)
		if err := d.open(e); err != nil {
			return err
		}
		d.in(e, d.Users[len(d.Users)-1].After.Clock)
	}
	d.user, d.name = &d.Users[0].After, d.Users[0].Name
	return nil
}

// onUser takes the named user into the record, with all that is due by now.
func (d *deciding) onUser(name string) error {
	if err := d.take(name); err != nil {
		return err
	}
	d.carry()
	return nil
}

// onSystem takes an entity into the record that has nothing but a clock.
func (d *deciding) onSystem(e Entity) error {
	clock, err := d.states.Clock(e)
	if err != nil {
		return err
	}
	d.in(e, clock)
	return nil
}

// carry puts what is due by now on the record's users ahead of its own events:
// by instant, then by type, then in the order of the entities.
func (d *deciding) carry() {
	for {
		var first *deadline
		var whose int
		for i := range d.Users {
			due, ok := d.Users[i].After.deadline()
			if ok && !due.at.After(d.Time) && (first == nil || due.sooner(first)) {
				first, whose = &due, i
			}
		}
		if first == nil {
			break
		}
		d.emitFor(whose, first.at, first.event)
		d.follow(whose, first)
	}
	d.at = d.Time
}

// emitFor adds an event of the record's i-th user, and lets the states know.
func (d *deciding) emitFor(i int, at time.Time, data EventData) {
	e := Event{At: at, Data: data}
	if i > 0 {
		e.Entity = d.Entities[i]
	}
	d.Events = append(d.Events, e)
	d.evolve(&d.Events[len(d.Events)-1])
}

// emit adds an event of the record's first entity.
func (d *deciding) emit(at time.Time, data EventData) { d.emitFor(0, at, data) }

func (d *deciding) accept(data EventData) {
	d.Status = Accepted
	d.emit(d.Time, data)
}

func (d *deciding) refuse(reason Reason, detail string, data EventData) {
	d.Status, d.Reason, d.Detail = Refused, reason, detail
	d.emit(d.Time, data)
}

// reject drops everything found so far: an invalid command leaves no trace.
func (d *deciding) reject(reason Reason, detail string) {
	d.Decision = Decision{Status: Invalid, Reason: reason, Detail: detail, Time: d.command.Time, Policy: d.Policy}
}
