// Package tokens authenticates callers by the tokens that the ledger admits.
//
// A [Table] holds the tokens of a realm in memory. The node sets its entries from the records of
// config.token_add and config.token_revoke (docs/rules.md, CFG-1 and CFG-2). A [CallersFile] is
// the part of a table that a separate NATS server needs.
//
// The package handles no passwords and stores no token in clear text. It decides no change of a
// token: package domain does. An empty table authenticates no caller.
//
// # Decisions
//
//   - The table is a copy of the records in memory, so a request needs one look-up and no read
//     of a file. A revocation takes effect when the node folds its record, before the verdict on
//     the revocation is returned.
//   - A token holds 256 random bits, so its SHA-256 needs no salt and no slow hash. The table
//     finds a token by its hash: the time of a look-up shows a client nothing about other tokens.
//   - Over NATS a caller connects with the nkey of its token, and its subjects contain the
//     name of the token. The package creates the key pair, writes the seed to a file that
//     only its owner can read, and the ledger records the public key. The NATS server
//     verifies a signature of each connection with the public key.
//   - A separate NATS server has no ledger, and must admit callers while the node is down. It
//     reads callers.json, which the node writes after each change. The file holds no hash, because
//     NATS clients prove a key. Given up: a request of the server to the node, because the server
//     exists for the time without a node.
//   - tokens.json, in which older versions stored the tokens, is read once: see [ReadLegacy].
package tokens
