package domain

import (
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// verdict is the first element of a decision in a table. The events and the result of the decision follow it.
type verdict struct {
	Status Status
	Reason Reason
	Late   bool
	At     time.Duration // effective time after epoch, of late commands and in [outcomeOfUsers]
	Users  []Entity      // the entities of the record, in tables that compare them
}

// moment is an event of another time or user than its decision.
type moment struct {
	IsApart bool          // At is set
	At      time.Duration // after epoch
	User    Entity        // "" for the first user of the record
	Event   EventData
}

func (verdict) Members(Visitor) {}
func (moment) Members(Visitor)  {}

var accepted = verdict{Status: Accepted}

func refused(reason Reason) verdict { return verdict{Status: Refused, Reason: reason} }
func invalid(reason Reason) verdict { return verdict{Status: Invalid, Reason: reason} }

// late returns the verdict on a command that was late and took effect at a duration after epoch.
func (v verdict) late(at time.Duration) verdict {
	v.Late = true
	return v.at(at)
}

// at returns the verdict with its effective time, in tables that compare it for every command.
func (v verdict) at(at time.Duration) verdict {
	v.At = at
	return v
}

// of returns the verdict with the entities of its record.
func (v verdict) of(users []Entity) verdict {
	v.Users = users
	return v
}

// on returns an event that the decision recorded for a duration after epoch.
func on(at time.Duration, e EventData) moment { return moment{IsApart: true, At: at, Event: e} }

// whose returns an event of a user who is not the first of the record. e is the event or its moment.
func whose(user string, e Data) moment {
	m, ok := e.(moment)
	if !ok {
		m.Event = e.(EventData)
	}
	m.User = UserEntity(user)
	return m
}

// theUsers returns the entities of users.
func theUsers(names ...string) (all []Entity) {
	for _, name := range names {
		all = append(all, UserEntity(name))
	}
	return all
}

// after returns the instant at a duration after epoch.
func after(d time.Duration) time.Time { return epoch.Add(d) }

// triesLeft returns the result of a login command: n further attempts are admitted.
func triesLeft(n int64) *LoginResult { return &LoginResult{Remaining: n} }

// retryAfter returns the result of a login command: the next attempt is admitted a duration after epoch.
func retryAfter(d time.Duration) *LoginResult { return &LoginResult{RetryAfter: after(d)} }

func lockedUntil(d time.Duration) *LoginResult { return &LoginResult{Locked: true, Until: after(d)} }

var lockedUntilReleased = &LoginResult{Locked: true}

// deviceRefused returns the refusal of a command on a device.
func deviceRefused(reason Reason) then { return then{refused(reason), &DeviceRefused{Reason: reason}} }

// duplicateOf is the answer to a withdrawal that was requested before. It is the position of the first
// request.
type duplicateOf uint64

func (duplicateOf) Members(Visitor) {}

// sameOutcome compares decisions. Tests of LOGIN-7 compare the second factors of a result.
var sameOutcome = cmp.Options{
	cmpopts.IgnoreFields(LoginResult{}, "SecondFactors"), cmpopts.IgnoreUnexported(Policy{}),
	cmpopts.EquateEmpty(),
}

// outcome returns the verdict, the events, and the result of a login command.
func outcome(_ *Command, d *Decision) then {
	if d.Duplicate > 0 {
		return then{duplicateOf(d.Duplicate)}
	}
	v := verdict{Status: d.Status, Reason: d.Reason}
	if d.Late {
		v = v.late(d.Time.Sub(epoch))
	}
	all := then{v}
	for _, e := range d.Events {
		if e.At.Equal(d.Time) {
			all = append(all, e.Data)
		} else {
			all = append(all, on(e.At.Sub(epoch), e.Data))
		}
	}
	if r, ok := d.Result.(*LoginResult); ok {
		all = append(all, r)
	}
	return all
}

// outcomeForUsers returns the outcome with the users of the record and of each event.
func outcomeForUsers(c *Command, d *Decision) then {
	all := outcome(c, d)
	all[0] = all[0].(verdict).of(d.Entities)
	for i, e := range d.Events {
		if name, ok := e.Entity.User(); ok {
			all[1+i] = whose(name, all[1+i])
		}
	}
	return all
}

// outcomeOfUsers returns the outcome for users, with the time of the decision and of each event.
func outcomeOfUsers(_ *Command, d *Decision) then {
	all := then{verdict{Status: d.Status, Reason: d.Reason, At: d.Time.Sub(epoch), Users: d.Entities}}
	for _, e := range d.Events {
		all = append(all, moment{IsApart: true, At: e.At.Sub(epoch), User: e.Entity, Event: e.Data})
	}
	return all
}
