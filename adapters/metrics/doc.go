// Package metrics holds the Prometheus metrics of a node: the number and the outcomes of
// requests, the durations of the steps of a commit, and the backlog of each part.
//
// No label names a user, an account, a source, an address or a path. Every label has few
// values: they are known at compile time (all further values are counted as "other"), or
// they are the names that an operator gave to webhook endpoints.
//
// # Decisions
//
//   - The package has a registry of its own, so that an imported library can't add metrics.
//   - The histograms have fixed buckets from 50 µs to 10 s. Every version of Prometheus
//     reads them, and an alert can name a bucket. Given up: native histograms.
//   - A scrape reads the health of the ledger at that moment; the package stores no copy.
package metrics
