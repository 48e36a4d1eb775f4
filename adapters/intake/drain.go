package intake

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"golang.org/x/sync/semaphore"

	"authledger/domain"
	"authledger/eventstore"
)

const (
	pendingMax         = 4096     // messages without a verdict
	pendingBytesMax    = 64 << 20 // bytes of these messages
	sentMax            = 256      // dead letters that were sent and may not be on disk
	purgeEvery         = 4096     // handled messages that are still in the stream, at most
	inspectionInterval = time.Second
	retryFirst         = 100 * time.Millisecond // pause after the first error
	retryMax           = 10 * time.Second       // maximum pause
)

// drain handles the verdicts of submitted messages. One goroutine, answer, owns the fields
// from handled on.
type drain struct {
	intake       *Intake
	stream       jetstream.Stream
	deadLetters  *DeadLetters
	pendingBytes *semaphore.Weighted // bytes of messages without a verdict

	handled uint64           // position up to which each message has a verdict, or a dead letter that was sent
	sent    []sentDeadLetter // dead letters up to handled that may not be on disk
	durable uint64           // position up to which all verdicts and dead letters are on disk
	purged  uint64           // position up to which the messages are removed from the stream

	inspected time.Time // when the stream was inspected, by the ledger's clock
	newest    uint64    // last position of the stream at that time
}

func newDrain(in *Intake, stream jetstream.Stream, l *eventstore.Ledger) *drain {
	return &drain{intake: in, stream: stream, deadLetters: in.DeadLetters(l), pendingBytes: semaphore.NewWeighted(pendingBytesMax)}
}

// weight returns the share of pendingBytesMax that a message takes.
func weight(m *nats.Msg) int64 { return min(int64(m.Size()), pendingBytesMax) }

// answer waits for the verdicts, in order, and removes the handled messages from the
// stream, also after an error. Otherwise the retry would handle these messages again: it would
// store a dead letter that the operator has dropped meanwhile, and the full stream of dead letters
// would stay full.
func (d *drain) answer(ctx context.Context, pending <-chan *message) error {
	err := d.handleAll(ctx, pending)
	return errors.Join(err, d.purge(context.WithoutCancel(ctx)))
}

func (d *drain) handleAll(ctx context.Context, pending <-chan *message) error {
	tick := time.NewTicker(inspectionInterval)
	defer tick.Stop()
	for {
		var err error
		select {
		case m, more := <-pending:
			if !more {
				return nil
			}
			if err = d.handle(ctx, m); err == nil && (len(pending) == 0 || d.handled-d.purged >= purgeEvery) {
				err = d.purge(ctx)
			}
		case <-tick.C:
			err = d.inspect(ctx)
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		if err != nil {
			return err
		}
	}
}

// handle waits for the verdict of a message. An invalid command becomes a dead letter.
func (d *drain) handle(ctx context.Context, m *message) error {
	status := StatusDeadLetter
	if m.ticket != nil {
		v, err := m.ticket.Wait(ctx)
		if err != nil {
			return err
		}
		if status = string(v.Status); v.Status == domain.Invalid {
			m.rejection = &domain.Rejection{Reason: v.Reason, Detail: v.Detail}
		}
	}
	if m.rejection != nil {
		d.intake.withhold(m)
		if err := d.send(ctx, m); err != nil {
			return err
		}
	}
	if observe := d.intake.options.Observer.Handled; observe != nil {
		observe(status)
	}
	d.intake.blocked.Store(nil)
	if d.handled = m.position; len(d.sent) == 0 {
		d.durable = d.handled
	}
	d.pendingBytes.Release(weight(m.raw))
	return nil
}

// send publishes a dead letter of m. The drain may handle other messages before the dead
// letter is on disk.
func (d *drain) send(ctx context.Context, m *message) error {
	if len(d.sent) == sentMax {
		if err := d.confirm(ctx); err != nil {
			return err
		}
	}
	sent, err := d.deadLetters.send(m)
	if err != nil {
		return err
	}
	d.sent = append(d.sent, sent)
	return nil
}

// confirm waits until all dead letters of d.sent are on disk. After an error the drain
// counts the messages from the failed dead letter on as not handled.
func (d *drain) confirm(ctx context.Context) error {
	for i := range d.sent {
		if err := d.deadLetters.confirm(ctx, d.sent[i]); err != nil {
			d.durable = d.sent[i].message.position - 1
			d.handled, d.sent = d.durable, nil
			return err
		}
	}
	d.durable, d.sent = d.handled, d.sent[:0]
	return nil
}

// inspect advances the watermark. When the stream no longer contains any message that it
// contained at an earlier inspection, all messages stored before that inspection have their
// verdict. The clock of the NATS server has no influence on the watermark.
func (d *drain) inspect(ctx context.Context) error {
	now := d.intake.options.Now()
	info, err := d.stream.Info(ctx)
	if err != nil {
		return fmt.Errorf("inspect the intake: %w", err)
	}
	if err := d.storeIdentities(ctx, info); err != nil {
		return err
	}
	if d.inspected.IsZero() {
		d.inspected, d.newest = now, info.State.LastSeq
	}
	if info.State.Msgs == 0 || info.State.FirstSeq > d.newest {
		d.intake.watermark.set(d.inspected)
		d.intake.blocked.Store(nil)
		d.inspected = time.Time{}
	}
	return nil
}

// storeIdentities compares the streams with the stored identities, and stores their newest
// positions.
func (d *drain) storeIdentities(ctx context.Context, intake *jetstream.StreamInfo) error {
	known := d.intake.known
	if known == nil {
		return nil
	}
	if err := known.compare(intake.Config.Name, identityOf(intake)); err != nil {
		return err
	}
	deadLetters, err := d.deadLetters.stream(ctx) // compares its identity
	if err != nil {
		return err
	}
	return known.store(intake, deadLetters.CachedInfo())
}

// purge removes the handled messages from the stream, after their dead letters are on
// disk. After a crash before the removal the node submits the commands again, and the
// ledger answers them as duplicates.
func (d *drain) purge(ctx context.Context) error {
	if err := d.confirm(ctx); err != nil {
		return err
	}
	if d.purged == d.durable {
		return nil
	}
	if err := d.stream.Purge(ctx, jetstream.WithPurgeSequence(d.durable+1)); err != nil {
		return fmt.Errorf("remove the handled messages of the intake, up to position %d: %w", d.durable, err)
	}
	d.purged = d.durable
	return nil
}
