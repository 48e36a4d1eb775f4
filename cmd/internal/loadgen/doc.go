// Package loadgen generates the commands that the gateways, offices and support desk of
// a brokerage send. Demonstrations, tests and benchmarks use it.
//
// [Brokerage] generates days of commands of every kind: logins, devices, codes,
// sharings, withdrawals, and the mistakes in them. [Day] generates one day of logins
// alone. Both add scenarios: short sequences with known results, such as a password
// attack. [Logins] and [Mixed] generate commands at a high rate, without scenarios.
//
// The users are fictitious. The addresses come from ranges that are reserved for
// documentation and benchmarks. No command contains a password, not even a mistyped one.
// The package reads no clock and no ledger, so it knows no verdicts.
//
// # Decisions
//
//   - One seed generates the same [Day] for every date. The load follows the time of day
//     in New York, where the market opens. Days that end at the same time of day there
//     are equal except for the date. The scenarios are at fixed distances from the end,
//     so their results are the same at any hour.
//   - On the days when New York changes its clocks, the peaks are an hour off. Given up:
//     days of 23 or 25 hours.
//   - Every command is a backfill, because the generated day is in the past.
//   - The users of the scenarios are separate from the users of the load, so that no
//     random session changes a scenario.
//   - Sessions are generated in order of time and spread evenly over the curve of the
//     day. Memory grows with the open sessions, not with the length of the day. Given up:
//     a number of sessions that varies at random.
//   - The generator of a brokerage assumes that the ledger accepts every command. It
//     keeps a few devices and codes per user, and schedules later actions as steps. Given
//     up: a plan of every day, which would grow with the days.
//   - A brokerage also follows the calendar of business days: few users come on days
//     without a market. So its days differ by date.
//   - A person can have two user names with one account. They share cards and the app.
//   - Commands are in order of arrival. The time of a late report is before the times of some
//     earlier commands.
//   - Ids contain the seed and the end, and for a brokerage the numbers of users and days, so
//     that one ledger can hold many days.
package loadgen
