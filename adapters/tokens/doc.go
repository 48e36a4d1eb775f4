// Package tokens stores the tokens that authenticate callers, in a file beside the log.
//
// It handles no passwords and stores no token in clear text. While it can't read its file,
// it authenticates no caller.
//
// # Decisions
//
//   - Tokens are a file beside the log, not events in it, because an operator of the
//     machine must be able to revoke a lost credential while the ledger takes no
//     commands. Each record names its caller all the same.
//   - Every request checks the file's stamp, which costs a microsecond, and reads the
//     file if the stamp has changed. A revocation takes effect at once, without a signal
//     to the node.
//   - Over NATS a caller connects with the nkey of its token, and its subjects contain the
//     name of the token. The package creates the key pair, writes the seed to a file of
//     the owner and stores the public part. The NATS server verifies a signature.
//   - A token holds 256 random bits, so its SHA-256 needs no salt and no slow hash.
package tokens
