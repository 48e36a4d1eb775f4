// Package watermill connects the ledger with Watermill handlers in the same process, which
// react to recorded events. [Publisher] submits commands to the ledger. [Subscriber] sends
// the recorded events in order, one at a time. It begins after the position that the
// consumer returns.
//
// A subscriber stores no position. If the position and the effect of an event were stored
// in two writes, a crash between them would lose or repeat the effect. Each message carries
// its [authledger/domain.EventPosition]. The consumer stores the position in the same write
// as the effect, and returns it from [SubscriberOptions.After] at the next start. Then each
// event has its effect exactly once. An effect outside that write, such as an e-mail,
// happens at least once, under the same UUID.
//
// # Decisions
//
//   - One message is unacknowledged at a time: the subscriber sends the next one after the
//     acknowledgement. So events stay in order, and at most one event is unfinished. The
//     cost is the throughput of a slow consumer. A slow consumer can subscribe to each type
//     of event separately, and then receives the events of each type in order.
//   - Only the subscriber redelivers. It sends a rejected message again after a pause that
//     doubles, up to 10 s. A consumer limits the number of redeliveries with Watermill's
//     PoisonQueue.
//   - Publish returns no error for a refused command, because the ledger records it. It
//     returns an error for an invalid command, and for a command whose outcome is unknown. The
//     caller can publish the same message again, because its UUID is the command's id.
//   - The package does not use watermill-nats: its subscriber crashes on a repeated
//     header and can't resume. Both ends are in one process, so no broker is needed.
package watermill
