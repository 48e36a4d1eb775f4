// Package calendar computes civil days: the day of an instant, the start of a day, and the
// business days of a calendar (WD-4, WD-5, A-50).
//
// It reads no clock and no file: callers pass the time zone and the day. It has no opening hours
// and no half days, because the rules count whole days. It has no emergency closings, because
// they cannot be computed in advance.
//
// # Decisions
//
//   - A [Date] is a number of days, not the instant of midnight, because some midnights do
//     not exist and others occur twice. The price: callers must convert between days and
//     instants.
//   - A calendar is a set of rules, not a list of dates, so that it covers the years of a
//     backfill and future years. The price: a holiday that a new law adds is missing until the
//     code changes.
//   - The business days of a calendar name never change, because verification decides old
//     records again. The name us-fedwire is version 1 of its rules. Changed rules get a new
//     name, such as us-fedwire@2, and the old name stays.
//   - A rule also applies to the years before it became law. Juneteenth is the exception:
//     it became law in 2021, and backfills contain earlier years. The price: in years such as
//     1970 the calendar differs from the actual holidays.
//   - A calendar is one file and one line in the catalog. Given up: calendars that an
//     operator writes, because two nodes could have different ones.
package calendar
