package domain

import (
	"testing"
	"time"
)

// TestWithdrawnCurrencies is A-33: a withdrawn currency is valid until the month of its
// withdrawal, and rejected after it.
func TestWithdrawnCurrencies(t *testing.T) {
	request := func(currency, amount string, at time.Time) *Command {
		return &Command{Time: at, Backfill: true, Data: &WithdrawalRequest{
			Withdrawal: "w", Account: "a", User: "alice", Device: "d", Amount: amount, Currency: currency,
			USDAmount: "5.00"}}
	}
	in := func(year int, month time.Month) time.Time { return time.Date(year, month, 15, 12, 0, 0, 0, time.UTC) }
	for _, test := range []struct {
		currency, amount string
		at               time.Time
		want             Reason
	}{
		{"HRK", "100.00", in(2022, time.June), ""}, {"HRK", "100.00", in(2023, time.February), BadField},
		{"BGN", "100.00", in(2025, time.June), ""}, {"BGN", "1", in(2026, time.February), BadField},
		{"ANG", "10.00", in(2024, time.June), ""}, {"SLL", "10.00", in(2019, time.June), ""},
		{"CUC", "10.00", in(2019, time.June), ""}, {"ZWL", "10.00", in(2023, time.June), ""},
		{"MRO", "10.0", in(2016, time.June), ""}, {"STD", "10", in(2016, time.June), ""},
		{"VEF", "10.00", in(2016, time.June), ""},
		{"LTL", "10.00", in(2014, time.December), ""}, {"LTL", "10.00", in(2015, time.February), BadField},
		{"BYR", "10", in(2016, time.June), ""}, {"BYR", "10.5", in(2016, time.June), Amount},
		{"XAD", "10.50", in(2026, time.February), ""}, {"XAD", "10.505", in(2026, time.February), Amount},
		{"ISK", "10.5", in(2026, time.February), Amount}, {"XCG", "1.00", in(2026, time.February), ""},
	} {
		if wrong := currencyForm.Wrong(test.currency); wrong != "" {
			t.Errorf("currency %s: got %s from its form, want it valid", test.currency, wrong)
		}
		got := Reason("")
		if wrong := request(test.currency, test.amount, test.at).Validate(IBKRSLS()); wrong != nil {
			got = wrong.Reason
		}
		if got != test.want {
			t.Errorf("%s %s in %s: got %q, want %q", test.amount, test.currency, test.at.Format("2006-01"), got,
				test.want)
		}
	}
	for code, w := range withdrawnCurrencies {
		if _, current := minorDigits(code); current || w.digits > minorDigitsMost || len(code) != 3 {
			t.Errorf("%s: got current %t and %d digits, want a withdrawn currency of at most %d", code, current,
				w.digits, minorDigitsMost)
		}
		if !w.end().After(time.Date(w.year, w.month, 28, 0, 0, 0, 0, time.UTC)) {
			t.Errorf("%s: got the end %v, want one after day 28 of its month", code, w.end())
		}
	}
	for _, code := range []string{"CNH", "USDT", "usd", "XXX", "XTS", "XFU"} {
		if currencyForm.Wrong(code) == "" {
			t.Errorf("%s: valid, want it unknown", code)
		}
	}
}
