// Package watermill lets parts of a node that react to what is recorded be written
// with Watermill: [Publisher] gives commands to the ledger, [Subscriber] tells its
// events, in order, one at a time, from behind the last that was dealt with.
//
// It refuses to keep positions: a position that is kept beside an effect is lost or
// ahead of it after a crash. Each message carries its [Position], the consumer keeps
// that in the same write as its effect, and gives it to [SubscriberOptions.After].
// Whoever does sees every event's effect exactly once; whoever can't (a letter that
// was sent) sees each event at least once, under the same UUID.
//
// # Decisions
//
//   - One message is out at a time: the next comes once it is acknowledged. So order
//     holds whatever the consumer does, and what is not acknowledged is known
//     exactly. Given up: throughput of a slow consumer; it subscribes by type, each
//     type in an order of its own.
//   - A message that is turned down comes again, after a pause that grows. How often
//     is the consumer's to decide, with Watermill's Retry and PoisonQueue.
//   - A refusal is no error of Publish: it is recorded, and is evidence. An invalid
//     command is one, as is one whose outcome is unknown; the same message can be
//     published again, for its UUID is the command's id.
//   - Not watermill-nats: a repeated header crashes its subscriber, and it can't
//     resume. Both ends are within the process, so nothing travels through a broker.
package watermill
