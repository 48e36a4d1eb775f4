package intake

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"authledger/adapters/natsconn"
	"authledger/domain"
	"authledger/domain/problems"
	"authledger/eventstore"
)

// DeadLetterPage is a page of dead letters.
type DeadLetterPage struct {
	Items []DeadLetter `json:"items"`
	Next  string       `json:"next,omitempty"` // set by the caller if More is true
	More  bool         `json:"-"`              // further dead letters exist
}

// Members implements [domain.Data]. It visits the members of the JSON form.
func (p *DeadLetterPage) Members(v domain.Visitor) {
	v.List("items", domain.List(&p.Items))
	v.Text("next", &p.Next, domain.Free)
}

// NextPage returns the value of the parameter after for the next page, "" on the last page.
func (p *DeadLetterPage) NextPage() string { return p.Next }

// Last returns the position of the last dead letter of the page, 0 for an empty page.
func (p *DeadLetterPage) Last() uint64 {
	if len(p.Items) == 0 {
		return 0
	}
	return p.Items[len(p.Items)-1].Position
}

// ListBack returns at most limit dead letters before the dead letter at the position before,
// or from the newest one for 0, the newest first. It leaves out their headers and payloads.
//
// The server has no request for an earlier message, so ListBack reads the positions of all
// dead letters first.
func (s *DeadLetters) ListBack(ctx context.Context, before uint64, limit int) (page DeadLetterPage, err error) {
	page.Items = []DeadLetter{}
	positions, err := s.positions(ctx)
	if err != nil {
		return page, err
	}
	for _, position := range slices.Backward(positions) {
		if before > 0 && position >= before {
			continue
		}
		if page.More = len(page.Items) == limit; page.More {
			return page, nil
		}
		l, err := s.Show(ctx, position)
		if errors.Is(err, eventstore.ErrNoRecord) {
			continue // another operator removed it
		}
		if err != nil {
			return page, err
		}
		l.Headers, l.Payload = nil, nil
		page.Items = append(page.Items, *l)
	}
	return page, nil
}

// positions returns the positions of all dead letters, in order.
func (s *DeadLetters) positions(ctx context.Context) ([]uint64, error) {
	stream, err := s.stream(ctx)
	if err != nil {
		return nil, err
	}
	info, err := stream.Info(ctx, jetstream.WithSubjectFilter(natsconn.DeadLetterSubject(s.intake.realm, "*")))
	if err != nil {
		return nil, fmt.Errorf("list the dead letters: %w", err)
	}
	all := make([]uint64, 0, len(info.State.Subjects))
	for subject := range info.State.Subjects {
		position, err := strconv.ParseUint(subject[strings.LastIndexByte(subject, '.')+1:], 10, 64)
		if err != nil {
			return nil, fmt.Errorf("list the dead letters: subject %q has no position", subject)
		}
		all = append(all, position)
	}
	slices.Sort(all)
	return all, nil
}

// Version returns a text that changes with each dead letter that the intake stores or an
// operator removes.
func (s *DeadLetters) Version(ctx context.Context) (string, error) {
	stream, err := s.stream(ctx)
	if err != nil {
		return "", err
	}
	info, err := stream.Info(ctx)
	if err != nil {
		return "", fmt.Errorf("read the version of the dead letters: %w", err)
	}
	return fmt.Sprintf("%s %d %d", info.Created.UTC().Format(time.RFC3339Nano), info.State.LastSeq, info.State.Msgs), nil
}

// List returns, the oldest first, at most limit dead letters after the dead letter at the position after, or
// from the first one for 0. It leaves out their headers and payloads. If the dead letter
// at after does not exist, List returns the dead letters with higher positions.
func (s *DeadLetters) List(ctx context.Context, after uint64, limit int) (page DeadLetterPage, err error) {
	page.Items = []DeadLetter{}
	sequence, skipTo := uint64(1), uint64(0) // next sequence of the stream, and positions to leave out
	stream, err := s.stream(ctx)
	if err == nil && after > 0 {
		var m *jetstream.RawStreamMsg
		if m, err = s.last(ctx, stream, after); err == nil {
			sequence = m.Sequence + 1
		}
	}
	if errors.Is(err, eventstore.ErrNoRecord) {
		skipTo, err = after, nil
	}
	if err != nil {
		return page, err
	}
	for {
		m, err := stream.GetMsg(ctx, sequence, jetstream.WithGetMsgSubject(natsconn.DeadLetterSubject(s.intake.realm, "*")))
		if errors.Is(err, jetstream.ErrMsgNotFound) {
			return page, nil
		}
		if err != nil {
			return page, fmt.Errorf("list the dead letters: %w", err)
		}
		l, err := readDeadLetter(m)
		if err != nil {
			return page, err
		}
		sequence = m.Sequence + 1
		if l.Position <= skipTo {
			continue
		}
		if page.More = len(page.Items) == limit; page.More {
			return page, nil
		}
		l.Headers, l.Payload = nil, nil
		page.Items = append(page.Items, *l)
	}
}

