package domain

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"authledger/domain/calendar"
)

func calendarDay(text string) calendar.Date {
	day, ok := calendar.Parse(text)
	if !ok {
		panic("invalid day: " + text)
	}
	return day
}

// TestWithdrawalLimitsByClass is WD-2 to WD-4: each class may withdraw its exact limit (domain.md §6),
// and not one cent more.
func TestWithdrawalLimitsByClass(t *testing.T) {
	const none = ""
	for _, c := range []struct{ class, perDay, perFiveDays string }{
		{SecurityCodeCard, "200000.00", "600000.00"},
		{IBKRMobile, "1000000.00", "1000000.00"},
		{DigitalSecurityCard, "1000000.00", "1500000.00"},
		{DigitalSecurityCardPlus, none, none},
		{Gold, none, none},
		{Platinum, none, none},
		{TempPasscode, "200000.00", "600000.00"},
		{OnlineCard, "200000.00", "600000.00"},
	} {
		l := newLedger(IBKRSLS())
		l.do(*theOwner.has("gold", Gold, 0)(l)) // has no limits, and fills the window
		switch c.class {
		case TempPasscode, OnlineCard:
			for _, s := range theOwner.passcode("x", 0) {
				l.do(*s(l))
			}
			if c.class == OnlineCard {
				l.do(*theOwner.code(OnlineCard, "card", 0)(l))
			}
		default:
			l.do(*theOwner.has("x", c.class, 0)(l))
		}
		with := map[string]string{TempPasscode: "#x", OnlineCard: "#card"}[c.class]
		if with == "" {
			with = "x"
		}
		ask := func(id, usd string, at time.Duration) *Decision {
			d := l.do(*theOwner.takes(id, usd, with, at)(l))
			r, ok := d.Result.(*WithdrawalResult)
			if !ok || r.Limits.Class != c.class || r.Limits.PerDay != c.perDay ||
				r.Limits.PerFiveDays != c.perFiveDays {
				t.Fatalf("%s: got %s %s, %+v, want the limits of the class", c.class, d.Status, d.Reason, d.Result)
			}
			return &d
		}
		if c.perDay == none {
			for _, id := range []string{"w1", "w2"} {
				if d := ask(id, USDMost.String(), 0); d.Status != Accepted {
					t.Errorf("%s: got %s, want unlimited", c.class, d.Reason)
				}
			}
			continue
		}
		perDay, perFiveDays := mustUSD(c.perDay), mustUSD(c.perFiveDays)
		if d := ask("w1", (perDay + 1).String(),
			0); d.Reason != DailyLimit || !d.Result.(*WithdrawalResult).FreesAt.IsZero() {
			t.Errorf("%s, one cent above the daily limit: got %s, want daily_limit", c.class, d.Reason)
		}
		if d := ask("w2", perDay.String(), 0); d.Status != Accepted {
			t.Errorf("%s, the exact daily limit (A-06): got %s, want accepted", c.class, d.Reason)
		}
		if d := ask("w3", "0.01", 0); d.Reason != DailyLimit || d.Result.(*WithdrawalResult).FreesAt.IsZero() {
			t.Errorf("%s, one more cent: got %s, want daily_limit with freesAt", c.class, d.Reason)
		}
		if room := perFiveDays - perDay; room > 0 {
			l.do(*theOwner.takes("w4", (room - 1).String(), "gold", 0)(l))
			if d := ask("w5", "0.01", day); d.Status != Accepted {
				t.Errorf("%s, the exact limit of five days (A-06): got %s, want accepted", c.class, d.Reason)
			}
		}
		if d := ask("w6", "0.01",
			day); d.Reason != FiveDayLimit || d.Result.(*WithdrawalResult).Limits.WindowRemaining != "0.00" {
			t.Errorf("%s, one cent above the limit of five days: got %s, want five_day_limit", c.class, d.Reason)
		}
	}
}

// TestWithdrawalDailyLimitFirst is WD-3: daily_limit comes before five_day_limit.
func TestWithdrawalDailyLimitFirst(t *testing.T) {
	l := newLedger(IBKRSLS())
	l.do(*theOwner.has("app", IBKRMobile, 0)(l))
	l.do(*theOwner.takes("w1", "1000000", "app", 0)(l))
	for at, want := range map[time.Duration]Reason{hour: DailyLimit, day: FiveDayLimit} {
		if d, _ := Decide(l, theOwner.takes("w2", "0.01", "app", at)(l)); d.Reason != want {
			t.Errorf("after %s: got %s, want %s", at, d.Reason, want)
		}
	}
}

