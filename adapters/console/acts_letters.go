package console

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"authledger/domain"
	"authledger/domain/access"
	"authledger/eventstore"
)

// DeadLetters is the store of the intake messages whose commands the ledger could not decide. The
// methods return [eventstore.ErrNoRecord] for an unknown position, and [ErrUnreachable] while the
// node can't reach the store.
type DeadLetters interface {
	List(ctx context.Context, limit int) (list []DeadLetter, hasMore bool, err error) // the newest first
	Show(ctx context.Context, position uint64) (DeadLetter, error)
	Retry(ctx context.Context, caller string, position uint64) (domain.Verdict, error)
	Drop(ctx context.Context, caller string, position uint64) error
}

// DeadLetter is an intake message with the reason why the ledger could not decide it.
type DeadLetter struct {
	Position uint64
	Caller   string
	Stored   time.Time
	Reason   domain.Reason
	Detail   string
	Headers  map[string][]string
	Payload  []byte
}

// ErrUnreachable reports that the NATS server of the dead letters can't be reached.
var ErrUnreachable = errors.New("console: the NATS server can't be reached")

// runWithin is the maximum duration of an operation, so that the answer precedes the write deadline
// of the connection.
const runWithin = 20 * time.Second

// letterRetry submits the command of a dead letter again.
var letterRetry = act{
	name: "retry", right: access.RetryDeadLetters, reads: "dead-letter",
	fields: []field{{name: "position", kind: target}},
	about:  (*visit).aboutLetter,
	run: func(v *visit, f form, o *outcome) error {
		return v.onLetter(f, func(ctx context.Context, position uint64) error {
			verdict, err := v.DeadLetters.Retry(ctx, v.caller.Name, position)
			if err != nil {
				return err
			}
			o.ID = verdict.ID
			return o.set(&verdict)
		})
	},
}

// letterDrop deletes a dead letter.
var letterDrop = act{
	name: "drop", right: access.RetryDeadLetters, reads: "dead-letter",
	fields: []field{{name: "position", kind: target}},
	about:  (*visit).aboutLetter,
	run: func(v *visit, f form, o *outcome) error {
		o.Status, o.ID = doneStatus, ""
		return v.onLetter(f, func(ctx context.Context, position uint64) error {
			return v.DeadLetters.Drop(ctx, v.caller.Name, position)
		})
	},
}

// onLetter runs an operation on the dead letter of a form.
func (v *visit) onLetter(f form, run func(context.Context, uint64) error) error {
	position, err := strconv.ParseUint(f["position"], 10, 63)
	if err != nil || v.DeadLetters == nil {
		return errNoObject
	}
	ctx, cancel := context.WithTimeout(v.r.Context(), runWithin)
	defer cancel()
	return letterError(run(ctx, position))
}

func letterError(err error) error {
	switch {
	case errors.Is(err, eventstore.ErrNoRecord):
		return errNoObject
	case errors.Is(err, ErrUnreachable):
		return &failure{status: http.StatusServiceUnavailable, key: "away", retryAfter: time.Minute}
	}
	return err
}

// aboutLetter adds a dead letter with its message.
func (v *visit) aboutLetter(b *actBody) error {
	return v.onLetter(b.values, func(ctx context.Context, position uint64) error {
		l, err := v.DeadLetters.Show(ctx, position)
		if err != nil {
			return err
		}
		b.add("work.position", strconv.FormatUint(l.Position, 10), "")
		b.add("record.caller", printable(l.Caller), "")
		b.add("work.stored", v.since(l.Stored), "")
		b.add("reasons.column", v.text.Name("reason", string(l.Reason)), "")
		b.add("record.detail", printable(l.Detail), "")
		b.Line = l.text()
		other := "drop" // both acts have the same right
		if b.Act == other {
			other = "retry"
		}
		target := url.Values{"position": {b.values["position"]}}
		b.Others = []actLink{{formPath(other, target), "act." + other}}
		return nil
	})
}

// text returns the headers and the payload as printable lines.
func (l *DeadLetter) text() string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(l.Headers)) {
		fmt.Fprintf(&b, "%s: %s\n", name, strings.Join(l.Headers[name], ", "))
	}
	if b.Len() > 0 {
		b.WriteByte('\n')
	}
	b.Write(l.Payload)
	return printable(b.String())
}

// printable returns a text without characters that change the direction or the layout of a page.
// It shows such a character, and a byte that is no UTF-8, as its code.
func printable(text string) string {
	var b strings.Builder
	for i, r := range text {
		switch {
		case r == utf8.RuneError && text[i] != "\uFFFD"[0]:
			fmt.Fprintf(&b, `\x%02x`, text[i])
		case r == '\n' || r == '\t' || unicode.IsGraphic(r):
			b.WriteRune(r)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.String()
}

func (v *visit) letterQueue() (queue, error) {
	q := queue{Name: "letters", Head: []string{"work.position", "record.caller", "work.stored",
		"reasons.column"}}
	if v.DeadLetters == nil {
		q.Note = "tile.deadletters.none"
		return q, nil
	}
	ctx, cancel := context.WithTimeout(v.r.Context(), runWithin)
	defer cancel()
	list, hasMore, err := v.DeadLetters.List(ctx, queueShown)
	if errors.Is(err, ErrUnreachable) {
		q.Note = "tile.deadletters.unknown"
		return q, nil
	}
	for i := range list {
		l := &list[i]
		position := strconv.FormatUint(l.Position, 10)
		q.Rows = append(q.Rows, queueRow{
			Cells: []cell{{Text: position}, {Text: printable(l.Caller)}, {At: l.Stored},
				{Text: v.text.Name("reason", string(l.Reason)), Detail: printable(l.Detail)}},
			Acts: v.link([]string{position}, &letterRetry, &letterDrop),
		})
	}
	q.More = hasMore
	return q, err
}
