package domain

import "authledger/domain/calendar"

// WithdrawalSettle reports that the money is on its way: nobody cancels any more
// (WD-6).
type WithdrawalSettle struct{ Withdrawal, Account string }

// WithdrawalCancel frees the amount on the day on which it was requested (WD-6).
type WithdrawalCancel struct{ Withdrawal, Account, By string }

func (c *WithdrawalSettle) CommandType() string { return "withdrawal.settle" }
func (c *WithdrawalSettle) Members(v Visitor) {
	v.Text("withdrawal", &c.Withdrawal, idForm)
	v.Text("account", &c.Account, idForm)
}

func (c *WithdrawalCancel) CommandType() string { return "withdrawal.cancel" }
func (c *WithdrawalCancel) Members(v Visitor) {
	v.Text("withdrawal", &c.Withdrawal, idForm)
	v.Text("account", &c.Account, idForm)
	v.Text("by", &c.By, idForm)
}

func (c *WithdrawalSettle) decide(d *deciding) error {
	w, err := d.onWithdrawal(c.Account, c.Withdrawal)
	if w != nil && err == nil {
		d.accept(&WithdrawalSettled{})
	}
	return err
}

func (c *WithdrawalCancel) decide(d *deciding) error {
	w, err := d.onWithdrawal(c.Account, c.Withdrawal)
	if w != nil && err == nil {
		d.accept(&WithdrawalCancelled{USD: w.USD.String(), Day: d.dayOf(w).String()})
	}
	return err
}

// onWithdrawal takes the account of an approved withdrawal into the record. It
// returns nil when there is none, which is recorded.
func (d *deciding) onWithdrawal(account, id string) (*Withdrawal, error) {
	if err := d.onAccount(account); err != nil {
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

// dayOf is the day on which a withdrawal counts in the account's sums, which are
// by the zone of the newest request.
func (d *deciding) dayOf(w *Withdrawal) calendar.Date {
	return calendar.DateOf(w.Time, location(d.Account.After.Zone))
}

// WithdrawalSettled: the withdrawal stands for good.
type WithdrawalSettled struct{}

// WithdrawalCancelled: so much does not count any more on a day of the account's
// zone.
type WithdrawalCancelled struct{ USD, Day string }

// WithdrawalRefused: a settlement or a cancellation was refused.
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

// end gives an approved withdrawal its last state.
func (f *fold) end(account, id, state string) {
	w := f.withdrawal(account, id)
	if w == nil {
		return
	}
	ended := *w
	ended.State, ended.Since = state, f.at
	f.put(withdrawalKey(account, id), &ended)
}
