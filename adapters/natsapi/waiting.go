package natsapi

import "errors"

// ErrAway: the server can't be reached. What was left is there.
var ErrAway = errors.New("nats is away")

// errNoRoom: the stream of the letters is full.
var errNoRoom = errors.New("there is no room for another letter")

// fullStream is how the server says so.
const fullStream = "maximum bytes exceeded"

// waits remembers why the intake is not taken, until something is. Of what a lost
// connection has broken that is the cause.
func (in *intake) waits(cause error) error {
	if !in.edge.conn.IsConnected() {
		cause = ErrAway
	}
	in.cause.Store(&cause)
	return cause
}

// Warnings are what somebody should know of a node that decides all the same, for
// everybody to read: no cause, which may name who nobody else need know.
func (e *Edge) Warnings() []string {
	cause := e.intake.cause.Load()
	switch {
	case !e.conn.IsConnected():
		return []string{"nats is away: what was left in the intake is not taken, and no deadline is recorded: start its server, or see the node's log for why it can't be reached"}
	case cause == nil:
		return nil
	case errors.Is(*cause, errNoRoom):
		return []string{"there is no room for letters: the intake waits, and no deadline is recorded: retry or drop some by `authledger dlq`"}
	}
	return []string{"the intake waits, and no deadline is recorded: the node's log says why"}
}
