// Package httpapi is the application layer of a node and its HTTP server. Every query and
// command of a client passes through it, over HTTP and over NATS:
//
//	HTTP listener ─ ServeHTTP ─┐
//	                           ├─ guard: authenticate, authorize, limit the rate
//	NATS service ── ServeAs ───┘    │
//	                                ├─ commands: read, authorize, submit to the ledger
//	                                └─ queries: parse, wait for atLeast, record the read,
//	                                   read the projections or the log
//
// The NATS service authenticates the caller itself, translates its request into an
// http.Request, and calls [Server.ServeAs]. So both transports have the same rights,
// limits, audit records, answers and problems.
//
// The routes of queries come from the table in package operations. The mux, the rights and
// the OpenAPI document are built from [routes].
//
// The package makes no decision of the domain and stores nothing except rate limits. Its
// logs and metrics name no user and no account.
//
// # Decisions
//
//   - Handlers use the standard library. The OpenAPI document is written with huma's types
//     from the members that the reader of commands visits, so that the document and the
//     reader agree. huma's own binding is not used, because it would decode a body twice.
//   - The server authenticates the caller before it reads a body. It authorizes a command
//     after that, because the type of the command is in the body.
//   - A client that disconnects does not cancel a submitted command. When the client sends
//     the command again with the same id, it gets the verdict.
//   - A batch is answered in order and as a whole. If the caller may not submit one of the
//     commands, the server submits none. If one verdict is unknown, the answer is 503, and
//     the client may send the whole batch again.
//   - Client networks without credentials share limits of their own, so that a client that
//     guesses tokens can't use up the limits of authenticated callers.
package httpapi
