package intake

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"authledger/adapters/natsconn"
	"authledger/domain/access"
	"authledger/eventstore"
)

// StatusDeadLetter is the status of a message that has become a dead letter.
const StatusDeadLetter = "dead_letter"

// Tokens finds callers. The NATS server has verified that a client holds the key of a token.
type Tokens interface {
	// Named returns the caller of the token with a name. It returns [access.ErrNoToken] or
	// [access.ErrExpired] if the token is not valid. Any other error means that the tokens
	// can't be read.
	Named(name string) (*access.Caller, error)
	// NamedAt is like Named, but returns the caller of a token that was valid at the
	// instant.
	NamedAt(name string, at time.Time) (*access.Caller, error)
}

// Options configure an Intake.
type Options struct {
	Tokens   Tokens           // required
	Log      *slog.Logger     // required
	Now      func() time.Time // clock of the ledger; nil for time.Now
	Observer Observer

	// DeadLetterBytes is the maximum size of all dead letters; 0 stands for 8 GiB.
	DeadLetterBytes int64

	// Quotas limit each caller. Only the process that runs the NATS server uses them.
	Quotas Quotas

	// IdentityFile is the path of the file in which the node stores the identities of the
	// streams; "" for a process that only creates them. If AcceptLost is true, the node
	// accepts once that the streams differ from the stored identities, and stores the new
	// identities.
	IdentityFile string
	AcceptLost   bool
}

// Observer receives measurements. Its functions may be nil. They must not block.
type Observer struct {
	Handled func(status string)      // once for each message: the status of its verdict, or StatusDeadLetter
	Backlog func(eventstore.Backlog) // every 5 s
	Refused func(reason string)      // once for each refused message: one of [RefusalReasons]
}

// Intake is the intake of one realm. It is safe for concurrent use.
type Intake struct {
	options Options
	conn    *natsconn.Conn
	realm   string
	js      jetstream.JetStream
	known   *identities

	watermark watermark
	blocked   atomic.Pointer[error] // why the reader is blocked, nil while it reads
	failed    chan error            // holds at most one fault of the store

	ctx    context.Context
	cancel context.CancelFunc
	group  sync.WaitGroup
}

// Open prepares an intake on a connection, which the caller closes. It reads the
// identity file, and sends nothing to the server.
func Open(conn *natsconn.Conn, o Options) (*Intake, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	in := &Intake{options: o, conn: conn, realm: conn.Realm(), failed: make(chan error, 1)}
	var err error
	if o.IdentityFile != "" {
		store := externalStore
		if conn.IsEmbedded() {
			store = embeddedStore
		}
		if in.known, err = openIdentities(o.IdentityFile, store, o.AcceptLost); err != nil {
			return nil, err
		}
	}
	in.js, err = jetstream.New(conn.Conn, jetstream.WithDefaultTimeout(natsconn.RequestTimeout), jetstream.WithPublishAsyncTimeout(natsconn.RequestTimeout))
	if err != nil {
		return nil, fmt.Errorf("open the intake: %w", err)
	}
	in.ctx, in.cancel = context.WithCancel(context.Background())
	return in, nil
}

// Start submits the messages of the stream to a ledger, in order, and measures the backlog
// for the observer, until Close.
func (in *Intake) Start(l *eventstore.Ledger) {
	in.group.Go(func() { in.run(in.ctx, l) })
	if in.options.Observer.Backlog != nil {
		in.group.Go(func() { in.observeBacklog(in.ctx) })
	}
}

// Failed returns a channel that receives an *eventstore.Fault when the store of the
// intake or of its dead letters has lost messages. The intake reads nothing afterwards,
// and the node must stop.
func (in *Intake) Failed() <-chan error { return in.failed }

// Close ends all goroutines of the intake. Call it before the ledger is closed.
func (in *Intake) Close() {
	in.cancel()
	in.group.Wait()
}

// run drains the stream until ctx ends. After an error it logs the cause and starts again
// after a delay; the messages are still in the stream.
func (in *Intake) run(ctx context.Context, l *eventstore.Ledger) {
	for delay := retryFirst; ctx.Err() == nil; delay = min(2*delay, retryMax) {
		begun := time.Now()
		err := in.drain(ctx, l)
		if ctx.Err() != nil || errors.Is(err, eventstore.ErrStopped) {
			return
		}
		if fault := (*eventstore.Fault)(nil); errors.As(err, &fault) {
			in.blocked.Store(&err)
			in.failed <- err
			return
		}
		in.options.Log.Warn("the intake is blocked; the node retries", "cause", in.block(err))
		if time.Since(begun) > retryMax {
			delay = retryFirst
		}
		pause(ctx, delay)
	}
}

// drain submits commands and waits for their verdicts until an error.
func (in *Intake) drain(ctx context.Context, l *eventstore.Ledger) (err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	stream, err := in.openStreams(ctx)
	if err != nil {
		return err
	}
	messages, err := openReader(ctx, in.conn, stream)
	if err != nil {
		return fmt.Errorf("read the intake: %w", err)
	}
	defer messages.close()
	answered := make(chan error, 1)
	pending := make(chan *message, pendingMax)
	d := newDrain(in, stream, l)
	go func() {
		err := d.answer(ctx, pending)
		cancel(err) // ends submit
		answered <- err
	}()
	err = in.submit(ctx, l, messages, d, pending)
	close(pending)
	return errors.Join(err, <-answered)
}

// submit enqueues the commands of messages at the ledger, in order, and passes the
// messages on to pending.
func (in *Intake) submit(ctx context.Context, l *eventstore.Ledger, messages *reader, d *drain, pending chan<- *message) error {
	for {
		raw, at, err := messages.next(ctx)
		if err != nil {
			return fmt.Errorf("read the intake: %w", err)
		}
		if err := d.pendingBytes.Acquire(ctx, weight(raw)); err != nil {
			return context.Cause(ctx)
		}
		m, err := in.read(raw, at)
		if err != nil {
			return fmt.Errorf("read the caller of intake message %d: %w", m.position, err)
		}
		if m.rejection == nil {
			if m.ticket, err = l.PrepareStored(m.command, m.stored); err == nil {
				err = l.Enqueue(ctx, m.ticket)
			}
			if err != nil {
				return fmt.Errorf("submit intake message %d: %w", m.position, err)
			}
		}
		select {
		case pending <- m:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// errDeadLettersFull is the error while the stream of the dead letters is full.
var errDeadLettersFull = errors.New("the stream of dead letters is full")

// streamFull is the description of the server's error about a full stream.
const streamFull = "maximum bytes exceeded"

// block stores and returns the cause for which the reader is blocked, until a message is
// handled. Without a connection the cause is natsconn.ErrDisconnected.
func (in *Intake) block(cause error) error {
	if !in.conn.IsConnected() {
		cause = natsconn.ErrDisconnected
	}
	in.blocked.Store(&cause)
	return cause
}

// Warnings returns sentences about a blocked intake, for unauthenticated readers: they
// contain no cause, because a cause may name a caller.
func (in *Intake) Warnings() []string {
	cause := in.blocked.Load()
	switch {
	case !in.conn.IsConnected():
		return []string{"the NATS server can't be reached: the node reads no intake messages and records no deadlines: start the server, or read the cause in the node's log"}
	case cause == nil:
		return nil
	case errors.Is(*cause, errDeadLettersFull):
		return []string{"the stream of dead letters is full: the intake is blocked, and the node records no deadlines: retry or drop dead letters with `authledger dlq`"}
	}
	return []string{"the intake is blocked, and the node records no deadlines: read the cause in the node's log"}
}

// pause waits for d, and reports false if ctx ends before.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
