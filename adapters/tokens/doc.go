// Package tokens stores the tokens that authenticate callers, in a file beside the log.
//
// It handles no passwords and stores no token in clear text. While it can't read its file,
// it authenticates no caller.
//
// # Decisions
//
//   - Tokens are a file beside the log, not events in it, because an operator of the
//     machine must be able to revoke a lost credential while the ledger accepts no
//     commands. Each record still contains the name of its caller.
//   - Every request compares the file's stamp (its size, times and inode), which costs a
//     microsecond, and reads the file if the stamp has changed. A revocation takes effect
//     at once, without a signal to the node.
//   - Over NATS a caller connects with the nkey of its token, and its subjects contain the
//     name of the token. The package creates the key pair, writes the seed to a file that
//     only its owner can read, and stores the public key with the token. The NATS server
//     verifies a signature of each connection with the public key.
//   - A token holds 256 random bits, so its SHA-256 needs no salt and no slow hash.
package tokens
