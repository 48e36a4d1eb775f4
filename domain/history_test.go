package domain

import (
	"fmt"
	"time"

	"pgregory.net/rapid"
)

// small is a policy whose limits a short history reaches: all its durations are a few seconds.
func small(t *rapid.T, label string) *Policy {
	return with(IBKRSLS(), func(p *Policy) {
		p.Failures = rapid.Int64Range(1, 4).Draw(t, label+" failures")
		p.WindowSeconds = rapid.Int64Range(1, 6).Draw(t, label+" window")
		p.DurationSeconds = rapid.Int64Range(0, 6).Draw(t, label+" duration")
		p.AttemptTTLSeconds = rapid.Int64Range(1, 4).Draw(t, label+" attempt ttl")
		p.IdentityVerificationTTLSeconds = rapid.Int64Range(0, 4).Draw(t, label+" identity ttl")
		p.RefusalsExtend = rapid.Bool().Draw(t, label+" refusals extend")
	})
}

// traveller draws commands whose times advance by about a whole second, or not at all.
type traveller struct {
	now       time.Duration
	back      bool // times may go back too
	adopt     bool // policies may change
	formatted int
	rules     int // version of the rules of the next command, never decreasing; 0: not drawn yet
}

// received draws the version of the rules that decide c. If c is decided at its arrival, it arrives at
// the traveller's time, and received draws the error of the sender's clock.
func (tr *traveller) received(t *rapid.T, c *Command) {
	if tr.rules == 0 {
		tr.rules = rapid.IntRange(1, Rules).Draw(t, "first rules")
	}
	if tr.rules < Rules && rapid.IntRange(0, 9).Draw(t, "newer rules") == 0 {
		tr.rules++
	}
	c.Rules = tr.rules
	if c.DecidedOnArrival() {
		c.Arrived = c.Time
		c.Time = c.Time.Add(rapid.SampledFrom([]time.Duration{0, 1, -1, 2 * second, -2 * second, 299 * second,
			-299 * second}).Draw(t, "clock off"))
	}
}

func (tr *traveller) draw(t *rapid.T, l *ledger) Command {
	span := rapid.SampledFrom([]time.Duration{0, 0, 1, second - 1, second, second, second + 1, 2 * second,
		3 * second, 5 * second})
	gap := span.Draw(t, "gap")
	if tr.back && rapid.IntRange(0, 5).Draw(t, "back") == 0 {
		gap = -gap
	}
	tr.now += gap
	tr.formatted++
	c := Command{
		Source: rapid.SampledFrom([]string{"gateway/portal", "gateway/tws"}).Draw(t, "source"),
		ID:     fmt.Sprint(tr.formatted),
		Time:   epoch.Add(tr.now), Data: tr.data(t), Bucket: SourceEntity(7),
		Backfill: rapid.IntRange(0, 9).Draw(t, "backfill") == 0,
	}
	tr.received(t, &c)
	switch kind := rapid.IntRange(0, 19).Draw(t, "also"); {
	case kind == 0 && tr.adopt:
		c.Data, c.Arrived = &PolicyAdopt{Policy: *small(t, "adopted"), By: "ann"}, time.Time{}
	case kind == 1 && tr.back:
		c = NewTimerFire(UserEntity("alice"), c.Time)
	case kind == 2 || kind == 3:
		c.Data, c.Arrived = tr.configure(t), time.Time{}
	case kind == 4:
		if due, ok := tr.due(l); ok {
			c = NewTimerFire(UserEntity("alice"), due)
		}
	}
	return c
}

// due returns alice's next deadline if it is not in the future.
func (tr *traveller) due(l *ledger) (time.Time, bool) {
	u := l.users["alice"]
	due, ok := u.Due()
	return due, ok && !due.After(epoch.Add(tr.now))
}

func (tr *traveller) data(t *rapid.T) CommandData {
	user := rapid.SampledFrom([]string{"alice", "alice", "alice", "alice", "bob", "Al ice", ""}).Draw(t, "user")
	attempt := rapid.SampledFrom([]string{"a", "b", "c", "d", "e"}).Draw(t, "attempt")
	outcome, reason := Succeeded, ""
	if rapid.IntRange(0, 3).Draw(t, "fails") > 0 {
		outcome, reason = Failed, rapid.SampledFrom([]string{"bad_credentials", "bad_code", "wrong_case",
			"cancelled", "gateway_error", "method_rejected"}).Draw(t, "reason")
	}
	switch rapid.SampledFrom([]string{"report", "report", "report", "begin", "begin", "begin", "finish",
		"finish", "unknown", "verify", "release", "identity"}).Draw(t, "command") {
	case "begin":
		return &LoginBegin{User: user, Attempt: attempt, Platform: "tws"}
	case "finish":
		return &LoginFinish{User: user, Attempt: attempt, Outcome: outcome, Reason: reason}
	case "unknown":
		return &LoginReport{User: user, Outcome: Failed, Reason: UnknownUser}
	case "verify":
		return &IdentityVerify{User: user, Agent: "ann", Channel: "phone"}
	case "release":
		return &LockoutRelease{User: user, Agent: "ann"}
	case "identity":
		return &IdentityRecord{User: user, Fingerprint: attempt}
	}
	return &LoginReport{User: user, Outcome: outcome, Reason: reason}
}

// history runs drawn commands on a ledger and calls each before every command.
func history(t *rapid.T, tr *traveller, each func(l *ledger, c Command)) *ledger {
	l := newLedger(small(t, "first"))
	for range rapid.IntRange(0, 60).Draw(t, "commands") {
		c := tr.draw(t, l)
		if each != nil {
			each(l, c)
		}
		l.do(c)
	}
	return l
}
