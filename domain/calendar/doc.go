// Package calendar counts civil days: which day an instant lies on, when a day
// begins, which days are business days (WD-4, WD-5, A-50).
//
// It refuses to look at a clock or a file: a zone is told to it, and so is the
// day. It knows no opening hours, no half days and no emergency closings, which
// are decided by people and follow from no rule.
//
// # Decisions
//
//   - A day is a number of days, not an instant at midnight: midnight may be
//     missing or come twice, a day is the day. Given up: nothing but a cast.
//   - A calendar is its rules, not a list of dates, so that it holds for the
//     years of a backfill and for those to come. Given up: what an act of
//     Congress changes next year is not in it until somebody writes it down.
//   - A name means the same days for ever, or history would be decided another
//     way when it is decided again. The name us-fedwire is version 1 of its
//     rules; a changed rule is a new name, such as us-fedwire@2, beside the old.
//   - The years before a rule was made have it too (Juneteenth has not, being
//     the one that a backfill meets). Given up: the true list of 1970.
//   - A calendar is one file and a line in the catalog. Given up: calendars that
//     an operator writes, which two nodes would read differently.
package calendar
