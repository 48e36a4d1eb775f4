// Package natsconn holds the parts that the NATS adapters share: the node's connection
// to its NATS server, the subjects of a realm, and the ce- headers of a message.
//
// It reads and writes no stream, and answers no request.
//
// # Decisions
//
//   - The service and the intake of a node share one connection, so that both see the
//     same state of the connection. The admission of intake messages opens a second
//     connection, so that a flood of messages delays no acknowledgement.
//   - The client library reconnects for ever, also after an authorization error, because an
//     operator may register the node's key later. A node with a wrong key therefore does
//     not stop; its log contains the cause.
//   - Without a connection, publishing fails at once. The library must not buffer messages,
//     because it could send a buffered message after the node has reported a failure.
package natsconn
