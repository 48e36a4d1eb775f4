package domain

import (
	"time"

	"pgregory.net/rapid"
)

// waiting is a user's log read naively: what was set for an instant, and has
// neither happened nor been made moot, by what it is about.
type waiting struct {
	lines map[string]string // the event that is to come, as it will be told
	due   map[string]time.Time
	ends  map[string]time.Time // of a passcode
	many  map[string]bool      // codes that are not used up
}

func (w *waiting) set(about, line string, at time.Time) {
	w.lines[about], w.due[about] = line+" at "+distance(at), at
}

func (w *waiting) drop(about string) {
	delete(w.lines, about)
	delete(w.due, about)
}

// deadlines are what time alone brought a user, in the order of the log. Each
// was set before, for that very instant, and none is missing or told twice.
func deadlines(t *rapid.T, l *ledger, name string) []string {
	w := waiting{map[string]string{}, map[string]time.Time{}, map[string]time.Time{}, map[string]bool{}}
	var told []string
	for _, r := range l.records {
		for i := range r.Events {
			e := &r.Events[i]
			if e.Entity != UserEntity(name) && (e.Entity != "" || r.Entities[0] != UserEntity(name)) {
				continue
			}
			for about, at := range w.due {
				if at.Before(e.At) {
					t.Fatalf("%s of %s comes before the overdue %s of %s", e.Data.EventType(), distance(e.At), about, w.lines[about])
				}
			}
			if lapses(e) {
				told = append(told, w.lapse(t, e))
				continue
			}
			w.own(e, r.Command.Data)
		}
	}
	for about, at := range w.due {
		if u := l.users[name]; !at.After(u.Clock) {
			t.Fatalf("%s is missing: %s", w.lines[about], about)
		}
	}
	return told
}

// lapse takes what was due.
func (w *waiting) lapse(t *rapid.T, e *Event) string {
	var members sentence
	e.Data.Members(&members)
	about := "lock"
	switch data := e.Data.(type) {
	case *LoginAbandoned:
		about = "attempt " + data.Attempt
	case *CodeRestricted:
		about = "code " + data.Code
	case *CodeExpired:
		about = "code " + data.Code
	case *DeviceActivated:
		about = "device " + data.Device
	}
	line := e.Data.EventType() + members.String() + " at " + distance(e.At)
	if w.lines[about] != line {
		t.Fatalf("%q, want %q", line, w.lines[about])
	}
	w.drop(about)
	if data, ok := e.Data.(*CodeRestricted); ok {
		w.set(about, "code.expired code="+data.Code, w.ends[about])
	}
	return line
}

// own takes what a command brought about, and what an activation entailed.
func (w *waiting) own(e *Event, c CommandData) {
	switch data := e.Data.(type) {
	case *LockoutStarted:
		w.lock(data.Until)
	case *LockoutExtended:
		w.lock(data.Until)
	case *LockoutReleased:
		w.drop("lock")
	case *LoginStarted:
		id := c.(*LoginBegin).Attempt
		w.set("attempt "+id, "login.abandoned attempt="+id, data.Until)
	case *LoginSucceeded, *LoginFailed, *LoginRefused:
		if finish, ok := c.(*LoginFinish); ok {
			w.drop("attempt " + finish.Attempt)
		}
	case *CodeIssued:
		w.issued(data, c.(*CodeIssue))
	case *CodeRedeemed:
		if id := c.(*CodeRedeem).Code; !w.many[id] {
			w.drop("code " + id)
		}
	case *CodeRevoked:
		id := data.Code
		if revoke, ok := c.(*CodeRevoke); ok && id == "" {
			id = revoke.Code
		}
		w.drop("code " + id)
	case *DeviceShipped:
		id := c.(*DeviceShip).Device
		w.set("device "+id, "device.activated device="+id+" method=auto", data.Activates)
	case *DeviceActivated:
		w.drop("device " + c.(*DeviceActivate).Device)
	case *DeviceDeactivated:
		w.drop("device " + c.(*DeviceDeactivate).Device)
	}
}

func (w *waiting) lock(until time.Time) {
	if !until.IsZero() {
		w.set("lock", "lockout.expired", until)
	}
}

func (w *waiting) issued(e *CodeIssued, c *CodeIssue) {
	about := "code " + c.Code
	w.ends[about], w.many[c.Code] = e.Ends, c.Kind == TempPasscode || c.Kind == OnlineCard
	if e.Ends.After(e.Until) {
		w.set(about, "code.restricted code="+c.Code, e.Until)
		return
	}
	w.set(about, "code.expired code="+c.Code, e.Until)
}
