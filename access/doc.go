// Package access is who may do what: roles, the one table of their rights, and
// the tokens that prove a role.
//
// It refuses to know a password, to keep a token in the clear, to decide a rule of
// the ledger, and to let anybody in while its file can't be read.
//
// # Decisions
//
//   - Rights belong to roles, not to tokens: there is one table to read. A token
//     narrows it by its source, and by the persons on whose behalf it may speak
//
//   - Tokens are a file beside the log, not events in it: a lost credential must be
//     revocable while the log stands still, and by who holds the machine. Who gave a
//     command stands in each record all the same.
//   - The file is looked at on every request and read when it has changed, so that a
//     revocation holds at once, without a signal to the node. A look costs a
//     microsecond.
//   - Over NATS it is the same token, with the public part of an nkey beside it. The
//     private part is made here and goes to its owner's file alone; the server asks for
//     a signature.
//   - A token holds 256 random bits, so its SHA-256 needs no salt and no slow hash.
package access
