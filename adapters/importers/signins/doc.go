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
// Some exports begin with the newest event, others with the oldest. An [Order] returns the
// attempts of its readers in the order of time.
//
// The package does not guess. One table for each gateway gives the meaning of its
// events, and docs/importing.md shows the tables. An event without a row is unmapped,
// and makes no command. The package makes no decision, and its messages about a line
// contain no name of a user.
//
// # Decisions
//
//   - A failure counts only if its row states that the user offered a wrong password or
//     code (LOGIN-3). An attempt that the gateway rejected because it had locked or
//     disabled the user, because the password had expired, or because of a policy, is
//     recorded as gateway_error. A sign-in that the user or the page ended is recorded as
//     cancelled. Neither counts, because failures during the gateway's own lockout would
//     otherwise extend the lockout in the ledger.
//   - An event that reports no attempt, or an attempt that another event reports, makes no
//     command. Examples are a sign-in of a service principal, a renewed token, and a
//     correct second factor.
//   - A success is recorded only if the gateway checked a credential in that attempt
//     single sign-on must not reset a count (LOCK-4). The events of Entra and Okta
//     show whether a credential was checked. Keycloak's events do not, so an [Order]
//     remembers at least the newest [SessionsHeld] sessions. If a session began before the
//     file, its first sign-in in the file therefore counts as an attempt. A password that
//     Keycloak requests again within a session is passed over.
//   - A failure of a type that may be a sign-in and has no row is unmapped, never passed
//     over, because an incomplete table must not hide guesses.
//   - A failure that does not count and has no user name is passed over, because the ledger
//     stores attempts by user. A failure that counts and has no user name is rejected.
//   - A success with a reason of failure, or two codes that differ, is unmapped.
//   - These gateways compare user names in lower case, so the package converts ASCII
//     characters to lower case. It converts no other characters, because the lower case of some
//     Unicode characters is the name of another user.
//   - An [Order] returns attempts in the order of time, and attempts of one instant in the
//     order of their ids, so a reversed file gives the same verdicts. If the newest
//     attempt came first, the ledger would decide the older attempts at the instant of the
//     newest (docs/rules.md, "Clock"), and twenty failures on twenty days would lock the
//     user. [AttemptsHeld] limits the memory. In a longer file, an attempt must not be
//     further than [AttemptsHeld] attempts from its place. Attempts of one instant do not
//     keep their order in the file.
//   - The id of an event is the id of the command. An event without id gets a hash of its
//     user, time, result and session, so that a copy with moved or added members is a
//     duplicate. The hash covers no sealed member, because an attacker could find the
//     address of a hash by trying all addresses. Two different events without id that agree
//     in these members therefore become one command.
//   - The source contains the tenant (Entra) or the realm (Keycloak) of the event. Events
//     of Okta do not name their org, and events of Graph do not name their tenant; the
//     operator states the name. Without the name, events of two orgs with the same id
//     become one command.
//   - The package removes one level of {"event": {…}} around an event.
//   - An array may be larger than memory, so the package splits it into elements without
//     parsing the whole file. An array must contain objects; other text in brackets is a
//     line.
//   - A time without a zone and with a space instead of the T is UTC, because data
//     warehouses write that form. With a T it is rejected, because scripts write local
//     times in that form. For Entra the time of the sign-in counts; the time of the log is
//     minutes later.
//   - Member names are case-sensitive and unique. A line of an export with renamed
//     members is malformed, not an event of another type.
//   - An invalid address, and a user agent longer than the limit of a command, are omitted,
//     because no rule depends on them.
//   - Commands have no platform, because these gateways report none of LOGIN-8.
package signins
