package natsapi

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Bounds of reading a stream.
const (
	readBytesMax  = 16 << 20 // of what is asked for at once
	readWithin    = 30 * time.Second
	readBeat      = 2 * time.Second // how often the server says that it is there
	readSilence   = 3 * readBeat    // after which it is not
	readForgotten = time.Minute     // after which it forgets who asks for nothing
	readWords     = 64              // of the server's that may wait, beside messages
)

const (
	nextSubject       = "$JS.API.CONSUMER.MSG.NEXT."
	statusHeader      = "Status"
	descriptionHeader = "Description"
	lastHeader        = "Nats-Last-Consumer" // of the messages that were sent
	statusBeat        = "100"
	statusExpired     = "408"
	fullDescription   = "Message Size Exceeds MaxBytes"
)

var readRequest = fmt.Appendf(nil, `{"batch":%d,"max_bytes":%d,"expires":%d,"idle_heartbeat":%d}`, intakeAhead, readBytesMax, readWithin, readBeat)

var errSilent = errors.New("the server is silent")

// reader reads a stream from its first message on: each once and in order, or next
// ends with an error. The library's readers take a message that has a header Status
// and no payload for a word of the server's, whoever wrote it, and never give it out.
// Here what has no reply is the server's: each message of a stream has one.
type reader struct {
	conn    *nats.Conn
	sub     *nats.Subscription
	come    chan *nats.Msg
	subject string // of requests
	inbox   string
	silence *time.Timer

	requests uint64
	due      int    // messages still to come of the last request
	last     uint64 // message that came, as the server counts
}

func openReader(ctx context.Context, conn *nats.Conn, stream jetstream.Stream) (*reader, error) {
	consumer, err := stream.CreateConsumer(ctx, jetstream.ConsumerConfig{
		DeliverPolicy: jetstream.DeliverAllPolicy, AckPolicy: jetstream.AckNonePolicy, MemoryStorage: true, Replicas: 1, InactiveThreshold: readForgotten,
	})
	if err != nil {
		return nil, err
	}
	at := consumer.CachedInfo()
	r := &reader{
		conn: conn, come: make(chan *nats.Msg, intakeAhead+readWords), subject: nextSubject + at.Stream + "." + at.Name,
		inbox: conn.NewInbox(), silence: time.NewTimer(readSilence),
	}
	r.sub, err = conn.ChanSubscribe(r.inbox+".*", r.come)
	return r, err
}

func (r *reader) close() {
	r.silence.Stop()
	_ = r.sub.Unsubscribe() // or the connection is gone, and the subscription with it
}

// next waits for the next message.
func (r *reader) next(ctx context.Context) (*nats.Msg, *nats.MsgMetadata, error) {
	for {
		if r.due == 0 {
			if err := r.ask(); err != nil {
				return nil, nil, err
			}
		}
		m, err := r.wait(ctx)
		switch {
		case err != nil:
			return nil, nil, err
		case m.Reply == "":
			if err := r.hear(m); err != nil {
				return nil, nil, err
			}
			continue
		}
		at, err := m.Metadata()
		if err != nil {
			return nil, nil, err
		}
		if r.last++; at.Sequence.Consumer != r.last {
			return nil, nil, fmt.Errorf("message %d comes where %d is due", at.Sequence.Consumer, r.last)
		}
		r.due--
		return m, at, nil
	}
}

func (r *reader) ask() error {
	r.requests++
	r.due = intakeAhead
	return r.conn.PublishRequest(r.subject, r.reply(), readRequest)
}

// reply is where the server's words about the last request go.
func (r *reader) reply() string { return r.inbox + "." + strconv.FormatUint(r.requests, 10) }

func (r *reader) wait(ctx context.Context) (*nats.Msg, error) {
	select {
	case m := <-r.come:
		return m, nil
	default:
	}
	r.silence.Reset(readSilence)
	select {
	case m := <-r.come:
		return m, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	case <-r.silence.C:
		return nil, errSilent
	}
}

// hear takes a word of the server's. When the time or the room of the last request
// is over the next one is due. A beat tells of messages that a broken connection has
// swallowed: there may be none behind them to show the gap.
func (r *reader) hear(word *nats.Msg) error {
	status, description := word.Header.Get(statusHeader), word.Header.Get(descriptionHeader)
	switch {
	case word.Subject != r.reply():
		return nil
	case status == statusBeat:
		if sent := word.Header.Get(lastHeader); sent != strconv.FormatUint(r.last, 10) {
			return fmt.Errorf("the server has sent %s messages, %d have come", sent, r.last)
		}
		return nil
	case status == statusExpired || description == fullDescription:
		r.due = 0
		return nil
	}
	return fmt.Errorf("the server gives nothing more: %s %s", status, description)
}
