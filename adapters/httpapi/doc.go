// Package httpapi is the application layer of a node and its HTTP server. Every query, and
// every command except those of the intake, passes through the package, over HTTP and over
// NATS:
//
//	HTTP listener ─ ServeHTTP ─┐
//	                           ├─ guard: authenticate, authorize, limit the rate
//	NATS service ── ServeAs ───┤    │
//	local socket ── ServeAs ───┘    │
//	                                ├─ commands: read, authorize, submit to the ledger
//	                                ├─ queries: parse, wait for atLeast, record the read,
//	                                │  read the projections or the log
//	                                └─ tasks: read the whole log beside the traffic
//
// The NATS service authenticates the caller itself, translates its request into an
// http.Request, and calls [Server.ServeAs]. So both transports have the same rights,
// limits, audit records, answers and problems. The local socket serves HTTP; the system
// authenticates its callers by the user of the machine.
//
// The routes of queries come from the table in package operations. The variable routes
// lists all routes; the server builds its mux and the checks of rights from this list, and
// package apidoc the OpenAPI document.
//
// The package makes no decision of the domain and stores nothing except rate limits. Its
// logs and metrics name no user and no account.
//
// # Decisions
//
//   - Handlers use the standard library. The package does not use the library huma of the
//     OpenAPI document to parse requests, because huma would decode a body twice.
//   - The server authenticates the caller before it reads a body. It authorizes a command
//     after it has read the body, because a CloudEvent contains the type of its command.
//   - A client that disconnects does not cancel a submitted command. When the client sends
//     the command again with the same id, it gets the verdict.
//   - One answer contains the verdicts of a whole batch, in the order of its commands. If the
//     caller may not submit one of the commands, the server submits none. If one verdict is
//     unknown, the answer is 503, and the client may send the whole batch again.
//   - The server compares the tag of a list before it reads the list, so that a client that asks
//     often costs little. The tag is a hash of the position and the request, not of the answer.
//     The list of webhook deliveries is an exception: no position belongs to the deliveries, so the server
//     reads the page, and its tag is a hash of the page. Given up: a tag that stays valid when a record changes another list.
//   - Requests without a valid token count against the limit of their client network, so
//     that a client that guesses tokens can't use up the limits of authenticated callers.
package httpapi
