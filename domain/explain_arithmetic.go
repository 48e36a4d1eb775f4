package domain

import (
	"fmt"
	"time"

	"authledger/domain/calendar"
)

// arithmetic is the numbers of a verdict, held against the policy's.
func (x *explaining) arithmetic(given *Folded) []string {
	var lines []string
	r, p := x.record, x.policy
	if r.Late {
		lines = append(lines, fmt.Sprintf("the command's time %s lies before the clock %s of what it names: it counts at that clock",
			stamp(r.Command.Time), stamp(r.Time)))
	}
	for _, e := range r.Events {
		lines = append(lines, x.eventArithmetic(&e)...)
	}
	switch c := x.command.Data.(type) {
	case *LoginBegin:
		lines = append(lines, x.room(given, c)...)
	case *WithdrawalRequest:
		lines = append(lines, x.limits(given)...)
	case *DeviceRequest:
		if r.Reason == BalanceBelowMinimum {
			lines = append(lines, fmt.Sprintf("balance %s < %s USD", orNone(c.BalanceUSD), balanceMin))
		}
	}
	if since, ok := x.verification(given); ok {
		lines = append(lines, within("verified by phone", since, r.Time, p.identityTTL(), false))
	}
	if c, ok := x.command.Data.(*CodeIssue); ok && c.Kind == Voice && !given.users[c.User].SMS.IsZero() {
		lines = append(lines, within("SMS issued", given.users[c.User].SMS, r.Time, p.voiceWithin(), true))
	}
	return lines
}

// eventArithmetic is how the numbers of an event come about.
func (x *explaining) eventArithmetic(e *Event) []string {
	p := x.policy
	switch data := e.Data.(type) {
	case *LoginFailed:
		return x.failures(data)
	case *LockoutStarted:
		return []string{fmt.Sprintf("%d failures ≥ %d (failures of the policy) → locked %s", p.Failures, p.Failures, lockedUntil(data.Until))}
	case *LoginStarted:
		return []string{spanLine(e.At, p.attemptTTL(), data.Until, "the attempt lapses")}
	case *CodeIssued:
		lines := []string{spanLine(e.At, data.Until.Sub(e.At), data.Until, "the code's first state ends")}
		if !data.Ends.IsZero() {
			lines = append(lines, spanLine(data.Until, days(p.RestrictedDays), data.Ends, "the passcode expires"))
		}
		return lines
	case *DeviceShipped:
		return []string{spanLine(e.At, p.autoActivation(), data.Activates, "the device activates by itself")}
	}
	return nil
}

// failures counts the run that a failure ends.
func (x *explaining) failures(failed *LoginFailed) []string {
	if !counts(failed.Reason) {
		return []string{failed.Reason + " counts as no failure (LOGIN-3)"}
	}
	name, _ := x.record.Entities[0].User()
	run := x.trace.users[name].At(x.record.Time).Run
	kept := run.Failures[max(0, len(run.Failures)-int(failed.Failures)+1):]
	line := fmt.Sprintf("%d of %d failures that lock", failed.Failures, x.policy.Failures)
	if len(kept) > 0 {
		line += fmt.Sprintf(": between %s and %s, the first %s before the last (≤ %s)",
			stamp(kept[0]), stamp(x.record.Time), x.record.Time.Sub(kept[0]), x.policy.window())
	}
	return []string{line}
}

// room is what an attempt is held against (LOCK-6).
func (x *explaining) room(given *Folded, c *LoginBegin) []string {
	if x.record.Reason != "" && x.record.Reason != AttemptsInFlight {
		return nil
	}
	u := given.users[c.User].At(x.record.Time)
	failures, open := u.Run.within(x.policy, x.record.Time), len(u.Attempts)
	sign := "<"
	if failures+open >= int(x.policy.Failures) {
		sign = "≥"
	}
	return []string{fmt.Sprintf("%d counted failures + %d open attempts = %d %s %d", failures, open, failures+open, sign, x.policy.Failures)}
}

// limits holds a withdrawal against both limits (WD-3, WD-4).
func (x *explaining) limits(given *Folded) []string {
	c, result := x.judged()
	if result == nil {
		return nil
	}
	a, err := given.accounts[c.Account].In(given, c.Account, x.policy, x.record.Time)
	if err != nil { // what is given is in memory
		return nil
	}
	class, s := x.policy.limit(result.Limits.Class), x.policy.standing(&a, x.record.Time)
	lines := []string{
		limitLine(s.dayUSD, c.usd(), class.perDay, class.daily, "on "+s.day.String(), class.class+", per day"),
		limitLine(s.windowUSD, c.usd(), class.perFiveDays, class.fiveDaily, "in the window since "+s.window[0].String(), class.class+", per five business days"),
	}
	if !result.FreesAt.IsZero() {
		day := calendar.DateOf(result.FreesAt, x.policy.compiled.zone)
		lines = append(lines, fmt.Sprintf("%s would pass from %s on, the first instant of %s", c.usd(), stamp(result.FreesAt), day))
	}
	return lines
}

func limitLine(used Sum, asked, most USD, limited bool, where, whose string) string {
	sum := used.Plus(asked)
	line := fmt.Sprintf("%s used %s + %s asked = %s", used, where, asked, sum)
	switch {
	case !limited:
		return line + ", no limit (" + whose + ")"
	case sum.Over(most):
		return fmt.Sprintf("%s > %s (%s)", line, most, whose)
	}
	return fmt.Sprintf("%s ≤ %s (%s)", line, most, whose)
}

// verification is when the user was verified whom a rule wants verified.
func (x *explaining) verification(given *Folded) (time.Time, bool) {
	var user string
	switch c := x.command.Data.(type) {
	case *LockoutRelease:
		user = c.User
	case *DeviceResetPIN:
		user = c.User
	case *CodeIssue:
		if c.Kind == TempPasscode {
			user = c.User
		}
	}
	i := given.users[user].Identity
	return i.VerifiedAt, i.Verified
}

// within tells whether something was lately: at the edge only if the rule looks
// back.
func within(what string, since, now time.Time, most time.Duration, edge bool) string {
	gap, sign := now.Sub(since), "<"
	switch {
	case gap > most:
		sign = ">"
	case gap == most && edge:
		sign = "≤"
	case gap == most:
		sign = "≥"
	}
	return fmt.Sprintf("%s at %s, %s before (%s %s)", what, stamp(since), gap, sign, most)
}

func spanLine(from time.Time, span time.Duration, until time.Time, what string) string {
	return fmt.Sprintf("%s + %s = %s, when %s", stamp(from), span, stamp(until), what)
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

func orNone(amount string) string {
	if amount == "" {
		return "not told, taken as 0,"
	}
	return amount
}
