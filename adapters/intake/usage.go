package intake

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"authledger/adapters/natsconn"
)

const (
	portionMessages = 1024    // maximum number of messages in a portion of a backlog
	portionBytes    = 1 << 20 // after which a portion takes no further message
	countTimeout    = time.Minute
	sizeHeader      = "Nats-Msg-Size" // the server adds it to a message whose payload it leaves out
)

// usage is a number of messages and their bytes.
type usage struct{ messages, bytes uint64 }

// backlog holds the messages of one caller in the stream as portions, the oldest first.
// The ledger removes the oldest messages of a caller first, so that the number of
// remaining messages determines their bytes.
type backlog struct {
	usage
	portions []usage
}

func (b *backlog) add(messages, bytes uint64) {
	b.messages += messages
	b.bytes += bytes
	if n := len(b.portions); n == 0 || b.portions[n-1].messages >= portionMessages || b.portions[n-1].bytes >= portionBytes {
		b.portions = append(b.portions, usage{})
	}
	newest := &b.portions[len(b.portions)-1]
	newest.messages += messages
	newest.bytes += bytes
}

// addOlder adds messages that are older than all others.
func (b *backlog) addOlder(older *backlog) {
	b.messages += older.messages
	b.bytes += older.bytes
	b.portions = append(older.portions, b.portions...)
}

// remove removes the n oldest messages. If it removes only some messages of a portion, it subtracts
// the average size of the portion's messages for each.
func (b *backlog) remove(n uint64) {
	for n > 0 && len(b.portions) > 0 {
		oldest := &b.portions[0]
		gone := usage{min(n, oldest.messages), oldest.bytes}
		if gone.messages < oldest.messages {
			gone.bytes = oldest.bytes * gone.messages / oldest.messages
		}
		n -= gone.messages
		b.messages -= gone.messages
		b.bytes -= gone.bytes
		oldest.messages -= gone.messages
		oldest.bytes -= gone.bytes
		if oldest.messages == 0 {
			b.portions = b.portions[1:]
		}
	}
}

// counts holds the messages of the streams, by caller. A nil map was not counted.
type counts struct {
	older       map[string]*backlog // messages that were stored before the admission began
	stored      map[string]uint64   // messages in the intake
	deadLetters map[string]usage
	state       deadLetterState // of the counted stream of dead letters
	err         error
}

// deadLetterState identifies a state of the stream of dead letters.
type deadLetterState struct{ last, messages uint64 }

// countOlder counts the messages that the intake held when the admission began.
func (a *admission) countOlder(ctx context.Context, stream jetstream.Stream, until uint64) (c counts) {
	older := make(map[string]*backlog)
	c.err = a.each(ctx, stream, until, func(m *nats.Msg, bytes uint64) {
		caller := natsconn.CallerOf(m.Subject)
		if older[caller] == nil {
			older[caller] = new(backlog)
		}
		older[caller].add(1, bytes)
	})
	if c.err == nil {
		c.older = older
	}
	return c
}

// count counts the messages of the intake, and the dead letters if their stream differs
// from the counted state.
func (a *admission) count(ctx context.Context, stream jetstream.Stream, counted deadLetterState) (c counts) {
	info, err := stream.Info(ctx, jetstream.WithSubjectFilter(">"))
	if err != nil {
		return counts{err: fmt.Errorf("count the messages of the intake: %w", err)}
	}
	c.stored = make(map[string]uint64, len(info.State.Subjects))
	for subject, n := range info.State.Subjects {
		c.stored[natsconn.CallerOf(subject)] += n
	}
	deadLetters, err := a.intake.js.Stream(ctx, DeadLetterStreamName(a.intake.realm))
	if err != nil {
		c.err = fmt.Errorf("count the dead letters: %w", err)
		return c
	}
	state := deadLetters.CachedInfo().State
	if c.state = (deadLetterState{state.LastSeq, state.Msgs}); c.state == counted {
		return c
	}
	ctx, cancel := context.WithTimeout(ctx, countTimeout)
	defer cancel()
	byCaller := make(map[string]usage)
	c.err = a.each(ctx, deadLetters, state.LastSeq, func(m *nats.Msg, bytes uint64) {
		caller := m.Header.Get(callerHeader) // "" for a dead letter that an older version wrote
		u := byCaller[caller]
		byCaller[caller] = usage{u.messages + 1, u.bytes + bytes}
	})
	if c.err == nil {
		c.deadLetters = byCaller
	}
	return c
}

// each calls f with the headers and the size of each message of a stream up to the
// position until. It returns nil only after f was called for all of them.
func (a *admission) each(ctx context.Context, stream jetstream.Stream, until uint64, f func(m *nats.Msg, bytes uint64)) error {
	r, err := openCounter(ctx, a.intake.conn, stream)
	if err != nil {
		return fmt.Errorf("count the messages of %s: %w", stream.CachedInfo().Config.Name, err)
	}
	defer r.close()
	for {
		m, at, err := r.next(ctx)
		if errors.Is(err, errEndOfStream) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("count the messages of %s: %w", stream.CachedInfo().Config.Name, err)
		}
		if at.Sequence.Stream > until {
			return nil
		}
		size := uint64(m.Size())
		if values := m.Header[sizeHeader]; len(values) > 0 { // the server appends its value
			payload, _ := strconv.ParseUint(values[len(values)-1], 10, 32)
			size += payload
		}
		f(m, size)
		if at.Sequence.Stream == until || at.NumPending == 0 {
			return nil
		}
	}
}

// apply updates the state of the callers with counts.
func (a *admission) apply(c *counts) {
	now := time.Now()
	if c.older != nil {
		a.hasOlder = true
		for name, older := range c.older {
			a.caller(name, now).stored.addOlder(older)
		}
	}
	if c.stored != nil {
		for name, caller := range a.callers {
			if remaining := c.stored[name]; remaining < caller.counted {
				caller.stored.remove(caller.counted - remaining)
			}
			caller.counted = 0
		}
	}
	if c.deadLetters != nil {
		for _, caller := range a.callers {
			caller.deadLetters = usage{}
		}
		for name, u := range c.deadLetters {
			a.caller(name, now).deadLetters = u
		}
		a.deadLetters = c.state
	}
	cause := ""
	if c.err != nil && a.intake.ctx.Err() == nil {
		cause = c.err.Error()
	}
	if cause != "" && cause != a.cause {
		a.intake.options.Log.Warn("the usage of the intake can't be counted; the node retries", "cause", cause)
	}
	a.cause = cause
}
