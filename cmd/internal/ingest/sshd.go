package ingest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"time"

	"authledger/adapters/importers/sshd"
	"authledger/cmd/internal/usage"
	"authledger/domain"
)

// openSSHD returns an opener for logs of sshd. The opener merges several logs by time, for
// example rotated logs or logs of several hosts.
func openSSHD(year int, zone *time.Location) (Opener, error) {
	if _, err := sshd.New(nil, year, zone); err != nil {
		return nil, usage.Error{Err: err}
	}
	return func(ctx context.Context, to Target, inputs []*Input) iter.Seq[Item] {
		return func(yield func(Item) bool) {
			logs, err := newSSHDLogs(inputs, year, zone)
			adopted := to.Rows.Position().Seq > 0 // a ledger with records has a policy
			for it := (Item{err: err}); it.err == nil; {
				it = logs.nextItem()
				if !adopted && len(it.Commands) > 0 {
					adopted = true
					it.adopted, it.err = adoptPOSIXHost(ctx, to, &it.Commands[0])
				}
				if errors.Is(it.err, io.EOF) || !yield(it) {
					return
				}
			}
		}
	}, nil
}

// sshdLog is one log, with its next attempt.
type sshdLog struct {
	in     *Input
	reader *sshd.Reader
	next   *Item // nil before the next attempt is read
}

// sshdLogs merges logs by time.
type sshdLogs struct {
	logs    []*sshdLog // logs that have not ended
	ordinal int
}

func newSSHDLogs(inputs []*Input, year int, zone *time.Location) (*sshdLogs, error) {
	all := new(sshdLogs)
	for _, in := range inputs {
		reader, err := sshd.New(in.Reader, year, zone)
		if err != nil {
			return nil, err
		}
		all.logs = append(all.logs, &sshdLog{in: in, reader: reader})
	}
	return all, nil
}

// nextItem reads each log up to its next attempt, and returns the earliest of these attempts. If
// it reads a line without an attempt, it returns that line at once. At the end it returns an item
// with io.EOF.
func (l *sshdLogs) nextItem() Item {
	for i := 0; i < len(l.logs); {
		log := l.logs[i]
		if log.next != nil {
			i++
			continue
		}
		it := log.read()
		switch {
		case errors.Is(it.err, io.EOF):
			l.logs = append(l.logs[:i:i], l.logs[i+1:]...)
		case it.err != nil || len(it.Commands) == 0:
			return l.numbered(it)
		default:
			log.next = &it
		}
	}
	if len(l.logs) == 0 {
		return Item{err: io.EOF}
	}
	first := l.logs[0]
	for _, log := range l.logs[1:] {
		if log.next.Commands[0].Time.Before(first.next.Commands[0].Time) {
			first = log
		}
	}
	it := *first.next
	first.next = nil
	return l.numbered(it)
}

func (l *sshdLogs) numbered(it Item) Item {
	l.ordinal++
	it.Line = l.ordinal
	return it
}

func (l *sshdLog) read() Item {
	line, err := l.reader.Next()
	if errors.Is(err, sshd.ErrNoYear) {
		err = usage.Errorf("%v, such as --year %d", err, time.Now().UTC().Year())
	}
	return Item{
		at: location{input: l.in, number: line.Number}, Commands: line.Commands, rejection: line.Rejection,
		unrecognized: line.Rejection != nil && line.Rejection.Reason == domain.TooLarge, err: ofInput(l.in, err),
	}
}

// adoptPOSIXHost adopts the policy for user names of a Unix host in a new ledger, before the
// first command.
func adoptPOSIXHost(ctx context.Context, to Target, first *domain.Command) (string, error) {
	v, err := to.Ledger.Do(ctx, sshd.AdoptPOSIXHost(first.Source, first.Time))
	if err != nil {
		return "", fmt.Errorf("adopt %s: %w", domain.POSIXHost().Version, err)
	}
	if v.Status != domain.Accepted {
		return "", fmt.Errorf("adopt %s at %s: %s: %s: is --year right?", domain.POSIXHost().Version, formatTime(first.Time), v.Reason, v.Detail)
	}
	return domain.POSIXHost().Version, nil
}
