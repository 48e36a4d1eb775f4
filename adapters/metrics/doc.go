// Package metrics holds the Prometheus metrics of a node: the number and the outcomes of
// requests, the durations of the steps of a commit, and the backlog of each part.
//
// No label names a user, an account, a source, an address or a path. Every label has few
// values. They are known at compile time, or they are the names that an operator gave to
// webhook endpoints. The package counts commands of an unknown type as "other".
//
// # Decisions
//
//   - The package does not use the global registry of Prometheus, so that an imported
//     library can't add metrics.
//   - The histograms have fixed buckets from 50 µs to 10 s. Every version of Prometheus
//     reads them, and an alert can name a bucket. The package has no native histograms,
//     because older versions can't read them.
//   - Each scrape reads the current health of the ledger; the package stores no copy.
package metrics
