package domain

import "testing"

func TestWithdrawalDayAndWindow(t *testing.T) {
	on := func(says, at string, want ...Data) rule {
		return rule{says, given{theOwner.has("scc", SecurityCodeCard, 0),
			theOwner.takes("w0", "1", "scc", newYork("2026-03-02 12:00:00"))},
			when{theOwner.takes("w1", "2", "scc", newYork(at))}, want}
	}
	holdAs(t, IBKRSLS(), outcomeOfWithdrawal, []rule{
		on("WD-3 the day lasts to its last nanosecond", "2026-03-02 23:59:59.999999999",
			accepted, approved("2.00", SecurityCodeCard, "2026-03-02"),
			totals{SecurityCodeCard, sum{"3.00", "200000.00", "199997.00"}, "2026-02-24",
				sum{"3.00", "600000.00", "599997.00"}}),
		on("WD-3 and ends in New York, not in Greenwich", "2026-03-03 00:00:00",
			accepted, approved("2.00", SecurityCodeCard, "2026-03-03"),
			totals{SecurityCodeCard, sum{"2.00", "200000.00", "199998.00"}, "2026-02-25",
				sum{"3.00", "600000.00", "599997.00"}}),
		on("WD-4 five business days, with today", "2026-03-06 23:59:59.999999999",
			accepted, approved("2.00", SecurityCodeCard, "2026-03-06"),
			totals{SecurityCodeCard, sum{"2.00", "200000.00", "199998.00"}, "2026-03-02",
				sum{"3.00", "600000.00", "599997.00"}}),
		on("WD-4 a Saturday and a Sunday have Friday's window", "2026-03-08 23:59:59.999999999",
			accepted, approved("2.00", SecurityCodeCard, "2026-03-08"),
			totals{SecurityCodeCard, sum{"2.00", "200000.00", "199998.00"}, "2026-03-02",
				sum{"3.00", "600000.00", "599997.00"}}),
		on("WD-4 on Monday the oldest day leaves", "2026-03-09 00:00:00",
			accepted, approved("2.00", SecurityCodeCard, "2026-03-09"),
			totals{SecurityCodeCard, sum{"2.00", "200000.00", "199998.00"}, "2026-03-03",
				sum{"2.00", "600000.00", "599998.00"}}),
	})
}

