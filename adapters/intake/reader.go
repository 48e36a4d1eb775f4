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

// Limits of reading a stream.
const (
	readBatch     = 4096     // messages of one request
	readBytesMax  = 16 << 20 // of one request
	readExpires   = 30 * time.Second
	readHeartbeat = 2 * time.Second // interval at which an idle server sends a heartbeat
	readSilence   = 3 * readHeartbeat
	readInactive  = time.Minute // after which the server deletes the consumer of a reader without requests
	readStatuses  = 64          // status messages that may be queued beside a batch
)

const (
	nextSubject       = "$JS.API.CONSUMER.MSG.NEXT."
	statusHeader      = "Status"
	descriptionHeader = "Description"
	lastHeader        = "Nats-Last-Consumer" // consumer sequence of the newest message that the server sent
	statusHeartbeat   = "100"
	statusNoMessages  = "404"
	statusExpired     = "408"
	batchFull         = "Message Size Exceeds MaxBytes"
)

var readRequest = fmt.Appendf(nil, `{"batch":%d,"max_bytes":%d,"expires":%d,"idle_heartbeat":%d}`, readBatch, readBytesMax, readExpires, readHeartbeat)

// countRequest makes the server answer "404 No Messages" at the end of the stream, in
// place of waiting for new messages.
var countRequest = fmt.Appendf(nil, `{"batch":%d,"max_bytes":%d,"no_wait":true}`, readBatch, readBytesMax)

var (
	errSilent      = errors.New("timed out: the NATS server sends neither messages nor heartbeats")
	errEndOfStream = errors.New("end of the stream")
)

// reader reads a stream from its first message on. next returns each message once and in
// order, or an error. The readers of the client library mistake a message with a header
// Status and no payload for a message of the server, although a caller can publish such a
// message. This reader recognizes messages of the server by the missing reply subject: the
// server sends every message of a stream with a reply subject.
type reader struct {
	conn    *natsconn.Conn
	sub     *nats.Subscription
	arrived chan *nats.Msg
	subject string // of requests
	inbox   string
	silence *time.Timer

	requests uint64
	request  []byte
	counts   bool   // next returns errEndOfStream at the end of the stream
	received int    // messages of the last request
	due      int    // messages that the last request may still return
	last     uint64 // consumer sequence of the newest message
}

// openReader opens a reader that waits for new messages at the end of the stream.
func openReader(ctx context.Context, conn *natsconn.Conn, stream jetstream.Stream) (*reader, error) {
	return newReader(ctx, conn, stream, false)
}

// openCounter opens a reader of headers whose next returns errEndOfStream at the end of
// the stream. The server leaves the payloads out.
func openCounter(ctx context.Context, conn *natsconn.Conn, stream jetstream.Stream) (*reader, error) {
	return newReader(ctx, conn, stream, true)
}

func newReader(ctx context.Context, conn *natsconn.Conn, stream jetstream.Stream, counts bool) (*reader, error) {
	consumer, err := stream.CreateConsumer(ctx, jetstream.ConsumerConfig{
		DeliverPolicy: jetstream.DeliverAllPolicy, AckPolicy: jetstream.AckNonePolicy, MemoryStorage: true, Replicas: 1, InactiveThreshold: readInactive, HeadersOnly: counts,
	})
	if err != nil {
		return nil, err
	}
	at := consumer.CachedInfo()
	r := &reader{
		conn: conn, arrived: make(chan *nats.Msg, readBatch+readStatuses), subject: nextSubject + at.Stream + "." + at.Name,
		inbox: conn.NewInbox(), silence: time.NewTimer(readSilence), request: readRequest, counts: counts,
	}
	if counts {
		r.request = countRequest
	}
	r.sub, err = conn.ChanSubscribe(r.inbox+".*", r.arrived)
	return r, err
}

func (r *reader) close() {
	r.silence.Stop()
	_ = r.sub.Unsubscribe() // fails on a closed connection, which has no subscriptions
}

// next waits for the next message.
func (r *reader) next(ctx context.Context) (*nats.Msg, *nats.MsgMetadata, error) {
	for {
		if r.due == 0 {
			if err := r.sendRequest(); err != nil {
				return nil, nil, err
			}
		}
		m, err := r.wait(ctx)
		switch {
		case err != nil:
			return nil, nil, err
		case m.Reply == "":
			if err := r.readStatus(m); err != nil {
				return nil, nil, err
			}
			continue
		}
		at, err := m.Metadata()
		if err != nil {
			return nil, nil, err
		}
		if r.last++; at.Sequence.Consumer != r.last {
			return nil, nil, fmt.Errorf("messages are missing: received message %d of the consumer, want message %d", at.Sequence.Consumer, r.last)
		}
		r.due--
		r.received++
		return m, at, nil
	}
}

func (r *reader) sendRequest() error {
	r.requests++
	r.due, r.received = readBatch, 0
	return r.conn.PublishRequest(r.subject, r.reply(), r.request)
}

// reply returns the subject of the status messages about the last request.
func (r *reader) reply() string { return r.inbox + "." + strconv.FormatUint(r.requests, 10) }

func (r *reader) wait(ctx context.Context) (*nats.Msg, error) {
	select {
	case m := <-r.arrived:
		return m, nil
	default:
	}
	r.silence.Reset(readSilence)
	select {
	case m := <-r.arrived:
		return m, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	case <-r.silence.C:
		return nil, errSilent
	}
}

// readStatus handles a status message of the server. After the end of a request it makes
// the next request due. A heartbeat reveals messages that a broken connection has lost;
// without it, lost messages at the end of the stream would not be noticed.
func (r *reader) readStatus(m *nats.Msg) error {
	status, description := m.Header.Get(statusHeader), m.Header.Get(descriptionHeader)
	switch {
	case m.Subject != r.reply():
		return nil // about an earlier request
	case status == statusHeartbeat:
		if sent := m.Header.Get(lastHeader); sent != strconv.FormatUint(r.last, 10) {
			return fmt.Errorf("messages are missing: the server has sent %s, the reader received %d", sent, r.last)
		}
		return nil
	case status == statusNoMessages && r.counts && r.received == 0:
		return errEndOfStream
	case status == statusExpired || status == statusNoMessages && r.counts || description == batchFull:
		r.due = 0
		return nil
	}
	return fmt.Errorf("the server has ended the request: %s %s", status, description)
}
