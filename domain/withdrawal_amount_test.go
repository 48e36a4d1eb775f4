package domain

import (
	"strings"
	"testing"
)

// judged returns the reason of the rejection of a command, in the order of A-12.
func judged(l *ledger, c *Command) Reason {
	var f formChecker
	c.Data.Members(&f)
	if len(f.wrong) > 0 {
		return BadField
	}
	if checked, ok := c.Data.(interface{ Check() *Rejection }); ok {
		if r := checked.Check(); r != nil {
			return r.Reason
		}
	}
	return l.do(*c).Reason
}

// TestWithdrawalAmounts is WD-1 and A-33: the forms of an amount.
func TestWithdrawalAmounts(t *testing.T) {
	const fine = Reason("")
	for _, c := range []struct {
		amount, currency, usd string
		want                  Reason
	}{
		{"0.01", "USD", "", fine},
		{"1", "USD", "", fine},
		{"1.5", "USD", "", fine},
		{"1.50", "USD", "", fine},
		{"1000000000000", "USD", "", fine},
		{"1000000000000.00", "USD", "", fine},
		{"1", "JPY", "0.01", fine},
		{"999999999999999999", "KRW", "1000000000000.00", fine}, // above 10^12, but not in USD
		{"1.000", "KWD", "3.26", fine},
		{"0.001", "KWD", "0.01", fine},
		{"1.0000", "CLF", "40", fine},

		{"0", "USD", "", Amount},
		{"0.00", "USD", "", Amount},
		{"-1", "USD", "", Amount},
		{"+1", "USD", "", Amount},
		{"01", "USD", "", Amount},
		{".5", "USD", "", Amount},
		{"1.", "USD", "", Amount},
		{"1,5", "USD", "", Amount},
		{"1e3", "USD", "", Amount},
		{" 1", "USD", "", Amount},
		{"1\n", "USD", "", Amount},
		{"ten", "USD", "", Amount},
		{"", "USD", "", Amount},
		{"1.500", "USD", "", Amount}, // a trailing zero is a digit
		{"1000000000000.01", "USD", "", Amount},
		{"92233720368547758.08", "USD", "", Amount}, // 2^63 cents
		{"184467440737095516.17", "USD", "", Amount},
		{"1000000000000000000", "USD", "", Amount}, // 19 digits
		{"1.0", "JPY", "0.01", Amount},
		{"1000000000000000000", "JPY", "1", Amount},
		{"1.0000", "KWD", "3.26", Amount},
		{"1.00000", "CLF", "40", Amount},
		{"0", "EUR", "1.00", Amount},
		{"1.00", "EUR", "0", Amount},
		{"1.00", "EUR", "0.00", Amount},
		{"1.00", "EUR", "1.000", Amount},
		{"1.00", "EUR", "1000000000000.01", Amount},
		{"1.00", "EUR", "-1", Amount},
		{"1.000", "EUR", "1.00", Amount},

		{"1", "usd", "", BadField},
		{"1", "XAU", "2000.00", BadField}, // a metal
		{"1", "ZZZ", "1.00", BadField},
		{"1", "", "1.00", BadField},
		{"1", "USD", "1", BadField},
		{"1", "EUR", "", MissingField},
	} {
		l := newLedger(IBKRSLS())
		l.do(*theOwner.has("gold", Gold, 0)(l))
		command := send(0, &WithdrawalRequest{
			Withdrawal: "w", Account: "acct", User: "alice", Device: "gold", Amount: c.amount, Currency: c.currency,
			USDAmount: c.usd,
		})(l)
		if got := judged(l, command); got != c.want {
			t.Errorf("amount %q %s, in USD %q: got %q, want %q", c.amount, c.currency, c.usd, got, c.want)
		}
		if recorded := len(l.records) == 2; recorded != (c.want == fine) {
			t.Errorf("amount %q %s, in USD %q: got %d records, want a record of the request %t", c.amount, c.currency,
				c.usd, len(l.records), c.want == fine)
		}
	}
}