// TestWithdrawalCalendar is WD-3 to WD-5 for clock changes, ends of years and bank holidays. Each
// row withdraws one dollar at each of its times, and has the sums at the last.
func TestWithdrawalCalendar(t *testing.T) {
	for _, c := range []struct {
		says             string
		zone, calendar   string
		times            []string
		today, window, a string
	}{
		{"WD-3 a day of 23 hours", "America/New_York", "us-fedwire",
			[]string{"2026-03-07 23:59:59.999999999", "2026-03-08 00:00:00", "2026-03-08 01:59:59.999999999",
				"2026-03-08 03:00:00", "2026-03-08 23:59:59.999999999"},
			"4.00", "2026-03-02", "5.00"},
		{"WD-3 the day after it", "America/New_York", "us-fedwire",
			[]string{"2026-03-08 23:59:59.999999999", "2026-03-09 00:00:00"}, "1.00", "2026-03-03", "2.00"},
		{"WD-3 a day of 25 hours", "America/New_York", "us-fedwire",
			[]string{"2026-10-31 23:59:59.999999999", "2026-11-01 00:00:00", "2026-11-01 03:00:00",
				"2026-11-01 23:59:59.999999999"},
			"3.00", "2026-10-26", "4.00"},
		{"WD-3 the day after it", "America/New_York", "us-fedwire",
			[]string{"2026-11-01 23:59:59.999999999", "2026-11-02 00:00:00"}, "1.00", "2026-10-27", "2.00"},
		{"WD-3 day that begins at 01:00", "America/Sao_Paulo", "us-fedwire",
			[]string{"2018-11-03 23:59:59.999999999", "2018-11-04 01:00:00"}, "1.00", "2018-10-29", "2.00"},
		{"WD-4 withdrawal on a weekend counts while the window begins before it", "America/New_York",
			"us-fedwire",
			[]string{"2026-03-06 12:00:00", "2026-03-07 12:00:00", "2026-03-08 12:00:00", "2026-03-12 12:00:00"},
			"1.00", "2026-03-06", "4.00"},
		{"WD-4 withdrawal on a weekend leaves the window with the Friday", "America/New_York", "us-fedwire",
			[]string{"2026-03-06 12:00:00", "2026-03-07 12:00:00", "2026-03-08 12:00:00", "2026-03-13 12:00:00"},
			"1.00", "2026-03-09", "1.00"},
		{"WD-5 withdrawal on a holiday counts, and the holiday is no business day",
			"America/New_York", "us-fedwire",
			[]string{"2026-05-18 12:00:00", "2026-05-25 12:00:00"}, "1.00", "2026-05-18", "2.00"},
		{"WD-5 a holiday on a Sunday is kept on Monday", "America/New_York", "us-fedwire", // 4 July 2027
			[]string{"2027-06-28 12:00:00", "2027-07-05 12:00:00"}, "1.00", "2027-06-28", "2.00"},
		{"WD-5 holiday on a Saturday is not moved", "America/New_York", "us-fedwire", // 4 July 2026
			[]string{"2026-06-29 12:00:00", "2026-07-03 12:00:00"}, "1.00", "2026-06-29", "2.00"},
		{"WD-5 Juneteenth is kept from 2021 on (A-50)", "America/New_York", "us-fedwire",
			[]string{"2023-06-12 12:00:00", "2023-06-19 12:00:00"}, "1.00", "2023-06-12", "2.00"},
		{"WD-5 Juneteenth before 2021 is a business day", "America/New_York", "us-fedwire",
			[]string{"2020-06-15 12:00:00", "2020-06-19 12:00:00"}, "1.00", "2020-06-15", "2.00"},
		{"WD-4 window over the end of a year", "America/New_York", "us-fedwire",
			[]string{"2026-12-28 12:00:00", "2026-12-31 23:59:59.999999999", "2027-01-01 00:00:00",
				"2027-01-04 12:00:00"}, "1.00", "2026-12-28", "4.00"},
		{"WD-5 31 December stays a business day when New Year is a Saturday (A-50)", "America/New_York",
			"us-fedwire",
			[]string{"2021-12-27 12:00:00", "2021-12-31 12:00:00"}, "1.00", "2021-12-27", "2.00"},
		{"WD-5 Good Friday and Easter Monday are holidays of another calendar", "Europe/Berlin", "eu-target",
			[]string{"2026-03-30 12:00:00", "2026-04-07 12:00:00"}, "1.00", "2026-03-30", "2.00"},
		{"WD-5 Good Friday and Easter Monday are business days in New York", "Europe/Berlin", "us-fedwire",
			[]string{"2026-03-30 12:00:00", "2026-04-07 12:00:00"}, "1.00", "2026-04-01", "1.00"},
	} {
		l := newLedger(with(IBKRSLS(), func(p *Policy) { p.Zone, p.Calendar = c.zone, c.calendar }))
		l.do(*theOwner.has("scc", SecurityCodeCard, 0)(l))
		var last Decision
		for i, at := range c.times {
			last = l.do(*theOwner.takes("w"+decimal(int64(i)), "1", "scc", wallClock(c.zone, at))(l))
		}
		r, ok := last.Result.(*WithdrawalResult)
		if !ok || r.Limits.DayUSD != c.today || r.Window.From != c.window || r.Limits.WindowUSD != c.a ||
			r.Window.BusinessDays[0] != r.Window.From {
			t.Errorf("%s: got %s, want today %s, since %s %s", c.says, r.formatted(), c.today, c.window, c.a)
		}
	}
}

func TestWithdrawalLate(t *testing.T) {
	one := wallet()
	holdAs(t, IBKRSLS(), outcomeOfWithdrawal, []rule{
		{"A-17 a late request counts on the day of the account's clock",
			given{one, theOwner.takes("w1", "1", "gold", 2*day)}, when{theOwner.takes("w2", "2", "scc", 0)},
			then{accepted.late(2 * day), approved("2.00", SecurityCodeCard, "2026-03-04"),
				totals{SecurityCodeCard, sum{"3.00", "200000.00", "199997.00"}, "2026-02-26",
					sum{"3.00", "600000.00", "599997.00"}}}},
		{"A-17 late request reads the user at the clock, after the lockout",
			given{one, times(10, fail(0)), theOwner.takes("w1", "1", "gold", day)},
			when{theOwner.takes("w2", "2", "gold", hour)},
			then{accepted.late(day), approved("2.00", Gold, "2026-03-03"),
				totals{Gold, noLimit("3.00"), "2026-02-25", noLimit("3.00")}}},
		{"A-17 refusal advances the account's clock (A-09)",
			given{one, theOwner.takes("w1", "1", "none", 2*day)}, when{theOwner.takes("w2", "2", "gold", 0)},
			then{accepted.late(2 * day), approved("2.00", Gold, "2026-03-04"),
				totals{Gold, noLimit("2.00"), "2026-02-26", noLimit("2.00")}}},
		{"A-09 settlement and cancellation advance the clock, refused or not",
			given{one, theOwner.takes("w1", "1", "gold", 0), theOwner.settles("w1", hour)},
			when{theOwner.recalls("w1", 0), theOwner.settles("none", 2*hour), theOwner.recalls("none", 0)},
			then{refused(AlreadySettled).late(hour), &WithdrawalRefused{Reason: AlreadySettled},
				refused(UnknownWithdrawal), &WithdrawalRefused{Reason: UnknownWithdrawal},
				refused(UnknownWithdrawal).late(2 * hour), &WithdrawalRefused{Reason: UnknownWithdrawal}}},
	})
}
