// Package problems holds the table of problem types (RFC 9457). A problem is the answer of a
// node to a request that it does not fulfil. Each row states what happened and what the client
// does next.
//
// The HTTP server and the NATS service send the types, the client of the command line reads
// them, and the HTTP server serves one page for each type, such as /problems/bad-request.
//
// [Causes] returns the part of an error that a log may contain when the problem hides the cause.
//
// The package chooses no status for an error and writes no answer. It imports no package of
// this module, so that clients can import it too.
//
// # Decisions
//
//   - The type of a problem is a relative reference, such as /problems/bad-request, because a
//     node does not know its public address. A client resolves the reference against the
//     address of its request (RFC 9457, section 3.1.1; RFC 3986, section 5). Given up: an
//     absolute address on the internet, which a node without internet access could not serve.
//   - Names are never renamed, because clients choose their action by the name. Given up: one
//     type for each error text, because most of them require the same action.
package problems
