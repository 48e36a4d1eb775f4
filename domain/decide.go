package domain

import "time"

// States is what a decision may read: the log folded up to one position. An
// error means that a state could not be read.
type States interface {
	Policy() *Policy                   // the newest adopted, or the built-in
	User(name string) (User, error)    // the zero User if none is known
	Clock(e Entity) (time.Time, error) // of any entity; zero if it has no record
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
}

// Decide answers c from s. It is pure: equal states and commands, equal
// decisions. The form of c's data has been checked, and so have its id and its
// clock; Decide judges the rest. A non-nil error is an error of s.
func Decide(s States, c *Command) (Decision, error) {
	d := deciding{states: s, policy: s.Policy(), command: c}
	d.Policy = d.policy.Version
	err := c.Data.decide(&d)
	return d.Decision, err
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

// deciding is one decision under way.
type deciding struct {
	Decision
	states  States
	policy  *Policy
	command *Command
	user    User // the state that emitted events change
}

// at takes e into the record: it moves the effective time up to e's clock.
func (d *deciding) at(e Entity, clock time.Time) {
	d.Entities = append(d.Entities, e)
	d.Time = d.command.Time
	if d.Time.Before(clock) {
		d.Time, d.Late = clock, true
	}
}

// onUser takes the named user into the record, with all that is due by now.
// It reports false when the decision is over: the name is bad.
func (d *deciding) onUser(name string) (bool, error) {
	if bad := d.policy.BadName(name); bad != nil {
		d.reject(InvalidCharacter, "user: "+bad.String())
		return false, nil
	}
	return true, d.load(name)
}

func (d *deciding) load(name string) error {
	u, err := d.states.User(name)
	if err != nil {
		return err
	}
	d.user = u
	d.at(UserEntity(name), u.Clock)
	for e := range d.user.overdue(d.Time) {
		d.emit(e.At, e.Data)
	}
	return nil
}

// emit adds an event and lets the user's state know.
func (d *deciding) emit(at time.Time, data EventData) {
	d.Events = append(d.Events, Event{At: at, Data: data})
	if e, ok := data.(userEvent); ok {
		e.evolve(&d.user, at, d.command)
	}
}

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
