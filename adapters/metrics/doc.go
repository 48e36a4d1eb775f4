// Package metrics is what a node tells Prometheus: how much is asked of it, how
// long the steps of a commit take, and how far behind each part is.
//
// It refuses labels that could name anybody: no user, no account, no source, no
// address, no path. Every label has few values, which are known beforehand (what
// is none of them is "other"), or that an operator gave: the names of endpoints.
//
// # Decisions
//
//   - A registry of its own: nothing gets in because a library was imported.
//   - Classic histograms with fixed buckets from 50 µs to 10 s: every Prometheus
//     reads them, and alerts can name a bucket.
//   - What stands in the ledger's health is read when it is scraped, and never kept.
package metrics
