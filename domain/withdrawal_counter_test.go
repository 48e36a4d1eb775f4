package domain

import (
	"fmt"
	"strings"
	"time"

	"pgregory.net/rapid"
)

var (
	tellers  = rapid.SampledFrom([]party{theOwner, theRequester})
	tills    = rapid.SampledFrom([]string{"acct", "acct", "other"})
	handsets = rapid.SampledFrom([]string{"scc", "scc", "app", "dsc", "gold"})
	sums     = rapid.SampledFrom([]string{"0.01", "1", "99999.99", "100000", "200000", "200000.01", "400000",
		"600000", "1000000", "1000000.01", "1000000000000"})
	classOf = map[string]string{"scc": SecurityCodeCard, "app": IBKRMobile, "dsc": DigitalSecurityCard,
		"gold": Gold}
)

// counter runs a drawn history on a ledger and on the naive bank.
type counter struct {
	*ledger
	bank  bank
	now   time.Duration
	asked []WithdrawalRequest
	seen  map[string]int // how often each kind of answer was given
}

func newCounter(seen map[string]int) *counter {
	p := IBKRSLS()
	c := &counter{ledger: newLedger(p), seen: seen,
		bank: bank{policy: p, people: map[string]*person{},
			accounts: map[string]*naiveAccount{"acct": {}, "other": {}}}}
	for _, u := range []party{theOwner, theRequester} {
		c.bank.people[u.name()] = &person{class: map[string]string{}}
	}
	return c
}

// pass advances the time: often to about midnight, sometimes backwards.
func (c *counter) pass(t *rapid.T) {
	midnight := func() time.Duration {
		zone := location(c.policy.Zone)
		year, month, day := epoch.Add(c.now).In(zone).Date()
		return time.Date(year, month, day+1, 0, 0, 0, 0, zone).Sub(epoch)
	}
	switch rapid.SampledFrom([]string{"stay", "stay", "tick", "hours", "hours", "before midnight", "midnight",
		"midnight", "days", "back"}).Draw(t, "time") {
	case "tick":
		c.now++
	case "hours":
		c.now += 7 * hour
	case "before midnight":
		c.now = midnight() - 1
	case "midnight":
		c.now = midnight()
	case "days":
		c.now += time.Duration(rapid.IntRange(1, 16).Draw(t, "days")) * day
	case "back":
		c.now -= 30 * hour
	}
}

// decide decides a command of a user other than a withdrawal, and advances the naive bank to its time.
func (c *counter) decide(u party, s step) (person *person, accepted bool) {
	d := c.do(*s(c.ledger))
	person = c.bank.people[u.name()]
	if d.Status == Invalid {
		return person, false
	}
	person.wait(d.Time)
	return person, d.Status == Accepted
}

// prepare changes a user or the policy.
func (c *counter) prepare(t *rapid.T) {
	u, kind := tellers.Draw(t, "user"), handsets.Draw(t, "device")
	device, class := u.name()+kind, classOf[kind]
	switch rapid.SampledFrom([]string{"activate", "activate", "deactivate", "lock", "ship", "passcode",
		"policy"}).Draw(t, "also") {
	case "activate":
		if p, ok := c.decide(u, u.has(device, class, c.now)); ok {
			p.activate(device, class)
		}
	case "deactivate":
		if p, ok := c.decide(u, u.drops(device, ByUser, c.now)); ok {
			p.deactivate(device)
		}
	case "lock":
		for range 10 {
			c.decide(u, u.fails(c.now))
		}
		p := c.bank.people[u.name()]
		p.lockedUntil = p.clock.Add(day)
	case "ship":
		id := fmt.Sprint("plus", len(c.records))
		c.decide(u, u.orders(id, c.now))
		if p, ok := c.decide(u, u.gets(id, c.now)); ok {
			p.shipped = append(p.shipped, arrival{id, p.clock.Add(14 * day)})
		}
	case "passcode":
		id := fmt.Sprint("code", len(c.records))
		c.decide(u, u.passcode(id, c.now)[0])
		if p, ok := c.decide(u, u.code(TempPasscode, id, c.now)); ok {
			p.passcode, p.fullUntil = id, p.clock.Add(2*day)
		}
	case "policy":
		c.adopt(t)
	}
}

