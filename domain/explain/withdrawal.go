package explain

import (
	"fmt"
	"slices"

	"authledger/domain"
	"authledger/domain/calendar"
)

var withdrawalCommands = []commandKind{
	command[*domain.WithdrawalRequest]{
		text: func(_ *domain.Record, c *domain.WithdrawalRequest) string {
			text := "user " + c.User + " requested to withdraw " + c.Amount + " " + c.Currency
			if c.USDAmount != "" {
				text += " (worth " + c.USDAmount + " USD)"
			}
			text += " from the account " + c.Account + " (withdrawal " + c.Withdrawal + "), authenticated with the "
			if c.Device != "" {
				return text + "device " + c.Device
			}
			return text + "code " + c.Code
		},
		numbers: func(x *explaining, given *States, _ *domain.WithdrawalRequest) []string { return x.limitLines(given) },
	},
	command[*domain.WithdrawalSettle]{text: func(_ *domain.Record, c *domain.WithdrawalSettle) string {
		return "the client reported the settlement of the withdrawal " + c.Withdrawal + " of the account " + c.Account
	}},
	command[*domain.WithdrawalCancel]{text: func(_ *domain.Record, c *domain.WithdrawalCancel) string {
		return person(c.By) + " requested the cancellation of the withdrawal " + c.Withdrawal + " of the account " + c.Account
	}},
}

var withdrawalEvents = []eventKind{
	event[*domain.WithdrawalApproved]{text: func(_ *domain.Event, data *domain.WithdrawalApproved, _ string) string {
		return data.USD + " USD are approved, and count against the limits on " + data.Day + restatedText(data.Zone, data.Restated)
	}},
	event[*domain.WithdrawalDenied]{text: func(_ *domain.Event, data *domain.WithdrawalDenied, _ string) string {
		return "the withdrawal does not count against the limits" + restatedText(data.Zone, data.Restated)
	}},
	event[*domain.WithdrawalSettled]{text: func(*domain.Event, *domain.WithdrawalSettled, string) string {
		return "the withdrawal is settled, and can no longer be cancelled"
	}},
	event[*domain.WithdrawalCancelled]{text: func(_ *domain.Event, data *domain.WithdrawalCancelled, _ string) string {
		return "the " + data.USD + " USD of " + data.Day + " no longer count against the limits"
	}},
}

// restatedText states that the ledger computed the sums of the account again. It returns "" if
// days is nil, because the sums are then unchanged.
func restatedText(zone string, days []domain.DayUSD) string {
	if days == nil {
		return ""
	}
	return ", and the ledger computed the sums of the account again for the calendar days of the zone " + zone
}

// judged returns the withdrawal request and its result if the ledger compared the request with
// the limits, otherwise nil.
func (x *explaining) judged() (*domain.WithdrawalRequest, *domain.WithdrawalResult) {
	request, _ := x.command.Data.(*domain.WithdrawalRequest)
	result, _ := x.record.Result.(*domain.WithdrawalResult)
	if request == nil || result == nil {
		return nil, nil
	}
	return request, result
}

// limitLines compares a withdrawal with both limits (WD-3, WD-4).
func (x *explaining) limitLines(given *States) []string {
	c, result := x.judged()
	if result == nil {
		return nil
	}
	a, err := given.accounts[c.Account].In(given, c.Account, x.policy, x.record.Time)
	if err != nil { // States returns no error
		return nil
	}
	w := x.policy.Withdrawable(&a, x.record.Time)
	i := slices.IndexFunc(w.Limits, func(l domain.LimitResult) bool { return l.Class == result.Limits.Class })
	if i < 0 {
		return nil
	}
	l := &w.Limits[i]
	lines := []string{
		limitLine(w.DayUSD, c.USD(), l.PerDay, "on "+w.Day, "per day for "+l.Class),
		limitLine(w.WindowUSD, c.USD(), l.PerFiveDays, "since "+w.Window.From, "per five business days for "+l.Class),
	}
	if !result.FreesAt.IsZero() {
		day := calendar.DateOf(result.FreesAt, x.policy.Location())
		lines = append(lines, fmt.Sprintf("The limits admit %s USD again from %s on, the first instant of %s.", c.USD(), stamp(result.FreesAt), day))
	}
	return lines
}

