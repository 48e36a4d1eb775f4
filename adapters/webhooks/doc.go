// Package webhooks sends recorded events to HTTPS endpoints, signed as Standard
// Webhooks specifies.
//
// A [Supervisor] runs one [Deliverer] for each endpoint that the records of the ledger configure. The
// deliverer sends the events of its endpoint in order, one at a time, until each is
// delivered or given up, also across crashes. Only the deliverer retries: it repeats
// failed attempts, and failed writes of its journal.
//
// A deliverer follows no redirects and uses no proxy. It connects to addresses of
// private and reserved networks only if the endpoint allows that. It reads at most
// 4 KiB of a response and keeps only the status.
//
// # Decisions
//
//   - Each endpoint has its own journal, a file of JSON lines. The journal records
//     attempts, deliveries and the events that were given up, and is synced after every
//     line. It determines the position at which a node resumes, the time of the next
//     attempt, and the list of deliveries. Delivery is therefore at least once: if a crash
//     occurs before the line of a delivered event is on disk, the next process delivers the
//     event again under the same id.
//   - An endpoint receives one event at a time. The next event waits until the current
//     one is delivered or given up, because order matters more than throughput here.
//   - While the disk is full, the deliverer keeps the result of the last attempt in
//     memory and makes no further attempt. So a full disk causes no repeated requests.
//   - Deliveries that were given up stay listed. An operator can redrive them by id,
//     out of order.
//   - The deliverer checks an address when it connects, not when the endpoint is added,
//     because a name can resolve to another address later.
package webhooks
