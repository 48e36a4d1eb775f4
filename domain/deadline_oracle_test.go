package domain

import (
	"strings"
	"time"

	"pgregory.net/rapid"
)

// pendingDeadlines is a second implementation of deadlines. It holds the deadlines of a user that have
// neither occurred nor become moot, by their subject, such as "code s".
type pendingDeadlines struct {
	lines    map[string]string // the expected event in its format
	due      map[string]time.Time
	ends     map[string]time.Time // by subject: the end of the restricted state of a passcode
	reusable map[string]bool      // by code: it can be redeemed many times
}

func (w *pendingDeadlines) set(about, line string, at time.Time) {
	w.lines[about], w.due[about] = line+" at "+distance(at), at
}

func (w *pendingDeadlines) drop(about string) {
	delete(w.lines, about)
	delete(w.due, about)
}

// deadlines returns the events of a user that occurred without a command. It fails the test if such an
// event was not due at its instant, is missing, or occurs twice.
func deadlines(t *rapid.T, l *ledger, name string) []string {
	w := pendingDeadlines{map[string]string{}, map[string]time.Time{}, map[string]time.Time{}, map[string]bool{}}
	var formatted []string
	for _, r := range l.records {
		for i := range r.Events {
			e := &r.Events[i]
			if e.Entity != UserEntity(name) && (e.Entity != "" || r.Entities[0] != UserEntity(name)) {
				continue
			}
			for about, at := range w.due {
				if at.Before(e.At) {
					t.Fatalf("event %s: got %s, want it after the overdue %s at %s", e.Data.EventType(), distance(e.At),
						about, w.lines[about])
				}
			}
			if lapses(e) {
				formatted = append(formatted, w.lapse(t, e))
				continue
			}
			w.own(e, r.Command.Data)
		}
	}
	for about, at := range w.due {
		if u := l.users[name]; !at.After(u.Clock) {
			t.Fatalf("%s: got no event, want %s", about, w.lines[about])
		}
	}
	return formatted
}

// lapse removes a deadline that occurred.
func (w *pendingDeadlines) lapse(t *rapid.T, e *Event) string {
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
		t.Fatalf("got %q, want %q", line, w.lines[about])
	}
	w.drop(about)
	if data, ok := e.Data.(*CodeRestricted); ok {
		w.set(about, "code.expired code="+data.Code, w.ends[about])
	}
	return line
}

// own applies the events of a command, and the revocations after an activation.
func (w *pendingDeadlines) own(e *Event, c CommandData) {
	switch data := e.Data.(type) {
	case *LockoutStarted:
		w.lock(data.Until)
	case *LockoutExtended:
		w.lock(data.Until)
	case *LockoutReleased:
		w.drop("lock")
		w.released(data)
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
		if id := c.(*CodeRedeem).Code; !w.reusable[id] {
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

// released closes the open attempts if the release states their number.
func (w *pendingDeadlines) released(e *LockoutReleased) {
	if e.Attempts == 0 {
		return
	}
	for about := range w.due {
		if strings.HasPrefix(about, "attempt ") {
			w.drop(about)
		}
	}
}

func (w *pendingDeadlines) lock(until time.Time) {
	if !until.IsZero() {
		w.set("lock", "lockout.expired", until)
	}
}

func (w *pendingDeadlines) issued(e *CodeIssued, c *CodeIssue) {
	about := "code " + c.Code
	w.ends[about], w.reusable[c.Code] = e.Ends, c.Kind == TempPasscode || c.Kind == OnlineCard
	if e.Ends.After(e.Until) {
		w.set(about, "code.restricted code="+c.Code, e.Until)
		return
	}
	w.set(about, "code.expired code="+c.Code, e.Until)
}
