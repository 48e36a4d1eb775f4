package domain

import "authledger/domain/calendar"

// WithdrawalSettle reports that the money was transferred. The withdrawal can no longer be
// cancelled (WD-6).
type WithdrawalSettle struct{ Withdrawal, Account string }

// WithdrawalCancel cancels a withdrawal. The amount no longer counts on the day of the request
// (WD-6).
type WithdrawalCancel struct{ Withdrawal, Account, By string }

func (c *WithdrawalSettle) CommandType() string { return "withdrawal.settle" }
func (c *WithdrawalSettle) Members(v Visitor) {
	v.Text("withdrawal", &c.Withdrawal, idForm)
	v.Text("account", &c.Account, idForm)
}

func (c *WithdrawalCancel) CommandType() string        { return "withdrawal.cancel" }
func (c *WithdrawalCancel) onBehalf() (string, string) { return "by", c.By }
func (c *WithdrawalCancel) Members(v Visitor) {
	v.Text("withdrawal", &c.Withdrawal, idForm)
	v.Text("account", &c.Account, idForm)
	v.Text("by", &c.By, partyForm)
}

func (c *WithdrawalSettle) decide(d *deciding) error {
	w, err := d.addWithdrawal(c.Account, c.Withdrawal)
	if w != nil && err == nil {
		d.accept(&WithdrawalSettled{})
	}
	return err
}

func (c *WithdrawalCancel) decide(d *deciding) error {
	w, err := d.addWithdrawal(c.Account, c.Withdrawal)
	if w != nil && err == nil {
		d.accept(&WithdrawalCancelled{USD: w.USD.String(), Day: d.dayOf(w).String()})
	}
	return err
}

// addWithdrawal adds the account of an approved withdrawal to the record. If there is no such
// withdrawal, it records a refusal and returns nil.
func (d *deciding) addWithdrawal(account, id string) (*Withdrawal, error) {
	if err := d.addAccount(account); err != nil {
		return nil, err
	}
	w := d.withdrawal(account, id)
	switch {
	case w == nil || w.State == Denied:
		d.refuseWithdrawal(UnknownWithdrawal, "the account has no approved withdrawal with this id")
	case w.State == Settled:
		d.refuseWithdrawal(AlreadySettled, "the withdrawal is settled")
	case w.State == Cancelled:
		d.refuseWithdrawal(AlreadyCancelled, "the withdrawal is cancelled")
	default:
		return w, nil
	}
	return nil, nil
}

func (d *deciding) refuseWithdrawal(reason Reason, detail string) {
	d.refuse(reason, detail, &WithdrawalRefused{reason})
}

// dayOf returns the day on which a withdrawal counts in the sums of the account, in the time
// zone of these sums. The newest request determined that zone.
func (d *deciding) dayOf(w *Withdrawal) calendar.Date {
	return calendar.DateOf(w.Time, location(d.Account.After.Zone))
}

// WithdrawalSettled is the event that a withdrawal was settled.
type WithdrawalSettled struct{}

// WithdrawalCancelled is the event that a withdrawal was cancelled. USD no longer counts on
// Day, a day in the zone of the account.
type WithdrawalCancelled struct{ USD, Day string }

// WithdrawalRefused is the event that a settlement or cancellation was refused.
type WithdrawalRefused struct{ Reason Reason }

func (e *WithdrawalSettled) EventType() string { return "withdrawal.settled" }
func (e *WithdrawalSettled) Members(Visitor)   {}
func (e *WithdrawalSettled) causedBy(c CommandData) bool {
	_, ok := c.(*WithdrawalSettle)
	return ok
}
func (e *WithdrawalSettled) evolve(_ *Account, f *fold) {
	c := f.command.Data.(*WithdrawalSettle)
	f.end(c.Account, c.Withdrawal, Settled)
}

func (e *WithdrawalCancelled) EventType() string { return "withdrawal.cancelled" }
func (e *WithdrawalCancelled) Members(v Visitor) {
	v.Text("usd", &e.USD, Need)
	v.Text("day", &e.Day, Need)
}
func (e *WithdrawalCancelled) causedBy(c CommandData) bool {
	_, ok := c.(*WithdrawalCancel)
	return ok && countable(e.Day, e.USD)
}
func (e *WithdrawalCancelled) evolve(a *Account, f *fold) {
	c := f.command.Data.(*WithdrawalCancel)
	day, _ := calendar.Parse(e.Day)
	a.free(day, mustUSD(e.USD))
	f.end(c.Account, c.Withdrawal, Cancelled)
}

func (e *WithdrawalRefused) EventType() string { return "withdrawal.refused" }
func (e *WithdrawalRefused) Members(v Visitor) { v.Text("reason", (*string)(&e.Reason), Need) }

// end changes an approved withdrawal to a final state.
func (f *fold) end(account, id, state string) {
	w := f.withdrawal(account, id)
	if w == nil {
		return
	}
	if w.State == Approved {
		f.countOpen(w.User, -1)
	}
	ended := *w
	ended.State, ended.Since = state, f.at
	f.put(WithdrawalKey(account, id), &ended)
}
