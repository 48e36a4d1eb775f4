package domain

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

const (
	second = time.Second
	minute = time.Minute
	hour   = time.Hour
	day    = 24 * time.Hour
)

// step returns a command. It is called when the command is due, with the ledger at that time.
type step func(*ledger) *Command

// send returns the step of a command of alice's gateway at a duration after epoch.
func send(at time.Duration, data CommandData) step {
	return func(l *ledger) *Command {
		return &Command{
			Source: "gateway/portal", ID: strconv.Itoa(len(l.records)), Caller: "portal",
			Time: epoch.Add(at), Data: data, Bucket: SourceEntity(7),
		}
	}
}

func fail(at time.Duration) step { return failed("bad_credentials", at) }
func failed(reason string, at time.Duration) step {
	return send(at, &LoginReport{User: "alice", Outcome: Failed, Reason: reason})
}
func succeed(at time.Duration) step {
	return send(at, &LoginReport{User: "alice", Outcome: Succeeded})
}
func begin(attempt string, at time.Duration) step {
	return send(at, &LoginBegin{User: "alice", Attempt: attempt, Platform: "tws"})
}
func finishFailed(attempt, reason string, at time.Duration) step {
	return send(at, &LoginFinish{User: "alice", Attempt: attempt, Outcome: Failed, Reason: reason})
}
func finishOK(attempt string, at time.Duration) step {
	return send(at, &LoginFinish{User: "alice", Attempt: attempt, Outcome: Succeeded})
}
func verify(at time.Duration) step {
	return send(at, &IdentityVerify{User: "alice", Agent: "ann", Channel: "phone"})
}
func release(at time.Duration) step {
	return send(at, &LockoutRelease{User: "alice", Agent: "ann"})
}

// adopt changes the policy that is in force at that time.
func adopt(at time.Duration, change func(*Policy)) step {
	return func(l *ledger) *Command {
		p := *with(l.Policy(), change)
		p.Version = fmt.Sprintf("test@%d", len(l.records)+1) // a label can be adopted only once
		return send(at, &PolicyAdopt{Policy: p, By: "ann"})(l)
	}
}

// timer fires alice's deadline at an instant.
func timer(due time.Duration) step {
	return func(*ledger) *Command {
		c := NewTimerFire(UserEntity("alice"), epoch.Add(due))
		return &c
	}
}

// from returns the step with another source.
func from(source string, s step) step {
	return func(l *ledger) *Command {
		c := s(l)
		c.Source = source
		return c
	}
}

// version returns the step with a version of the rules.
func version(rules int, s step) step {
	return func(l *ledger) *Command {
		c := s(l)
		c.Rules = rules
		return c
	}
}

// arrives returns the step with its arrival at a duration after epoch.
func arrives(at time.Duration, s step) step {
	return func(l *ledger) *Command {
		c := s(l)
		c.Arrived = epoch.Add(at)
		return c
	}
}

// backfilled returns the step as a backfill of an importer.
func backfilled(s step) step {
	return func(l *ledger) *Command {
		c := s(l)
		c.Backfill = true
		return c
	}
}

// steps is a sequence of steps.
type steps []step

func (s step) list() []step  { return []step{s} }
func (s steps) list() []step { return s }

// times returns n equal steps.
func times(n int, s step) steps {
	var all steps
	for range n {
		all = append(all, s)
	}
	return all
}

// formatted formats a decision as in the tables: the status, the events, and the result.
func formatted(c *Command, d *Decision) []string {
	answer := string(d.Status)
	if d.Reason != "" {
		answer += " " + string(d.Reason)
	}
	if d.Late {
		answer += " late, at " + distance(d.Time)
	}
	lines := []string{answer}
	for _, e := range d.Events {
		var members sentence
		e.Data.Members(&members)
		line := e.Data.EventType() + members.String()
		if !e.At.Equal(d.Time) {
			line = "at " + distance(e.At) + ": " + line
		}
		lines = append(lines, line)
	}
	if r, ok := d.Result.(*LoginResult); ok {
		lines = append(lines, r.formatted())
	}
	return lines
}

func (r *LoginResult) formatted() string {
	switch {
	case r.Locked && r.Until.IsZero():
		return "locked until released"
	case r.Locked:
		return "locked until " + distance(r.Until)
	case !r.RetryAfter.IsZero():
		return fmt.Sprintf("%d left, retry after %s", r.Remaining, distance(r.RetryAfter))
	}
	return fmt.Sprintf("%d left", r.Remaining)
}

// distance formats an instant as its duration since epoch. An instant one nanosecond before a whole
// second is "24h-1ns".
func distance(t time.Time) string {
	d := t.Sub(epoch)
	whole := d.Round(time.Second)
	text := whole.String()
	for _, zero := range []string{"m0s", "h0m"} {
		if strings.HasSuffix(text, zero) {
			text = text[:len(text)-2]
		}
	}
	if off := d - whole; off != 0 {
		text += fmt.Sprintf("%+dns", off)
	}
	return text
}

// sentence is a Visitor that formats members as words.
type sentence struct{ words []string }

func (s *sentence) String() string { return strings.Join(append([]string{""}, s.words...), " ") }

func (s *sentence) add(name, value string) { s.words = append(s.words, name+"="+value) }

func (s *sentence) Text(name string, at *string, f Form) {
	if *at != "" || f.Need {
		s.add(name, *at)
	}
}
func (s *sentence) Count(name string, at *int64, f Form) {
	if *at != 0 || f.Need {
		s.add(name, decimal(*at))
	}
}
func (s *sentence) Flag(name string, at *bool, _ Form) { s.add(name, strconv.FormatBool(*at)) }
func (s *sentence) Instant(name string, at *time.Time, f Form) {
	if !at.IsZero() || f.Need {
		s.add(name, distance(*at))
	}
}
func (s *sentence) Instants(name string, _ *[]time.Time) { s.add(name, "…") }
func (s *sentence) Texts(name string, _ *[]string)       { s.add(name, "…") }
func (s *sentence) Object(name string, _ Data, _ Form)   { s.add(name, "…") }
func (s *sentence) List(name string, _ Items)            { s.add(name, "…") }
