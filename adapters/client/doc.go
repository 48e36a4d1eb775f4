// Package client is how a gateway written in Go asks a ledger, over HTTP or NATS: it begins
// and finishes logins, requests withdrawals, gives any other command or thousands of
// them, and reads and follows the records.
//
// Every command goes out under an id that stays the same however often it is sent,
// so the client sends again whatever got no answer: a command is recorded once, and
// its verdict is the first one. It refuses to guess: an answer that isn't the
// verdict of the very command is an error, a verdict that did not come is
// [ErrUnknown] and no yes, and the zero [Verdict] and [Login] allow nothing. It
// keeps nothing on disk: who must know after a crash what became of a command
// gives it again, with the same id.
//
// # Decisions
//
//   - The ids of logins, withdrawals and their likes are made of the type and the
//     subject's own id: a gateway that crashed and begins the same attempt again
//     hears the first verdict. Given up: one attempt id can't be used for two
//     begins, which would be two attempts.
//   - A token goes over TLS, or no further than this machine, unless
//     [Options.AllowPlaintext] says otherwise; redirects are not followed, for
//     they would take the token along.
//   - Over NATS the same requests travel as messages: all that is promised above is
//     promised by the same code. Following there asks for one page after another,
//     as a question has one answer.
//   - Answers are read leniently, as a newer node may say more, and bounded. One whose
//     end nothing marks is none: a part of it could look whole. Given up: proxies that
//     take the length away, and packed answers.
//   - Following has no end of its own: it connects again behind the last record,
//     until its context ends or the node refuses.
package client
