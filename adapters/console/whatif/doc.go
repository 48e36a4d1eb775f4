// Package whatif keeps the comparisons that persons start on the pages of the console: each decides the
// recorded commands again under another policy, and lists the verdicts that would differ.
//
// The package reads no log and checks no right. Its caller passes the function that decides the commands,
// and starts it in the slot of the tasks that read the whole log, so that a node runs one comparison at
// a time.
//
// # Decisions
//
//   - Comparisons are in memory. A restart of the node ends them, and the person starts the comparison
//     again. Given up: a result that can be cited after a restart.
//   - A comparison keeps the totals of all differences, and the first differences themselves. Given up:
//     a complete list on a page, which the command `policy what-if` writes.
//   - A caller replaces comparisons of its own only, until the node has the maximum number. Given up: a
//     result that stays until its age limit, whatever other callers start.
package whatif
