package projections

import (
	"context"
	"fmt"
	"slices"
	"time"

	"authledger/domain"
)

// Withdrawals is the answer to "how much may still be withdrawn?" at an instant
// by class of what authenticates the request, with the withdrawals of the
// window in order of time.
type Withdrawals struct {
	Account string
	domain.Withdrawable
	Withdrawals []Withdrawal
	More        bool
	AsOf        AsOf
}

// Withdrawal is one of them: approved, settled or cancelled.
type Withdrawal struct {
	ID, State, Amount, Currency, USD, User, Device, Code string
	Time                                                 time.Time // effective
	Seq                                                  uint64    // record that approved it
}

func (w *Withdrawals) Members(v domain.Visitor) {
	v.Text("account", &w.Account, domain.Need)
	v.Text("day", &w.Day, domain.Need)
	v.Object("window", &w.Window, domain.Need)
	v.Text("dayUsd", &w.DayUSD, domain.Need)
	v.Text("windowUsd", &w.WindowUSD, domain.Need)
	v.List("limits", domain.List(&w.Limits))
	v.List("withdrawals", domain.List(&w.Withdrawals))
	v.Flag("more", &w.More, domain.Need)
	v.Object("asOf", &w.AsOf, domain.Need)
}

func (w *Withdrawal) Members(v domain.Visitor) {
	v.Text("withdrawal", &w.ID, domain.Need)
	v.Text("state", &w.State, domain.Need)
	v.Text("amount", &w.Amount, domain.Need)
	v.Text("currency", &w.Currency, domain.Need)
	v.Text("usd", &w.USD, domain.Need)
	v.Text("user", &w.User, domain.Need)
	v.Text("device", &w.Device, domain.Free)
	v.Text("code", &w.Code, domain.Free)
	v.Instant("time", &w.Time, domain.Need)
	seq := int64(w.Seq)
	v.Count("seq", &seq, domain.Need)
}

// AccountWithdrawals answers for one account at an instant, from the whole log,
// or up to the record asOf if it is not nil, as [Engine.Lockout] does for a user.
func (e *Engine) AccountWithdrawals(ctx context.Context, log Log, account string, at time.Time, asOf *uint64, page Page) (*Withdrawals, error) {
	v, err := e.view(ctx)
	if err != nil {
		return nil, fmt.Errorf("withdrawals of %s: %w", account, err)
	}
	defer v.close()
	p, err := v.past(log, at, asOf)
	if err != nil {
		return nil, fmt.Errorf("withdrawals of %s: %w", account, err)
	}
	w, err := p.withdrawals(ctx, account, page)
	if err != nil {
		return nil, fmt.Errorf("withdrawals of %s: %w", account, err)
	}
	return w, nil
}

func (p *past) withdrawals(ctx context.Context, id string, page Page) (*Withdrawals, error) {
	var row accountRow
	if _, err := p.view.read(accounts.key().tail(id), &row); err != nil {
		return nil, err
	}
	w := &Withdrawals{Account: id, AsOf: p.asOf}
	var found []listed
	var err error
	if uint64(row.last) <= p.asOf.Seq && !row.account.Clock.After(p.at) {
		found, err = p.presentWithdrawals(w, row.account, page)
	} else {
		found, err = p.pastWithdrawals(ctx, w, page)
	}
	if err != nil {
		return nil, err
	}
	found, w.More = cut(found, page)
	for _, l := range found {
		i := l.item.(*domain.Withdrawal)
		w.Withdrawals = append(w.Withdrawals, Withdrawal{
			i.ID, i.State, i.Amount, i.Currency, i.USD.String(), i.User, i.Device, i.Code, i.Time, l.seq,
		})
	}
	return w, nil
}

// presentWithdrawals answers from the rows.
func (p *past) presentWithdrawals(w *Withdrawals, a domain.Account, page Page) ([]listed, error) {
	a, err := a.In(recently{p.view}, w.Account, p.policy, p.at)
	if err != nil {
		return nil, err
	}
	w.Withdrawable = p.policy.Withdrawable(&a, p.at)
	after, err := p.view.lastBefore(w.Account, w.From, p.asOf.Seq)
	if err != nil {
		return nil, err
	}
	var found []listed
	for l := range p.view.items(domain.WithdrawalItem, w.Account, max(after, page.After)) {
		if len(found) > page.limit() {
			break
		}
		found = append(found, l)
	}
	return found, p.view.err
}

// pastWithdrawals answers from the log.
func (p *past) pastWithdrawals(ctx context.Context, w *Withdrawals, page Page) ([]listed, error) {
	t, err := p.fold(ctx, domain.AccountEntity(w.Account))
	if err != nil {
		return nil, err
	}
	a, _ := t.Account(w.Account) // of a map: it has no error
	if a, err = a.In(t, w.Account, p.policy, p.at); err != nil {
		return nil, err
	}
	w.Withdrawable = p.policy.Withdrawable(&a, p.at)
	found := t.items(domain.WithdrawalItem, page.After, len(t.lists[domain.WithdrawalItem]))
	return slices.DeleteFunc(found, func(l listed) bool { return l.item.(*domain.Withdrawal).Time.Before(w.From) }), nil
}

// recently finds the withdrawals that sums are counted from.
type recently struct{ view *view }

func (r recently) Withdrawals(account string, since time.Time) ([]*domain.Withdrawal, error) {
	var all []*domain.Withdrawal
	for w := range r.view.withdrawals(account) {
		if w.Time.Before(since) { // within an account times never decrease
			break
		}
		all = append(all, w)
	}
	return all, r.view.err
}