// TestFreesAt is WD-7 and A-30. The account withdrew 200,000 USD with a security code card on each of
// the given days.
func TestFreesAt(t *testing.T) {
	for _, c := range []struct {
		says  string
		took  []string
		at    string // New York
		usd   string
		with  string
		frees string // UTC, "" for never
	}{
		{"daily limit frees at the next midnight", []string{"2026-03-02 10:00:00"}, "2026-03-02 10:00:00",
			"0.01", "scc", "2026-03-03T05:00:00Z"},
		{"one nanosecond before midnight", []string{"2026-03-02 10:00:00"}, "2026-03-02 23:59:59.999999999", "0.01",
			"scc", "2026-03-03T05:00:00Z"},
		{"midnight after a clock change in spring", []string{"2026-03-08 01:00:00"}, "2026-03-08 12:00:00",
			"1", "scc", "2026-03-09T04:00:00Z"},
		{"midnight after a clock change in autumn", []string{"2026-11-01 00:30:00"}, "2026-11-01 12:00:00", "1",
			"scc",
			"2026-11-02T05:00:00Z"},
		{"amount above the daily limit never passes", nil, "2026-03-02 10:00:00", "200000.01", "scc", ""},
		{"amount above the limit of five days never passes", nil, "2026-03-02 10:00:00", "1000000.01", "app", ""},
		{"five days: when the first of them leaves the window, over a weekend",
			[]string{"2026-03-02 10:00:00", "2026-03-03 10:00:00", "2026-03-04 10:00:00"}, "2026-03-05 10:00:00",
			"0.01", "scc", "2026-03-09T04:00:00Z"},
		{"five days: both limits apply, and the window frees later",
			[]string{"2026-03-02 10:00:00", "2026-03-03 10:00:00", "2026-03-04 10:00:00"}, "2026-03-04 11:00:00",
			"0.01", "scc", "2026-03-09T04:00:00Z"},
		{"five days: the requested amount must leave the window",
			[]string{"2026-03-02 10:00:00", "2026-03-03 10:00:00", "2026-03-04 10:00:00", "2026-03-09 10:00:00"},
			"2026-03-09 11:00:00", "200000", "scc", "2026-03-10T04:00:00Z"},
		{"five days: withdrawal on a weekend",
			[]string{"2026-03-07 10:00:00", "2026-03-08 10:00:00", "2026-03-09 10:00:00"}, "2026-03-10 10:00:00",
			"200000", "scc", "2026-03-13T04:00:00Z"},
		{"five days: holiday in the window (Memorial Day)",
			[]string{"2026-05-20 10:00:00", "2026-05-21 10:00:00", "2026-05-22 10:00:00"}, "2026-05-25 10:00:00", "1",
			"scc", "2026-05-28T04:00:00Z"},
		{"five days: end of a year, New Year on a Friday",
			[]string{"2026-12-29 10:00:00", "2026-12-30 10:00:00", "2026-12-31 10:00:00"}, "2027-01-01 10:00:00", "1",
			"scc", "2027-01-06T05:00:00Z"},
		{"five days: end of a year, New Year on a Saturday (A-50)",
			[]string{"2021-12-27 10:00:00", "2021-12-28 10:00:00", "2021-12-29 10:00:00"}, "2021-12-30 10:00:00", "1",
			"scc", "2022-01-03T05:00:00Z"},
	} {
		l := newLedger(IBKRSLS())
		l.do(*theOwner.has("scc", SecurityCodeCard, 0)(l))
		l.do(*theOwner.has("app", IBKRMobile, 0)(l))
		for _, at := range c.took {
			if d := l.do(*theOwner.takes("w"+at[:10], "200000", "scc", newYork(at))(l)); d.Status != Accepted {
				t.Fatalf("%s, at %s: got %s, want accepted", c.says, at, d.Reason)
			}
		}
		d := l.do(*theOwner.takes("w", c.usd, c.with, newYork(c.at))(l))
		got := ""
		if r, ok := d.Result.(*WithdrawalResult); ok && !r.FreesAt.IsZero() {
			got = r.FreesAt.Format(time.RFC3339Nano)
		}
		if d.Status != Refused || got != c.frees {
			t.Errorf("WD-7 %s: %s %s, frees at %q, want %q", c.says, d.Status, d.Reason, got, c.frees)
		}
	}
}

