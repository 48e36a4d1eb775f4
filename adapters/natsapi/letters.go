package natsapi

import (
	"bytes"
	"cmp"
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

	"authledger/domain"
	"authledger/eventstore"
)

// letterBytesMax bounds the letters together. When there is no room the intake waits,
// rather than drop one.
const letterBytesMax = 1 << 30

// LetterStream is the stream of a realm's letters.
func LetterStream(realm string) string { return "DLQ_" + realm }

func letterConfig(o *Options) jetstream.StreamConfig {
	return jetstream.StreamConfig{
		Name: LetterStream(o.Realm), Subjects: []string{subject(o.Realm, letterPart, "*")},
		Description: "commands of the intake that are invalid, until somebody deals with them",
		Storage:     jetstream.FileStorage, Retention: jetstream.LimitsPolicy, Discard: jetstream.DiscardNew,
		MaxBytes: cmp.Or(o.LetterBytes, letterBytesMax), MaxMsgsPerSubject: 1, DiscardNewPerSubject: true, Replicas: 1,
	}
}

// Letter is a command of the intake that is invalid.
type Letter struct {
	Position uint64              `json:"position"` // in the intake: its name
	Caller   string              `json:"caller"`
	Stored   time.Time           `json:"stored"`
	Reason   domain.Reason       `json:"reason"`
	Detail   string              `json:"detail"`
	Headers  map[string][]string `json:"headers,omitempty"`
	Payload  []byte              `json:"payload,omitempty"` // as it was left
}

// Letters are those of one realm.
type Letters struct {
	*Options
	js     jetstream.JetStream
	ledger *eventstore.Ledger
}

// put keeps what was left and is invalid, once.
func (s *Letters) put(ctx context.Context, t *left) error {
	text, err := json.Marshal(Letter{t.position, t.caller, t.stored.UTC(), t.rejection.Reason, detail(t.rejection), textual(t.message.Header), t.message.Data})
	if err != nil {
		return fmt.Errorf("write a letter of number %d of the intake: %w", t.position, err)
	}
	_, err = s.js.PublishMsg(ctx, &nats.Msg{Subject: s.subject(t.position), Data: text})
	refused := (*jetstream.APIError)(nil)
	if errors.As(err, &refused) {
		there, lost := s.Show(ctx, t.position)
		switch {
		case lost == nil && there.Stored.Equal(t.stored) && bytes.Equal(there.Payload, t.message.Data):
			return nil // before a crash
		case lost == nil:
			return fmt.Errorf("letter %d is of another intake, whose positions began anew: retry it or drop it", t.position)
		}
	}
	if refused != nil && refused.Description == fullStream {
		return fmt.Errorf("%w, of number %d of the intake: %w", errNoRoom, t.position, err)
	}
	if err != nil {
		return fmt.Errorf("keep a letter of number %d of the intake: %w", t.position, err)
	}
	s.Log.Warn("a command of the intake is invalid and has become a letter", "position", t.position, "caller", t.caller, "reason", t.rejection.Reason)
	return nil
}

// textual are headers as JSON can hold them. What is no text in them is
// percent-encoded, and so is read as it was: JSON would put other characters there,
// and a second try take those.
func textual(h nats.Header) map[string][]string {
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

func (s *Letters) subject(position uint64) string {
	return subject(s.Realm, letterPart, strconv.FormatUint(position, 10))
}

// LetterPage is letters in the order in which they were written.
type LetterPage struct {
	Letters []Letter `json:"letters"`
	More    bool     `json:"more"`
}

// List returns letters behind one, the oldest first, without what they hold. If that one
// is gone, those whose positions are behind its own.
func (s *Letters) List(ctx context.Context, after uint64, limit int) (page LetterPage, err error) {
	page.Letters = []Letter{}
	at, passed := uint64(1), uint64(0) // where the stream is read, and positions up to which nothing is wanted of it
	stream, err := s.stream(ctx)
	if err == nil && after > 0 {
		at, err = s.behind(ctx, stream, after)
	}
	if errors.Is(err, eventstore.ErrNoRecord) {
		at, passed, err = 1, after, nil
	}
	if err != nil {
		return page, err
	}
	for {
		m, err := stream.GetMsg(ctx, at, jetstream.WithGetMsgSubject(subject(s.Realm, letterPart, "*")))
		if errors.Is(err, jetstream.ErrMsgNotFound) {
			return page, nil
		}
		if err != nil {
			return page, fmt.Errorf("read the letters: %w", err)
		}
		letter, err := readLetter(m)
		if err != nil {
			return page, err
		}
		at = m.Sequence + 1
		if letter.Position <= passed {
			continue
		}
		if page.More = len(page.Letters) == limit; page.More {
			return page, nil
		}
		letter.Headers, letter.Payload = nil, nil
		page.Letters = append(page.Letters, *letter)
	}
}

// behind is where in the stream the letters behind one begin.
func (s *Letters) behind(ctx context.Context, stream jetstream.Stream, position uint64) (uint64, error) {
	m, err := stream.GetLastMsgForSubject(ctx, s.subject(position))
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return 0, fmt.Errorf("letter %d: %w", position, eventstore.ErrNoRecord)
	}
	if err != nil {
		return 0, fmt.Errorf("read letter %d: %w", position, err)
	}
	return m.Sequence + 1, nil
}

