// Package httpapi is the ledger's HTTP edge (contract.md, "HTTP"): it reads
// commands strictly, hands them to the ledger, and writes verdicts, rows and
// records. Every path stands in one table, [routes], which the mux, the rights
// and the OpenAPI document are all made from.
//
// It refuses to decide anything, to keep anything but limits of rate, to answer
// before it knows who asks, and to say in a log or a metric who a request is
// about.
//
// # Decisions
//
//   - Handlers are the standard library's. The OpenAPI document is written with
//     huma's types from the members that the reader of commands itself visits, so
//     that the document can't promise what the reader refuses; given up: huma's own
//     binding, which decodes a body twice.
//   - Who asks is known before a body is read; whether a command may be given is
//     known only after, since its type stands in it.
//   - A client that goes away takes nothing back: what was submitted is decided.
//     Sending it again under the same id brings the verdict.
//   - A batch is answered in order and as a whole. Is one command of it not allowed,
//     none is given; can't it be told how one went, the answer is 503, and all may
//     be sent again.
//   - Addresses without credentials share limits of their own, so that guessing
//     tokens doesn't starve those who have one.
package httpapi
