// Package signins reads exported audit events of an identity provider, one JSON
// object a line, as login commands. It knows the System Log of Okta, the sign-in
// logs of Microsoft Entra, and the login events of Keycloak. It is an importer:
// it tells the past, so every command is a backfill.
//
// A [Reader] gives one [Line] for each line of the file: the command of its
// attempt, or why it was rejected, or that it was passed over, or the code that
// the [Gateway]'s table doesn't hold. The commands name the tenant and the
// event, so the same file again, or another export that overlaps it, brings only
// what is new.
//
// These gateways export newest first as well as oldest first. An [Order] turns the
// attempts of a reader into the order of time.
//
// The package refuses to guess. What an event means is a row of a table, one a
// gateway, which docs/importing.md shows; what has no row is unmapped, and makes
// no command. It decides nothing, and names nobody in what it says of a line.
//
// # Decisions
//
//   - A failure counts only if the row says that somebody offered a wrong
//     password or code (LOGIN-3). Locked by the gateway itself, expired,
//     disabled, stopped by a policy: those are recorded as gateway_error, and
//     what the person or the page broke off as cancelled. Neither counts, or the
//     gateway's own lock would keep ours going.
//   - What tells of no attempt at all, or tells once more what another event
//     tells, becomes nothing: a service principal, a token that was renewed, a
//     second factor that was right. A renewed token must not reset a count
//     (LOCK-4): nobody was there.
//   - A failure that doesn't count and names nobody is passed over: there is
//     nobody to tell it of. One that counts and names nobody is rejected.
//   - A success with a reason of failure, or two codes that differ, is unmapped.
//   - Names are compared in lower case by these gateways, so ASCII letters are
//     lowered, and nothing else: Unicode knows letters whose lower case is
//     somebody else's name.
//   - Attempts come in the order of time, and those of one instant in that of
//     their ids: a file that is turned round brings the same verdicts. Told newest
//     first, an old failure would be folded at the newest instant (Clock), and
//     twenty failures of twenty days would lock. What is held for that is bounded
//     ([AttemptsHeld]); a longer file is in order as far as its disorder is
//     shorter. Given up: which of two attempts of one instant the file has first.
//   - An event's own id is the command's. Without one it is a hash of who, when,
//     how it ended and in which session, so a copy that was moved or filled up is a
//     duplicate. What is sealed is not in it: a hash of an address is soon undone.
//     Given up: two events without id that agree in all this are one.
//   - The source holds the tenant (Entra) or the realm (Keycloak) of the event.
//     Okta's events don't name their org, nor Graph's their tenant: whoever has two
//     says which. Given up: without it, two orgs share one space of ids.
//   - {"event": {…}} around an event is taken off, once.
//   - A time without a zone is UTC: warehouses print it so, and these gateways
//     write nothing else. Of Entra the time of the sign-in counts, not that of
//     the log, which is minutes later.
//   - Member names are exact in case and never twice. A line of an export
//     with renamed members is malformed, not an event of another type.
//   - An address that is none, and a user agent longer than a command may
//     carry, are left out: they decide nothing, and the attempt does.
//   - No platform is said: these gateways admit to none of LOGIN-8.
package signins
