package intake

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"authledger/adapters/natsconn"
	"authledger/domain"
	"authledger/eventstore"
)

// callerHeader is the header of a dead letter that names its caller, so that the
// admission can count dead letters without their payloads.
const callerHeader = "Authledger-Caller"

// DeadLetter is an invalid message of the intake.
type DeadLetter struct {
	Position uint64              `json:"position"` // in the intake; identifies the dead letter
	Caller   string              `json:"caller"`
	Stored   time.Time           `json:"stored"`
	Reason   domain.Reason       `json:"reason"`
	Detail   string              `json:"detail"`
	Headers  map[string][]string `json:"headers,omitempty"`
	Payload  []byte              `json:"payload,omitempty"` // unchanged; absent if it may hold a secret
}

// Members implements [domain.Data]. It visits the members of an item of a list, which lacks the
// headers and the payload.
func (l *DeadLetter) Members(v domain.Visitor) {
	position := int64(l.Position)
	v.Count("position", &position, domain.Need)
	v.Text("caller", &l.Caller, domain.Need)
	v.Instant("stored", &l.Stored, domain.Need)
	v.Text("reason", (*string)(&l.Reason), domain.Need)
	v.Text("detail", &l.Detail, domain.Need)
}

// DeadLetters are the dead letters of a realm. It is safe for concurrent use.
type DeadLetters struct {
	intake *Intake
	ledger *eventstore.Ledger
}

// DeadLetters returns the dead letters of the realm. Retry submits commands to l.
func (in *Intake) DeadLetters(l *eventstore.Ledger) *DeadLetters {
	return &DeadLetters{intake: in, ledger: l}
}

// sentDeadLetter is a dead letter that the stream has not acknowledged yet.
type sentDeadLetter struct {
	message *message
	ack     jetstream.PubAckFuture
}

// send publishes a dead letter of m. The dead letter is on disk after confirm. The stream
// stores one dead letter for each position of the intake.
func (s *DeadLetters) send(m *message) (sent sentDeadLetter, err error) {
	headers, payload := m.kept()
	text, err := json.Marshal(DeadLetter{m.position, m.caller, m.stored.UTC(), m.rejection.Reason, detail(m.rejection), textHeaders(headers), payload})
	if err != nil {
		return sent, fmt.Errorf("encode the dead letter of intake message %d: %w", m.position, err)
	}
	ack, err := s.intake.js.PublishMsgAsync(&nats.Msg{Subject: s.subject(m.position), Header: nats.Header{callerHeader: {m.caller}}, Data: text})
	if err != nil {
		return sent, fmt.Errorf("store the dead letter of intake message %d: %w", m.position, err)
	}
	return sentDeadLetter{m, ack}, nil
}

// confirm returns after a sent dead letter is on disk. Call it once for each dead letter.
// If the stream already holds a dead letter of the same message, from before a crash,
// confirm returns nil.
func (s *DeadLetters) confirm(ctx context.Context, sent sentDeadLetter) (err error) {
	m := sent.message
	select {
	case <-sent.ack.Ok():
	case err = <-sent.ack.Err():
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	refused := (*jetstream.APIError)(nil)
	if errors.As(err, &refused) {
		existing, showErr := s.Show(ctx, m.position)
		switch {
		case showErr == nil && m.isIn(existing):
			return nil
		case showErr == nil:
			return fmt.Errorf("dead letter %d belongs to an earlier intake stream with the same positions: retry it or drop it", m.position)
		}
	}
	if refused != nil && refused.Description == streamFull {
		return fmt.Errorf("store the dead letter of intake message %d: %w: %w", m.position, errDeadLettersFull, err)
	}
	if err != nil {
		return fmt.Errorf("store the dead letter of intake message %d: %w", m.position, err)
	}
	s.intake.options.Log.Warn("an invalid intake message has become a dead letter", "position", m.position, "caller", m.caller, "reason", m.rejection.Reason)
	return nil
}

// isIn reports whether l is a dead letter of m.
func (m *message) isIn(l *DeadLetter) bool {
	return l.Stored.Equal(m.stored) && (m.isWithheld || len(l.Payload) == 0 || bytes.Equal(l.Payload, m.raw.Data))
}

// textHeaders returns headers for JSON. A value that is not valid UTF-8 is
// percent-encoded, because JSON would replace its bytes, and a retry would then read
// another value. The reader of ce- headers decodes it.
func textHeaders(h nats.Header) map[string][]string {
	all := make(map[string][]string, len(h))
	for name, values := range h {
		for _, value := range values {
			if !utf8.ValidString(value) {
				value = url.PathEscape(value)
			}
			all[name] = append(all[name], value)
		}
	}
	return all
}

func detail(r *domain.Rejection) string {
	if r.Field == "" {
		return r.Detail
	}
	return r.Field + ": " + r.Detail
}

func (s *DeadLetters) subject(position uint64) string {
	return natsconn.DeadLetterSubject(s.intake.realm, strconv.FormatUint(position, 10))
}

// find returns the stream and the message of a dead letter. The error is
// eventstore.ErrNoRecord for an unknown position.
func (s *DeadLetters) find(ctx context.Context, position uint64) (jetstream.Stream, *jetstream.RawStreamMsg, error) {
	stream, err := s.stream(ctx)
	if err != nil {
		return nil, nil, err
	}
	m, err := s.last(ctx, stream, position)
	return stream, m, err
}

func (s *DeadLetters) last(ctx context.Context, stream jetstream.Stream, position uint64) (*jetstream.RawStreamMsg, error) {
	m, err := stream.GetLastMsgForSubject(ctx, s.subject(position))
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return nil, fmt.Errorf("read dead letter %d: %w", position, eventstore.ErrNoRecord)
	}
	if err != nil {
		return nil, fmt.Errorf("read dead letter %d: %w", position, err)
	}
	return m, nil
}

// stream opens the stream of the dead letters, and creates it if it does not exist. The
// error is natsconn.ErrDisconnected without a connection, and an *eventstore.Fault if a
// known stream has lost messages.
func (s *DeadLetters) stream(ctx context.Context) (jetstream.Stream, error) {
	in := s.intake
	if !in.conn.IsConnected() {
		return nil, fmt.Errorf("open the dead letters: %w: start the server, or read the cause in the node's log", natsconn.ErrDisconnected)
	}
	name := DeadLetterStreamName(in.realm)
	if err := in.known.check(ctx, in.js, name); err != nil {
		return nil, err
	}
	stream, err := in.js.Stream(ctx, name)
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		stream, err = ensure(ctx, in.js, in.known, deadLetterConfig(in.realm, in.options.DeadLetterBytes))
	}
	if err != nil {
		return nil, fmt.Errorf("open the dead letters: %w", err)
	}
	return stream, nil
}

func readDeadLetter(m *jetstream.RawStreamMsg) (*DeadLetter, error) {
	var l DeadLetter
	if err := json.Unmarshal(m.Data, &l); err != nil {
		return nil, fmt.Errorf("read the dead letter at sequence %d of its stream: %w", m.Sequence, err)
	}
	return &l, nil
}