// TestFreesAt_WithoutMidnight is A-50: a day begins with its first instant, also without a midnight.
func TestFreesAt_WithoutMidnight(t *testing.T) {
	for zone, want := range map[string]struct{ asked, frees string }{
		"America/Sao_Paulo": {"2018-11-03 12:00:00", "2018-11-04T03:00:00Z"}, // clocks went from 00:00 to 01:00
		"Asia/Beirut":       {"2022-03-26 12:00:00", "2022-03-26T22:00:00Z"},
		"Pacific/Apia":      {"2011-12-29 12:00:00", "2011-12-30T10:00:00Z"}, // there was no 30 December
	} {
		l := newLedger(with(IBKRSLS(), func(p *Policy) { p.Zone = zone }))
		l.do(*theOwner.has("scc", SecurityCodeCard, 0)(l))
		at := wallClock(zone, want.asked)
		l.do(*theOwner.takes("w1", "200000", "scc", at)(l))
		d := l.do(*theOwner.takes("w2", "1", "scc", at)(l))
		frees := d.Result.(*WithdrawalResult).FreesAt
		if got := frees.Format(time.RFC3339Nano); got != want.frees {
			t.Errorf("%s: freesAt = %s, want %s", zone, got, want.frees)
		}
		if d, _ := Decide(l, theOwner.takes("w3", "1", "scc", frees.Sub(epoch)-1)(l)); d.Reason != DailyLimit {
			t.Errorf("%s, one nanosecond before freesAt: got %s %s, want refused", zone, d.Status, d.Reason)
		}
		if d, _ := Decide(l, theOwner.takes("w3", "1", "scc", frees.Sub(epoch))(l)); d.Status != Accepted {
			t.Errorf("%s, at freesAt: got %s %s, want accepted", zone, d.Status, d.Reason)
		}
	}
}

// TestTryDevices is WD-7: the result lists the other devices whose limits allow the amount, in order
// of activation.
func TestTryDevices(t *testing.T) {
	holdAs(t, IBKRSLS(), outcomeOfWithdrawal, []rule{
		{"WD-7 in order of the latest activation",
			given{wallet(), theOwner.drops("app", ByUser, 0), theOwner.has("app", IBKRMobile, hour)},
			when{theOwner.takes("w1", "200000.01", "scc", hour)},
			then{refused(DailyLimit), denial(DailyLimit, SecurityCodeCard),
				totals{SecurityCodeCard, sum{"0.00", "200000.00", "200000.00"}, "2026-02-24",
					sum{"0.00", "600000.00", "600000.00"}}, tryDevices{"dsc", "plus", "gold", "app"}}},
		{"WD-7 without devices whose limits are too low",
			given{wallet(), theOwner.takes("w1", "900000", "gold", 0)},
			when{theOwner.takes("w2", "100000.01", "scc", 0)},
			then{refused(DailyLimit), denial(DailyLimit, SecurityCodeCard),
				totals{SecurityCodeCard, sum{"900000.00", "200000.00", "0.00"}, "2026-02-24",
					sum{"900000.00", "600000.00", "0.00"}},
				freesAt("2026-03-09T04:00:00Z"), tryDevices{"plus", "gold"}}},
		{"WD-7 limit of five days is checked too",
			given{wallet(), theOwner.takes("w1", "900000", "gold", 0)},
			when{theOwner.takes("w2", "100000.01", "scc", day)},
			then{refused(FiveDayLimit), denial(FiveDayLimit, SecurityCodeCard),
				totals{SecurityCodeCard, sum{"0.00", "200000.00", "200000.00"}, "2026-02-25",
					sum{"900000.00", "600000.00", "0.00"}},
				freesAt("2026-03-09T04:00:00Z"), tryDevices{"dsc", "plus", "gold"}}},
		{"WD-7 borrowed devices, but no deactivated or dormant ones",
			given{theOwner.has("scc", SecurityCodeCard, 0), theOwner.has("gold", Gold, 0),
				theOwner.has("plus", Gold, 0), theOwner.drops("plus", Lost, 0),
				theOwner.has("app", IBKRMobile, 0), theOwner.is("one-and-the-same", 0),
				theThird.is("one-and-the-same", 0), theThird.has("h", Gold, 0),
				theOwner.asks("s", theThird, "h", 0)},
			when{theOwner.takes("w1", "1000000.01", "app", 0)},
			then{refused(DailyLimit), denial(DailyLimit, IBKRMobile),
				totals{IBKRMobile, sum{"0.00", "1000000.00", "1000000.00"}, "2026-02-24",
					sum{"0.00", "1000000.00", "1000000.00"}}, tryDevices{"h"}}},
		{"WD-7 request with a code lists every device",
			given{theOwner.passcode("p", day), theOwner.has("scc", SecurityCodeCard, 0),
				theOwner.has("gold", Gold, 0), theOwner.passcode("p2", day)},
			when{theOwner.takes("w1", "200000.01", "#p2", day)},
			then{refused(DailyLimit), denial(DailyLimit, TempPasscode),
				totals{TempPasscode, sum{"0.00", "200000.00", "200000.00"}, "2026-02-25",
					sum{"0.00", "600000.00", "600000.00"}}, tryDevices{"gold"}}},
		{"WD-7 no devices of another user",
			given{theOwner.has("scc", SecurityCodeCard, 0), theThird.has("gold", Gold, 0)},
			when{theOwner.takes("w1", "200000.01", "scc", 0)},
			then{refused(DailyLimit), denial(DailyLimit, SecurityCodeCard),
				totals{SecurityCodeCard, sum{"0.00", "200000.00", "200000.00"}, "2026-02-24",
					sum{"0.00", "600000.00", "600000.00"}}}},
	})
}