// limitLine compares the sum of the used and the requested amount with a limit. The limit ""
// means unlimited.
func limitLine(used string, requested domain.USD, limit, days, of string) string {
	sum, _ := domain.ParseSum(used)
	sum = sum.Plus(requested)
	line := fmt.Sprintf("%s USD used %s + %s USD requested = %s USD, ", used, days, requested, sum)
	most, isLimited := domain.ParseUSD(limit)
	switch {
	case !isLimited:
		return line + "and there is no limit " + of + "."
	case sum.Over(most):
		return fmt.Sprintf("%sabove the limit of %s USD %s.", line, most, of)
	}
	return fmt.Sprintf("%swithin the limit of %s USD %s.", line, most, of)
}

var withdrawalFactKinds = []factKind{
	fact[*FactText]{
		name: zoneFact, empty: func() domain.Data { return new(FactText) },
		text: func(f *Fact, s *FactText) string {
			return "The sums of " + string(f.Of) + " were for the calendar days of the zone " + s.Text + "."
		},
		restore: onAccount(func(a *domain.Account, s *FactText) { a.Zone = s.Text }),
	},
	fact[*FactWithdrawal]{
		name: withdrawalFact, empty: func() domain.Data { return new(FactWithdrawal) },
		text: withdrawalText,
		id:   func(s *FactWithdrawal) string { return s.ID },
		restore: func(to *States, f *Fact, s *FactWithdrawal) {
			account, _ := f.Of.Account()
			to.items[domain.WithdrawalKey(account, s.ID)] = &s.Withdrawal
		},
	},
}

func withdrawalText(_ *Fact, w *FactWithdrawal) string {
	if w.State == domain.Denied {
		return "The withdrawal " + w.ID + " of user " + w.User + " was denied, and does not count against the limits."
	}
	text := fmt.Sprintf("The withdrawal %s of user %s, %s USD, was approved by record %d at %s", w.ID, w.User, w.USD, w.Seq, stamp(w.Time))
	switch w.State {
	case domain.Cancelled:
		return text + ", was cancelled at " + stamp(w.Since) + ", and does not count against the limits."
	case domain.Settled:
		return text + ", was settled, and counts on " + w.Day + "."
	}
	return text + ", and counts on " + w.Day + "."
}

// FactWithdrawal is a withdrawal, with the day on which it counts.
type FactWithdrawal struct {
	domain.Withdrawal
	Day string // in the zone of the account's sums
}

// Members lists the members of the state. USD is passed as text in dollars.
func (w *FactWithdrawal) Members(v domain.Visitor) {
	usd, seq := w.USD.String(), int64(w.Seq)
	v.Text("withdrawal", &w.ID, domain.Need)
	v.Text("user", &w.User, domain.Need)
	v.Text("device", &w.Device, domain.Free)
	v.Text("code", &w.Code, domain.Free)
	v.Text("amount", &w.Amount, domain.Need)
	v.Text("currency", &w.Currency, domain.Need)
	v.Text("usdAmount", &w.USDAmount, domain.Free)
	v.Text("state", &w.State, domain.Need)
	v.Text("usd", &usd, domain.Need)
	v.Text("day", &w.Day, domain.Free)
	v.Instant("time", &w.Time, domain.Need)
	v.Count("seq", &seq, domain.Need)
	v.Instant("since", &w.Since, domain.Need)
	w.USD, _ = domain.ParseUSD(usd)
	w.Seq = uint64(seq)
}

func withdrawalFactOf(account string, w *domain.Withdrawal, a *domain.Account) Fact {
	return Fact{
		Of: domain.AccountEntity(account), Kind: withdrawalFact, item: domain.WithdrawalKey(account, w.ID),
		State: &FactWithdrawal{*w, calendar.DateOf(w.Time, a.Location()).String()},
	}
}
