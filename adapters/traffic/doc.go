// Package traffic makes up the traffic of a brokerage, as the commands that its
// gateways, its offices and its support desk would send. It is for
// demonstrations, tests and measurements.
//
// [Brokerage] tells days of everything that a ledger takes: logins, devices,
// codes, sharings and withdrawals, and what goes wrong with them. [Day] tells a
// day of logins alone: a crowd with its habits, and on top the scenes that a
// ledger of logins exists for. [Bench] and [Mixed] tell nothing, fast.
//
// The package refuses to look real: its people are made up, its addresses come
// from ranges that are set aside for documentation and benchmarks, and no
// command holds anything like a password, not even a mistyped one. It reads no
// clock and asks no ledger, so it knows no verdicts.
//
// # Decisions
//
//   - The same seed tells the same day, whatever the date. The crowd follows
//     the clock of New York, where its market opens; so days whose ends show
//     the same time there are equal but for the date, and others begin and end
//     elsewhere in the same round of sessions. The scenes stand at fixed
//     distances from the end, so their outcomes are the same at any hour.
//   - On the days when New York moves its clocks the peaks are an hour off.
//     Given up: a day of 23 or 25 hours.
//   - Every command is a backfill: a day that has passed is no ledger's present.
//   - The people of the scenes are not of the crowd, so nobody's luck can undo
//     a scene.
//   - Sessions are drawn in order of time, evenly over the day's curve. Memory
//     grows with the sessions under way, not with the day. Given up: a number
//     of sessions that varies as it would by chance.
//   - A brokerage's people believe what they asked for: nothing tells them that
//     it was refused. What each holds is a few devices and codes, and what was
//     begun and goes on in days is a step on the agenda. Given up: a plan of
//     every day, which would grow with the days.
//   - A brokerage follows the calendar too: few come on days without a market.
//     Its days are therefore not the same whatever the date.
//   - One person may have two user names and one account: those share cards and
//     the app.
//   - Commands come in order of arrival. A late report has an older time.
//   - Ids name the seed and the end, and a brokerage's its size, so many days fit
//     in one ledger.
package traffic
