// Package natsapi is the ledger over NATS: the commands and the questions of its
// interface as endpoints of a NATS service, events as they are recorded, and the
// intake, where gateways that must not wait leave their commands.
//
// It refuses to decide anything, to have an interface of its own beside that over
// HTTP, to answer whoever the server has not made sure of, and to drop what it
// can't use.
//
// # Decisions
//
//   - The service is a transport. A request becomes one to the interface over HTTP,
//     in this process, from the caller whose key the server has checked; rights,
//     rates, readings that are recorded and answers are the same by construction.
//     Given up: some microseconds for each request.
//   - Requests are answered side by side, as each waits for the disk. Given up: errors
//     and times as the library counts them, which are those of handing a request on;
//     each endpoint counts its answers itself, and tells them as its data.
//   - Who asks stands in the subject, where the server lets nobody write but its
//     owner. Given up: headers that name the caller, which anybody could write.
//   - The feed is live and nothing else: whoever must miss nothing asks for records
//     from a position on.
//   - A command leaves the intake when it has its verdict on disk, or lies among the
//     letters. What is taken twice after a crash is a duplicate, so the intake needs
//     no acknowledgement of its own that could be lost or come too early. It is read
//     by one reader from its first message on: the order of all sources is kept, and
//     with it that of each. Given up: consumers that share the work.
//   - The intake is read without the library's consumers, which take what a caller
//     has made look like a word of the server's for one, and so lose it. Given up:
//     what they do to go on over a lost connection; here all is read anew.
//   - An invalid command is not recorded (contract.md), so in the intake it would
//     leave no trace: whatever the reason, it becomes a letter.
//   - No caller loses its permission for the letters that it makes: that would refuse
//     what it leaves that is good, which now lies safe in the intake. Given up: an
//     intake that one faulty gateway can't fill; an alert tells long before.
//   - A node whose intake waits is ready, with a warning: it decides.
package natsapi
