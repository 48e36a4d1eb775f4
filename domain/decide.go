package domain

import "time"

// States provides the states that a decision may read: the states after one position of the
// log. Callers MUST NOT change the returned values. An error means that a state could not be
// read.
type States interface {
	Before
	Policy() *Policy                   // the policy in force: the newest adopted, or the default
	Clock(e Entity) (time.Time, error) // the last effective time of an entity; zero if no record names it

	Recent // used after a policy with another time zone was adopted; may be slow
}

// Before provides the states that the fold of a record may read: the states before the record.
type Before interface {
	User(name string) (User, error)     // the zero User if no record names the user
	Account(id string) (Account, error) // the zero Account if no record names the account
	Item(k ItemKey) (Item, error)       // nil if the item does not exist
}

// Decision is the result of [Decide]: a record without its position, or a rejection if
// Status is [Invalid].
type Decision struct {
	Entities []Entity
	Time     time.Time // effective: the latest of the command's instant and the clocks of the entities
	Late     bool
	Policy   string
	Status   Status
	Reason   Reason
	Detail   string // stored, and compared by verification: do not reword an existing refusal
	Result   Data
	Events   []Event // overdue ones first, then the command's own

	// Duplicate is set if a recorded command with another id made the same request. It is the
	// position of that record. All other fields except Policy are then zero.
	Duplicate uint64
}

// Decide decides c in the states s. It is a pure function: equal states and commands give
// equal decisions. It checks neither the form of the data of c nor its id nor its time: the
// caller checks them, see [Policy.CheckClock]. Decide returns an error only if s returns one.
func Decide(s States, c *Command) (Decision, error) {
	d := deciding{policy: s.Policy()}
	d.states, d.before, d.command = s, s, c
	d.Decision.Policy = d.policy.Version
	d.Users = d.userBuffer[:0]
	if wrong := c.Validate(d.policy); wrong != nil {
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

// CheckClock compares the time of a command with now, the server's clock at the arrival. It
// returns a rejection if the difference exceeds the maximum skew (docs/rules.md, "Clock", A-47).
// A backfill may have any past time. A difference equal to the skew is valid. The
// check includes commands that are decided at their arrival.
func (p *Policy) CheckClock(c *Command, now time.Time) *Rejection {
	switch skew := c.Time.Sub(now); {
	case skew > p.maxClockSkew():
		return &Rejection{ClockSkew, "time", "later than the server's clock by more than " + p.maxClockSkew().String()}
	case skew < -p.maxClockSkew() && !c.Backfill: // negating skew could overflow
		return &Rejection{ClockSkew, "time", "earlier than the server's clock by more than " + p.maxClockSkew().String()}
	}
	return nil
}

// deciding is a decision in progress: the decision so far, and the states after the events
// so far.
type deciding struct {
	Decision
	fold
	states States
	policy *Policy
	user   *User // the first user of the record, nil before addUsers

	userBuffer [1]UserChange // backing array of Users, so that most records need no allocation
}

// addEntity adds an entity to the record. If the clock of the entity is later than the effective
// time, addEntity sets the effective time to it.
func (d *deciding) addEntity(e Entity, clock time.Time) {
	if len(d.Entities) == 0 {
		d.Time = d.command.instant()
	}
	d.Entities = append(d.Entities, e)
	if d.Time.Before(clock) {
		d.Time, d.Late = clock, true
	}
}

// addUsers adds users to the record. It does not record their overdue events, see emitOverdue.
func (d *deciding) addUsers(names ...string) error {
	for _, name := range names {
		e := UserEntity(name)
		if err := d.open(e); err != nil {
			return err
		}
		d.addEntity(e, d.Users[len(d.Users)-1].After.Clock)
	}
	d.user, d.name = &d.Users[0].After, d.Users[0].Name
	return nil
}

// addUser adds a user to the record and records the overdue events of that user.
func (d *deciding) addUser(name string) error {
	if err := d.addUsers(name); err != nil {
		return err
	}
	d.emitOverdue()
	return nil
}

// addSystem adds an entity that has a clock but no state.
func (d *deciding) addSystem(e Entity) error {
	clock, err := d.states.Clock(e)
	if err != nil {
		return err
	}
	d.addEntity(e, clock)
	return nil
}

// emitOverdue records the overdue events of the users of the record, before the events of the
// command: ordered by instant, then by type, then by entity.
func (d *deciding) emitOverdue() {
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
		d.emitConsequences(whose, first)
	}
	d.at = d.Time
}

// emitFor records an event of the i-th user of the record and applies it to the states.
func (d *deciding) emitFor(i int, at time.Time, data EventData) {
	e := Event{At: at, Data: data}
	if i > 0 {
		e.Entity = d.Entities[i]
	}
	d.Events = append(d.Events, e)
	d.evolve(&d.Events[len(d.Events)-1])
}

// emit records an event of the first entity of the record and applies it to the states.
func (d *deciding) emit(at time.Time, data EventData) { d.emitFor(0, at, data) }

func (d *deciding) accept(data EventData) {
	d.Status = Accepted
	d.emit(d.Time, data)
}

func (d *deciding) refuse(reason Reason, detail string, data EventData) {
	d.Status, d.Reason, d.Detail = Refused, reason, detail
	d.emit(d.Time, data)
}

// reject discards the decision so far, because an invalid command is not recorded.
func (d *deciding) reject(reason Reason, detail string) {
	d.Decision = Decision{Status: Invalid, Reason: reason, Detail: detail, Time: d.command.Time, Policy: d.Policy}
}
