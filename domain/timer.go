package domain

import "time"

// TimerSource is the source of the ledger's own deadlines.
const TimerSource = "timer"

// Deadline is the next instant at which something falls due on an entity.
type Deadline struct {
	Entity Entity
	At     time.Time
}

const timerFireType = "timer.fire"

// TimerFire asks to record what was due on an entity at one instant. Only the
// ledger sends it: once the clock is past the instant by the permitted skew
// one record an entity and instant.
type TimerFire struct{ Entity string }

// NewTimerFire makes the command that fires the deadline of e at due. Its id
// follows from both, so two nodes can't record it twice.
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
	// A deadline falls due whatever a later policy thinks of the name.
	if err := d.onUser(name); err != nil {
		return err
	}
	// Whoever fires may know an older state: a backfill since then keeps timers
	// off, and an earlier deadline gets a record of its own first.
	if len(d.Events) == 0 || !d.Events[0].At.Equal(d.command.Time) || d.user.Backfilled {
		d.reject(Moot, "nothing is due at this instant")
		return nil
	}
	d.Status = Accepted
	return nil
}
