package domain

import "time"

// TimerSource is the source of timer.fire commands.
const TimerSource = "timer"

// Deadline is the next instant at which an event of an entity is due.
type Deadline struct {
	Entity Entity
	At     time.Time
}

const timerFireType = "timer.fire"

// TimerFire records the events of an entity that were due at one instant. Only the ledger sends
// this command, once its clock is past the instant by the maximum skew. There is one
// record for each entity and instant.
type TimerFire struct{ Entity string }

// NewTimerFire returns the command that records the deadline of e at due. Its id is derived
// from both, so that two nodes cannot record it twice.
func NewTimerFire(e Entity, due time.Time) Command {
	return Command{
		Source: TimerSource, ID: string(e) + "@" + due.UTC().Format(time.RFC3339Nano),
		Time: due, Caller: TimerSource, Data: &TimerFire{Entity: string(e)},
	}
}

func (c *TimerFire) CommandType() string { return timerFireType }
func (c *TimerFire) Members(v Visitor)   { v.Text("entity", &c.Entity, Need) }

func (c *TimerFire) decide(d *deciding) error {
	name, ok := Entity(c.Entity).User()
	if !ok {
		d.reject(BadField, "entity: no deadlines fall due on "+c.Entity)
		return nil
	}
	// The name is not validated: a deadline is due even if a newer policy rejects the name.
	if err := d.addUser(name); err != nil {
		return err
	}
	// The ledger may have read the deadline from an older state. After a backfill no timer
	// fires, and an earlier deadline must be recorded first.
	if len(d.Events) == 0 || !d.Events[0].At.Equal(d.command.Time) || d.user.Backfilled {
		d.reject(Moot, "nothing is due at this instant")
		return nil
	}
	d.Status = Accepted
	return nil
}
