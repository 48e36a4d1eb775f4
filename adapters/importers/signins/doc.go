// Package signins reads exported audit events of an identity provider, in JSON
// lines or arrays, as login commands. It knows the System Log of Okta, the sign-in
// logs of Microsoft Entra, and the login events of Keycloak. An import records the
// past, so every command is a backfill.
//
// A [Reader] returns one [Line] for each line of the file: the command of its attempt,
// its rejection, the reason for which it was passed over, or a code without a row in the
// [Gateway]'s table. The commands identify the tenant and the event, so a repeated or
// overlapping export adds only new attempts.
//
// These gateways export newest first as well as oldest first. An [Order] returns the
// attempts of its readers in the order of time.
//
// The package does not guess. One table for each gateway gives the meaning of its
// events, and docs/importing.md shows the tables. An event without a row is unmapped,
// and makes no command. The package makes no decision, and its messages about a line
// contain no name of a user.
//
// # Decisions
//
//   - A failure counts only if its row states that the user offered a wrong
//     password or code (LOGIN-3). A user who is locked by the gateway itself,
//     expired, disabled or stopped by a policy is recorded as gateway_error, and a
//     sign-in that the user or the page ended as cancelled. Neither counts, because
//     the gateway's own lock would otherwise prolong the lock of the ledger.
//   - An event that reports no attempt, or an attempt that another event reports,
//     makes no command: a service principal, a renewed token, a right second factor.
//   - A success is recorded only if the gateway checked a credential in that attempt
//     single sign-on must not reset a count (LOCK-4). Entra and Okta state it in
//     the event. Keycloak does not, so an [Order] remembers the sessions that it has
//     seen, [SessionsHeld] at least. Given up: the first sign-in in the file of a session
//     that began before counts as its first, and a password that is asked for once more
//     in a session is passed over.
//   - A failure of a type that may be a sign-in and has no row is unmapped, never passed
//     over: thirty wrong passwords must not vanish because a table is short.
//   - A failure that does not count and has no user name is passed over, because no
//     user's history can hold it. A failure that counts and has no user name is rejected.
//   - A success with a reason of failure, or two codes that differ, is unmapped.
//   - These gateways compare user names in lower case, so the package converts ASCII
//     characters to lower case. It converts no other characters, because the lower case of some
//     Unicode characters is the name of another user.
//   - An [Order] returns attempts in the order of time, and attempts of one instant in the
//     order of their ids, so a reversed file gives the same verdicts. In the order newest
//     first, an old failure would be folded at the newest instant (Clock), and twenty
//     failures on twenty days would lock the user. [AttemptsHeld] limits the memory; a
//     longer file is in order if its disorder is shorter. Given up: the order within the
//     file of two attempts of one instant.
//   - The id of an event is the id of the command. An event without id gets a hash of its
//     user, time, result and session, so that a copy with moved or added members is a
//     duplicate. The hash covers no sealed member, because a hash of an address can be
//     reversed by trying. Given up: two different events without id that agree in these
//     members are one command.
//   - The source contains the tenant (Entra) or the realm (Keycloak) of the event. Events
//     of Okta do not name their org, and events of Graph do not name their tenant; the
//     operator names it. Given up: without that name, two orgs share one space of ids.
//   - One level of {"event": {…}} around an event is removed.
//   - An array may be larger than memory, so the package splits it into elements without
//     parsing the whole file. An array must contain objects; other text in brackets is a
//     line.
//   - A time without a zone and with a space instead of the T is UTC, because warehouses
//     write that form. With a T it is rejected, because scripts write local times in that
//     form. For Entra the time of the sign-in counts; the time of the log is minutes later.
//   - Member names are case-sensitive and unique. A line of an export with renamed
//     members is malformed, not an event of another type.
//   - An invalid address, and a user agent longer than the limit of a command, are omitted,
//     because no rule depends on them.
//   - Commands have no platform, because these gateways report none of LOGIN-8.
package signins