// Show returns one dead letter. The error is eventstore.ErrNoRecord for an unknown
// position.
func (s *DeadLetters) Show(ctx context.Context, position uint64) (*DeadLetter, error) {
	_, m, err := s.find(ctx, position)
	if err != nil {
		return nil, err
	}
	return readDeadLetter(m)
}

// Retry submits the command of a dead letter to the ledger, as of the instant at which it
// was stored, and returns its verdict. After a verdict other than invalid the dead letter
// is deleted. If the deletion fails, Retry logs the cause and returns the verdict. The log names
// the caller of the act.
func (s *DeadLetters) Retry(ctx context.Context, caller string, position uint64) (domain.Verdict, error) {
	stream, m, err := s.find(ctx, position)
	if err != nil {
		return domain.Verdict{}, err
	}
	l, err := readDeadLetter(m)
	if err != nil {
		return domain.Verdict{}, err
	}
	s.intake.options.Log.Info("a caller retries a dead letter", "caller", caller, "position", position)
	command, rejection := s.command(l)
	if rejection == nil {
		rejection, err = permit(s.intake.options.Tokens, l.Caller, l.Stored, &command, true)
	}
	switch {
	case err != nil:
		return domain.Verdict{}, fmt.Errorf("retry dead letter %d: %w", position, err)
	case rejection != nil:
		return rejection.Verdict(&command), nil
	}
	ticket, err := s.ledger.PrepareStored(command, l.Stored)
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
	s.intake.options.Log.Info("the command of a dead letter has its verdict", "caller", caller, "position", position, "seq", v.Seq)
	if err := remove(ctx, stream, m); err != nil {
		s.intake.options.Log.Error("a dead letter with a verdict could not be deleted", "position", position, "cause", problems.Causes(err))
	}
	return v, nil
}

// command reads the command of a dead letter. It rejects a dead letter without the message with the
// stored reason. An earlier version stored dead letters of the configuration with their payload;
// command rejects them, too.
func (s *DeadLetters) command(l *DeadLetter) (domain.Command, *domain.Rejection) {
	if l.Reason == Configuration || len(l.Headers)+len(l.Payload) == 0 {
		return domain.Command{}, &domain.Rejection{Reason: l.Reason, Detail: l.Detail}
	}
	stored := &message{caller: l.Caller, raw: &nats.Msg{Header: l.Headers, Data: l.Payload}}
	if rejection := s.intake.configurationRejection(stored); rejection != nil {
		return domain.Command{}, rejection
	}
	return readCommand(l.Headers, l.Payload)
}

// Drop deletes a dead letter. The log names the caller of the act.
func (s *DeadLetters) Drop(ctx context.Context, caller string, position uint64) error {
	stream, m, err := s.find(ctx, position)
	if err != nil {
		return err
	}
	s.intake.options.Log.Info("a caller drops a dead letter", "caller", caller, "position", position)
	return remove(ctx, stream, m)
}

// remove deletes a dead letter and overwrites it on the disk, because its payload may hold
// a password that a user typed into a wrong field. It returns nil if another caller deleted the
// dead letter meanwhile; the server reports that in more than one way.
func remove(ctx context.Context, stream jetstream.Stream, m *jetstream.RawStreamMsg) error {
	err := stream.SecureDeleteMsg(ctx, m.Sequence)
	if err == nil || errors.Is(err, jetstream.ErrMsgNotFound) {
		return nil
	}
	if _, getErr := stream.GetMsg(ctx, m.Sequence); errors.Is(getErr, jetstream.ErrMsgNotFound) {
		return nil
	}
	return fmt.Errorf("delete a dead letter: %w", err)
}
