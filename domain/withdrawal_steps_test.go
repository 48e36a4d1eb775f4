package domain

import (
	"fmt"
	"strings"
	"time"
)

// takes requests a withdrawal of dollars from the account "acct" with a device, or with a code if the name
// begins with #.
func (u party) takes(withdrawal, usd, with string, at time.Duration) step {
	c := &WithdrawalRequest{Withdrawal: withdrawal, Account: "acct", User: u.name(), Amount: usd,
		Currency: "USD"}
	if code, ok := strings.CutPrefix(with, "#"); ok {
		c.Code = code
	} else {
		c.Device = with
	}
	return send(at, c)
}
func (u party) settles(withdrawal string, at time.Duration) step {
	return send(at, &WithdrawalSettle{Withdrawal: withdrawal, Account: "acct"})
}
func (u party) recalls(withdrawal string, at time.Duration) step {
	return send(at, &WithdrawalCancel{Withdrawal: withdrawal, Account: "acct", By: u.name()})
}

// adopts adopts a policy under a new label.
func adopts(label string, at time.Duration, change func(*Policy)) step {
	return func(l *ledger) *Command {
		p := with(l.policy, change)
		p.Version = label
		return send(at, &PolicyAdopt{Policy: *p, By: "ann"})(l)
	}
}

// inZone adopts a policy with another time zone under a new label.
func inZone(label, zone string, at time.Duration) step {
	return adopts(label, at, func(p *Policy) { p.Zone = zone })
}

// wallet activates a device of every class except platinum, in this order.
func wallet() steps {
	return steps{
		theOwner.has("scc", SecurityCodeCard, 0), theOwner.has("app", IBKRMobile, 0),
		theOwner.has("dsc", DigitalSecurityCard, 0),
		theOwner.has("plus", DigitalSecurityCardPlus, 0), theOwner.has("gold", Gold, 0),
	}
}

// newYork returns the duration from epoch to a local time in New York.
func newYork(reading string) time.Duration { return wallClock("America/New_York", reading) }

func wallClock(zone, reading string) time.Duration {
	t, err := time.ParseInLocation("2006-01-02 15:04:05.999999999", reading, location(zone))
	if err != nil {
		panic(err)
	}
	return t.Sub(epoch)
}

// formattedMoney formats the decision of a withdrawal: the events, the used and remaining amounts
// of the limits, and the devices to try.
func formattedMoney(c *Command, d *Decision) []string {
	if d.Duplicate > 0 {
		return []string{fmt.Sprint("duplicate of ", d.Duplicate)}
	}
	lines := formatted(c, d)
	for i, e := range d.Events {
		switch data := e.Data.(type) {
		case *WithdrawalApproved:
			lines[1+i] = fmt.Sprintf("approved %s by %s on %s%s", data.USD, data.Class, data.Day,
				toldZone(data.Zone, data.Restated))
		case *WithdrawalDenied:
			lines[1+i] = strings.TrimSpace("denied "+data.Class) + toldZone(data.Zone, data.Restated)
		}
	}
	if r, ok := d.Result.(*WithdrawalResult); ok {
		lines = append(lines, toldResult(r)...)
	}
	return lines
}

func toldResult(r *WithdrawalResult) []string {
	lines := []string{r.formatted()}
	if !r.FreesAt.IsZero() {
		lines = append(lines, "frees at "+r.FreesAt.UTC().Format(time.RFC3339Nano))
	}
	if len(r.TryDevices) > 0 {
		lines = append(lines, "try "+strings.Join(r.TryDevices, " "))
	}
	return lines
}

func toldZone(zone string, restated []DayUSD) string {
	text := ""
	if zone != "America/New_York" {
		text = " in " + zone
	}
	for _, s := range restated {
		text += ", again " + s.Day + " " + s.USD
	}
	return text
}

func (r *WithdrawalResult) formatted() string {
	of := func(used, most, left string) string {
		if most == "" && left == "" {
			return used
		}
		return used + " of " + most + ", " + left + " left"
	}
	l := &r.Limits
	return fmt.Sprintf("%s: today %s; since %s %s", l.Class, of(l.DayUSD, l.PerDay, l.DayRemaining),
		r.Window.From, of(l.WindowUSD, l.PerFiveDays, l.WindowRemaining))
}
