// Package webhooks tells endpoints over HTTPS what the ledger has recorded: signed
// as Standard Webhooks has it, each event until it is delivered or given up, in
// order, whatever crashes in between.
//
// It refuses to follow redirects, to speak to addresses of the network it runs in
// unless an endpoint was allowed that, to show a secret, and to keep anything of
// what an endpoint answers but the status.
//
// # Decisions
//
//   - Each endpoint has a journal of its own, a file of JSON lines: what was attempted,
//     delivered and given up, synced line by line. From it come the position where a
//     node goes on, when the next attempt is due, and the list of deliveries. Given
//     up: exactly once, which nobody can have who talks to somebody else; a delivery
//     comes again, under its id, when the line behind it was not on disk.
//   - One delivery at a time and endpoint: the next event waits until the last one is
//     delivered or given up. Order is worth more here than speed, and only an
//     endpoint's own silence makes it wait.
//   - While the disk is full what has become of an attempt is kept in memory, and
//     nothing is attempted: an endpoint is not asked again because of a disk.
//   - What is given up is listed and can be driven again, out of order, by its id.
//   - Addresses are judged when a connection is made and not when an endpoint is
//     added: a name can come to mean another address.
package webhooks
