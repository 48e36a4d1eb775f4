// Package natsapi serves the HTTP interface of the ledger over NATS: each command and each
// query is an endpoint of a NATS service. It also publishes events live.
//
// It makes no decisions. Apart from live events, it offers only operations of the HTTP
// interface. It answers only callers whose keys the NATS server has verified.
//
// # Decisions
//
//   - The service is a transport. It translates a message into a request to the HTTP
//     interface, in this process, with the authenticated caller. Permissions, rates,
//     recorded reads and answers are therefore the same. The cost is some microseconds for
//     each request.
//   - The service answers requests in parallel, because each request waits for the disk.
//     The error counts and durations of the client library therefore measure only the
//     delivery of a request to the service. Each endpoint counts its answers itself, and
//     reports the counts in the member data of its statistics.
//   - The subject contains the name of the caller, and the NATS server permits only that
//     caller to publish to the subject. A header could not identify the caller, because any
//     client can write any header.
//   - Live events are not stored. A client that must not miss an event queries the records
//     after the last position that it has processed.
package natsapi