// TestWithdrawable is A-32: the remaining amounts of every class, before and after withdrawals leave
// the window.
func TestWithdrawable(t *testing.T) {
	l := newLedger(IBKRSLS())
	for _, s := range append(wallet(), theOwner.takes("w1", "150000", "scc", 0),
		theOwner.takes("w2", "900000.50", "gold", day)) {
		l.do(*s(l))
	}
	a := l.accounts["acct"]
	formatted := func(at time.Duration) (all []string) {
		w := l.policy.Withdrawable(&a, epoch.Add(at))
		all = append(all,
			w.Day+" "+w.DayUSD+", since "+w.Window.From+" "+w.WindowUSD+", from "+w.From.Format(time.RFC3339))
		for _, r := range w.Limits {
			all = append(all, r.Class+" "+r.DayRemaining+" "+r.WindowRemaining)
		}
		return all
	}
	for at, want := range map[time.Duration][]string{
		day: {"2026-03-03 900000.50, since 2026-02-25 1050000.50, from 2026-02-25T05:00:00Z",
			"security_code_card 0.00 0.00", "ibkr_mobile 99999.50 0.00", "digital_security_card 99999.50 449999.50",
			"digital_security_card_plus  ", "gold  ", "platinum  ", "temp_passcode 0.00 0.00",
			"online_card 0.00 0.00"},
		7 * day: {"2026-03-09 0.00, since 2026-03-03 900000.50, from 2026-03-03T05:00:00Z",
			"security_code_card 200000.00 0.00", "ibkr_mobile 1000000.00 99999.50",
			"digital_security_card 1000000.00 599999.50",
			"digital_security_card_plus  ", "gold  ", "platinum  ", "temp_passcode 200000.00 0.00",
			"online_card 200000.00 0.00"},
		90 * day: {"2026-05-31 0.00, since 2026-05-22 0.00, from 2026-05-22T04:00:00Z",
			"security_code_card 200000.00 600000.00", "ibkr_mobile 1000000.00 1000000.00",
			"digital_security_card 1000000.00 1500000.00",
			"digital_security_card_plus  ", "gold  ", "platinum  ", "temp_passcode 200000.00 600000.00",
			"online_card 200000.00 600000.00"},
	} {
		if diff := cmp.Diff(want, formatted(at)); diff != "" {
			t.Errorf("after %s (-want +got)\n%s", at, diff)
		}
	}
}

// An unknown class may withdraw nothing.
func TestUnknownClass_WithdrawsNothing(t *testing.T) {
	p := IBKRSLS()
	s := p.standing(&Account{}, epoch)
	if got := p.limit("abacus").exceeded(&s, 1); got != DailyLimit {
		t.Errorf("unknown class abacus, one cent: got %q, want daily_limit", got)
	}
	if limit := p.Limits.of("abacus"); limit.PerDay != "0" || limit.PerFiveDays != "0" {
		t.Errorf("limit of the unknown class abacus: got %+v, want 0 and 0", limit)
	}
}