// TestWithdrawalRequestChecked is A-33: a request has a device or a code, and one value in USD.
func TestWithdrawalRequestChecked(t *testing.T) {
	for _, c := range []struct {
		request WithdrawalRequest
		reason  Reason
		field   string
	}{
		{WithdrawalRequest{Device: "d", Currency: "USD"}, "", ""},
		{WithdrawalRequest{Code: "c", Currency: "EUR", USDAmount: "1"}, "", ""},
		{WithdrawalRequest{Currency: "USD"}, MissingField, "device"},
		{WithdrawalRequest{Device: "d", Currency: "EUR"}, MissingField, "usdAmount"},
		{WithdrawalRequest{Device: "d", Code: "c", Currency: "USD"}, BadField, "code"},
		{WithdrawalRequest{Device: "d", Currency: "USD", USDAmount: "1"}, BadField, "usdAmount"},
		{WithdrawalRequest{Device: "d", Code: "c", Currency: "EUR"}, MissingField, "usdAmount"},
		// a missing member comes first
		{WithdrawalRequest{Currency: "USD", USDAmount: "1"}, MissingField, "device"},
	} {
		r := c.request.Check()
		if r == nil {
			r = &Rejection{}
		}
		if r.Reason != c.reason || r.Field != c.field {
			t.Errorf("%+v: got %s %s, want %s %s", c.request, r.Reason, r.Field, c.reason, c.field)
		}
	}
}

// TestWithdrawalJudgedInOrder is A-12: if several members are invalid, the answer has the first of the
// order. Each row also has the errors of the rows below it.
func TestWithdrawalJudgedInOrder(t *testing.T) {
	l := newLedger(IBKRSLS())
	l.do(*theOwner.takes("taken", "1", "gold", 0)(l))
	wrong := WithdrawalRequest{Withdrawal: "taken", Account: "acct", User: "Al ice", Device: "d", Code: "c",
		Amount: "ten", Currency: "JPY"}
	for _, c := range []struct {
		want Reason
		mend func(*WithdrawalRequest)
	}{
		{MissingField, func(w *WithdrawalRequest) { w.USDAmount = "0" }},
		{BadField, func(w *WithdrawalRequest) { w.Code = "" }},
		{InvalidCharacter, func(w *WithdrawalRequest) { w.User = "alice" }},
		{Amount, func(w *WithdrawalRequest) { w.Amount = "1" }},
		{Amount, func(w *WithdrawalRequest) { w.USDAmount = "1" }},
		{IDReused, func(w *WithdrawalRequest) { w.Withdrawal = "free" }},
		{DeviceNotActive, func(*WithdrawalRequest) {}},
	} {
		request := wrong
		if got := judged(l, send(0, &request)(l)); got != c.want {
			t.Errorf("%+v: got %q, want %q", request, got, c.want)
		}
		c.mend(&wrong)
	}
	if l.do(*theOwner.takes("w", strings.Repeat("9", amountBytesMax), "gold", 0)(l)).Reason != Amount {
		t.Error("an amount of the maximum length is valid, want it rejected (A-33)")
	}
}

// TestWithdrawalSums_DoNotOverflow is A-55: a sum that exceeds 64 bits still respects the limits.
func TestWithdrawalSums_DoNotOverflow(t *testing.T) {
	l := newLedger(IBKRSLS())
	for _, s := range wallet() {
		l.do(*s(l))
	}
	full := Account{Clock: epoch, Zone: "America/New_York",
		Days: []DaySum{{calendarDay("2026-03-02"), Sum{Hi: 9, Lo: sumBase - 1}}}}
	l.accounts["acct"] = full
	d := l.do(*theOwner.takes("w1", "1000000000000.00", "gold", hour)(l))
	want := "gold: today 100000999999999999.99; since 2026-02-24 100000999999999999.99"
	if got := d.Result.(*WithdrawalResult).formatted(); got != want {
		t.Errorf("sum: got %s, want %s", got, want)
	}
	d = l.do(*theOwner.takes("w2", "0.01", "dsc", hour)(l))
	r := d.Result.(*WithdrawalResult)
	if d.Reason != DailyLimit || r.Limits.DayRemaining != "0.00" || r.Limits.WindowRemaining != "0.00" {
		t.Errorf("one more cent: got %s %s, want daily_limit with 0.00 remaining", d.Reason, r.formatted())
	}
}