// adopt adopts a policy with another time zone, calendar or other limits.
func (c *counter) adopt(t *rapid.T) {
	zone := rapid.SampledFrom([]string{"America/New_York", "Asia/Tokyo", "Pacific/Kiritimati",
		"Pacific/Pago_Pago", "Europe/London", "UTC"}).Draw(t, "zone")
	calendar := rapid.SampledFrom([]string{"us-fedwire", "eu-target"}).Draw(t, "calendar")
	perDay := rapid.SampledFrom([]string{"200000", "100000.50", "0", ""}).Draw(t, "card per day")
	c.do(*adopts(fmt.Sprintf("p@%d", len(c.records)+1), c.now, func(p *Policy) {
		p.Zone, p.Calendar, p.Limits.SecurityCodeCard.PerDay = zone, calendar, perDay
	})(c.ledger))
	c.bank.policy = c.policy
}

// draw draws a withdrawal command: a request, a repeated request, a settlement or a cancellation.
func (c *counter) draw(t *rapid.T) CommandData {
	kind := rapid.SampledFrom([]string{"request", "request", "request", "request", "again", "settle", "cancel",
		"cancel"}).Draw(t, "command")
	if kind == "request" || len(c.asked) == 0 {
		u := tellers.Draw(t, "user")
		r := WithdrawalRequest{
			Withdrawal: fmt.Sprint("w", len(c.asked)), Account: tills.Draw(t, "account"), User: u.name(),
			Amount: sums.Draw(t, "amount"), Currency: usDollars,
		}
		if p := c.bank.people[u.name()]; p.passcode != "" && rapid.Bool().Draw(t, "by code") {
			r.Code = p.passcode
		} else if len(p.active) > 0 && rapid.IntRange(0, 9).Draw(t, "by an active device") > 0 {
			r.Device = rapid.SampledFrom(p.active).Draw(t, "device")
		} else {
			r.Device = u.name() + handsets.Draw(t, "device")
		}
		c.asked = append(c.asked, r)
		return &r
	}
	r := rapid.SampledFrom(c.asked).Draw(t, "which")
	switch kind {
	case "settle":
		return &WithdrawalSettle{Withdrawal: r.Withdrawal, Account: tills.Draw(t, "account")}
	case "cancel":
		return &WithdrawalCancel{Withdrawal: r.Withdrawal, Account: r.Account, By: r.User}
	}
	if rapid.IntRange(0, 3).Draw(t, "other content") == 0 {
		r.Amount = sums.Draw(t, "amount")
	}
	return &r
}

// naively returns the answer of the naive bank.
func (c *counter) naively(data CommandData) []string {
	at := epoch.Add(c.now)
	switch data := data.(type) {
	case *WithdrawalRequest:
		return c.bank.request(data, at, uint64(len(c.records))+1)
	case *WithdrawalSettle:
		return []string{c.bank.end(data.Account, data.Withdrawal, Settled, at)}
	case *WithdrawalCancel:
		return []string{c.bank.end(data.Account, data.Withdrawal, Cancelled, at)}
	}
	return nil
}

// answered returns a decision without its events and its time.
func answered(c *Command, d *Decision) []string {
	lines := formattedMoney(c, d)
	lines[0], _, _ = strings.Cut(lines[0], " late")
	return append(lines[:1:1], lines[min(1+len(d.Events), len(lines)):]...)
}

// runCounter runs a drawn history. It passes each withdrawal command to before, and then the decision to
// after.
func runCounter(t *rapid.T, seen map[string]int, each func(c *counter, before Command, d *Decision)) {
	c := newCounter(seen)
	for _, u := range []party{theOwner, theRequester} {
		for _, device := range []string{"scc", "app", "gold"} {
			p, _ := c.decide(u, u.has(u.name()+device, classOf[device], 0))
			p.activate(u.name()+device, classOf[device])
		}
	}
	for range rapid.IntRange(1, 40).Draw(t, "commands") {
		c.pass(t)
		if rapid.IntRange(0, 4).Draw(t, "prepare") == 0 {
			c.prepare(t)
			continue
		}
		command := *send(c.now, c.draw(t))(c.ledger)
		d, err := Decide(c.ledger, &command)
		if err != nil {
			t.Fatal(err)
		}
		each(c, command, &d)
		c.do(command)
	}
}