// Show returns one letter: eventstore.ErrNoRecord if there is none.
func (s *Letters) Show(ctx context.Context, position uint64) (*Letter, error) {
	_, m, err := s.find(ctx, position)
	if err != nil {
		return nil, err
	}
	return readLetter(m)
}

// Retry gives the command to the ledger once more, as of when it was left. With a
// verdict that is not invalid the letter is gone.
func (s *Letters) Retry(ctx context.Context, position uint64) (domain.Verdict, error) {
	stream, m, err := s.find(ctx, position)
	if err != nil {
		return domain.Verdict{}, err
	}
	letter, err := readLetter(m)
	if err != nil {
		return domain.Verdict{}, err
	}
	command, rejection := readLeft(letter.Headers, letter.Payload)
	if rejection == nil {
		rejection, err = permit(s.Tokens, letter.Caller, letter.Stored, &command)
	}
	switch {
	case err != nil:
		return domain.Verdict{}, fmt.Errorf("retry letter %d: %w", position, err)
	case rejection != nil:
		return rejection.Verdict(&command), nil
	}
	ticket, err := s.ledger.PrepareStored(command, letter.Stored)
	if err == nil {
		err = s.ledger.Enqueue(ctx, ticket)
	}
	if err != nil {
		return domain.Verdict{}, err
	}
	v, err := ticket.Wait(ctx)
	if err != nil || v.Status == domain.Invalid {
		return v, err
	}
	s.Log.Info("a letter has its verdict", "position", position, "seq", v.Seq)
	return v, remove(ctx, stream, m)
}

// Drop throws a letter away.
func (s *Letters) Drop(ctx context.Context, position uint64) error {
	stream, m, err := s.find(ctx, position)
	if err != nil {
		return err
	}
	s.Log.Info("a letter is thrown away", "position", position)
	return remove(ctx, stream, m)
}

// remove overwrites a letter on the disk: it may hold what nobody should keep.
func remove(ctx context.Context, stream jetstream.Stream, m *jetstream.RawStreamMsg) error {
	err := stream.SecureDeleteMsg(ctx, m.Sequence)
	if err == nil || errors.Is(err, jetstream.ErrMsgNotFound) {
		return nil
	}
	return fmt.Errorf("remove a letter: %w", err)
}

func (s *Letters) find(ctx context.Context, position uint64) (jetstream.Stream, *jetstream.RawStreamMsg, error) {
	stream, err := s.stream(ctx)
	if err != nil {
		return nil, nil, err
	}
	m, err := stream.GetLastMsgForSubject(ctx, s.subject(position))
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return nil, nil, fmt.Errorf("letter %d: %w", position, eventstore.ErrNoRecord)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("read letter %d: %w", position, err)
	}
	return stream, m, nil
}

func (s *Letters) stream(ctx context.Context) (jetstream.Stream, error) {
	if !s.js.Conn().IsConnected() {
		return nil, fmt.Errorf("open the letters: %w: start its server, or look at the log for why it can't be reached", ErrAway)
	}
	stream, err := s.js.Stream(ctx, LetterStream(s.Realm))
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		stream, err = ensure(ctx, s.js, letterConfig(s.Options))
	}
	if err != nil {
		return nil, fmt.Errorf("open the letters: %w", err)
	}
	return stream, nil
}

func readLetter(m *jetstream.RawStreamMsg) (*Letter, error) {
	var l Letter
	if err := json.Unmarshal(m.Data, &l); err != nil {
		return nil, fmt.Errorf("read the letter at %d of its stream: %w", m.Sequence, err)
	}
	return &l, nil
}
