package queries

import (
	"context"
	"fmt"
	"time"

	"authledger/domain"
)

// Withdrawals is the remaining amount that an account can withdraw at an instant, by the
// class of the device or code that authenticates the request. It lists the
// withdrawals in the window of the limits, in order of time or in the reverse order.
type Withdrawals struct {
	Account string
	domain.Withdrawable
	Withdrawals []Withdrawal
	Part
}

// Withdrawal is one approved, settled or cancelled withdrawal of the list.
type Withdrawal struct {
	ID, State string
	WithdrawalRequest
	Label string // label that the owner of the device set; "" without a label
}

// WithdrawalRequest holds the members of a withdrawal that its request sets.
type WithdrawalRequest struct {
	Amount, Currency, USD, User, Device, Code string
	Time                                      time.Time // effective time
	Seq                                       uint64    // record of the request
}

// requestOf returns the request of a withdrawal, which the record seq has decided.
func requestOf(w *domain.Withdrawal, seq uint64) WithdrawalRequest {
	return WithdrawalRequest{w.Amount, w.Currency, w.USD.String(), w.User, w.Device, w.Code, w.Time, seq}
}

func (w *Withdrawals) Members(v domain.Visitor) {
	v.Text("account", &w.Account, domain.Need)
	v.Text("day", &w.Day, domain.Need)
	v.Object("window", &w.Window, domain.Need)
	v.Text("dayUsd", &w.DayUSD, domain.Need)
	v.Text("windowUsd", &w.WindowUSD, domain.Need)
	v.List("limits", domain.List(&w.Limits))
	v.List("withdrawals", domain.List(&w.Withdrawals))
	w.Part.Members(v)
}

func (w *Withdrawal) Members(v domain.Visitor) {
	v.Text("withdrawal", &w.ID, domain.Need)
	v.Text("state", &w.State, domain.Need)
	w.WithdrawalRequest.Members(v)
	v.Text("label", &w.Label, domain.Free)
}

func (w *WithdrawalRequest) Members(v domain.Visitor) {
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

// Withdrawals returns the remaining amounts of an account, and one page of its withdrawals.
func (q *Queries) Withdrawals(ctx context.Context, account string, at time.Time, asOf *uint64, page Page) (*Withdrawals, error) {
	var w *Withdrawals
	err := q.withMoment(ctx, at, asOf, func(m *moment) (err error) {
		w, err = m.withdrawals(ctx, account, page)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("withdrawals of %s: %w", account, err)
	}
	return w, nil
}

func (m *moment) withdrawals(ctx context.Context, id string, page Page) (*Withdrawals, error) {
	state, last, err := m.view.Account(id)
	if err != nil {
		return nil, err
	}
	w := &Withdrawals{Account: id}
	of, err := page.seqs()
	if err != nil {
		return nil, err
	}
	of = of.oneMore()
	var found []listed
	if last <= m.asOf.Seq && !state.Clock.After(m.at) {
		found, err = m.presentWithdrawals(w, state, of)
	} else {
		found, err = m.pastWithdrawals(ctx, w, of)
	}
	if err != nil {
		return nil, err
	}
	var list listPage
	list.cut(found, &page)
	w.Part = list.part
	w.AsOf = m.asOf
	for _, l := range list.items {
		i := l.item.(*domain.Withdrawal)
		label, err := m.usedLabel(i.User, i.Device, l.seq)
		if err != nil {
			return nil, err
		}
		w.Withdrawals = append(w.Withdrawals, Withdrawal{i.ID, i.State, requestOf(i, l.seq), label})
	}
	return w, nil
}

// presentWithdrawals sets the amounts of w from the current state of the account, and
// returns the selected withdrawals.
func (m *moment) presentWithdrawals(w *Withdrawals, a domain.Account, of seqs) ([]listed, error) {
	a, err := a.In(m.view, w.Account, m.policy, m.at)
	if err != nil {
		return nil, err
	}
	if err := m.setWindow(w, &a, &of); err != nil {
		return nil, err
	}
	return m.items(domain.WithdrawalItem, w.Account, of)
}

// pastWithdrawals does the same as presentWithdrawals for a moment of the past. It folds the
// account's records in the log.
func (m *moment) pastWithdrawals(ctx context.Context, w *Withdrawals, of seqs) ([]listed, error) {
	t, err := m.refold(ctx, domain.AccountEntity(w.Account))
	if err != nil {
		return nil, err
	}
	a, err := t.account.In(t, w.Account, m.policy, m.at)
	if err != nil {
		return nil, err
	}
	if err := m.setWindow(w, &a, &of); err != nil {
		return nil, err
	}
	return t.list(domain.WithdrawalItem, w.Account, of)
}

// setWindow sets the amounts of w from an account at the moment, and removes the withdrawals before
// the window of the limits from the selection.
func (m *moment) setWindow(w *Withdrawals, a *domain.Account, of *seqs) error {
	w.Withdrawable = m.policy.Withdrawable(a, m.at)
	before, err := m.view.LastWithdrawalBefore(w.Account, w.From, m.asOf.Seq)
	of.above = max(of.above, before)
	return err
}
