// Package natsapi serves the HTTP interface of the ledger over NATS: each command and each
// query is an endpoint of a NATS service. It also publishes events live.
//
// It makes no decision and has no interface of its own beside the HTTP interface. It
// answers only callers whose keys the NATS server has verified.
//
// # Decisions
//
//   - The service is a transport. It translates a message into a request to the HTTP
//     interface, in this process, with the authenticated caller. Permissions, rates,
//     recorded reads and answers are therefore the same. Given up: some microseconds for
//     each request.
//   - Requests are answered in parallel, because each waits for the disk. Given up: the
//     error counts and durations of the client library, which measure only the delivery of
//     a request. Each endpoint counts its answers itself, and reports them as its data.
//   - The subject names the caller, and the NATS server permits only that caller to publish
//     to it. Given up: headers that name the caller, which any client could write.
//   - Live events are not stored. A reader that must not miss an event queries records from
//     a position on.
package natsapi
