package audit

import (
	"cmp"
	"context"
	"errors"
	"iter"
	"log/slog"
	"sync/atomic"
	"time"

	"authledger/eventstore"
)

// ScrubBytes is the default rate of the log scrub, in bytes per second. At this rate the scrub
// reads a gigabyte in about a minute and uses about one percent of a core.
const ScrubBytes = 16 << 20

// scrubPause is the duration between two complete rounds of a scrub.
const scrubPause = 6 * time.Hour

// scrubRetry is the pause between a round that a scrub could not finish and the next round.
const scrubRetry = time.Minute

// LogScrub reads a log from its first commit to the last folded one, again and again, and
// proves the chain. It finds damage that the quick checks of a start cannot see. The
// exported fields MUST NOT change once the ledger is open.
type LogScrub struct {
	Manifest eventstore.Manifest
	Store    eventstore.Reader
	State    eventstore.State // its position proves the last commit
	Log      *slog.Logger     // nil for [slog.Default]
	Rate     int64            // bytes per second; 0 for [ScrubBytes]

	// Files opens this node's own files of the log, up to a stream position that the store
	// has acknowledged. Nil: the scrub reads through Store.
	Files func(ctx context.Context, last uint64) (eventstore.Reader, error)

	seq    atomic.Uint64 // last record that this round has proved
	rounds atomic.Uint64 // complete rounds
}

// Run scrubs until ctx ends. It returns a *Fault at the first damage.
func (s *LogScrub) Run(ctx context.Context) error {
	for {
		whole, err := s.Round(ctx)
		if err != nil {
			return err
		}
		rest := scrubRetry
		if whole {
			s.rounds.Add(1)
			rest = scrubPause
		}
		if !pause(ctx, rest) {
			return nil
		}
	}
}

// AddHealth sets the progress of the scrub.
func (s *LogScrub) AddHealth(h *eventstore.Health) {
	h.Scrubbed, h.Rounds = s.seq.Load(), s.rounds.Load()
}

// Round proves the whole log once, at the rate of the scrub. It reports whether it reached
// the end. The chain proves each commit but the last one; the position of the state proves
// the last one.
func (s *LogScrub) Round(ctx context.Context) (whole bool, err error) {
	rate := s.Rate
	if rate == 0 {
		rate = ScrubBytes
	}
	chain := eventstore.NewChain(s.Manifest)
	begun, read, known := time.Now(), int64(0), s.State.Position()
	for m, err := range s.messages(ctx, known.Stream) {
		if ctx.Err() != nil {
			return false, nil
		}
		if err == nil {
			_, err = chain.Next(m)
		}
		at := chain.At()
		if err == nil && at.Stream == known.Stream && at != known {
			err = &eventstore.Fault{Stream: m.Stream, Seq: known.Seq, Err: errors.New("the commit there is not the commit that was folded")}
		}
		var fault *eventstore.Fault
		if errors.As(err, &fault) {
			return false, err
		}
		if err != nil {
			cmp.Or(s.Log, slog.Default()).Warn("the scrub could not read the log", "stream", at.Stream+1, "cause", err)
			return false, nil
		}
		s.seq.Store(at.Seq)
		read += int64(len(m.Data))
		ahead := time.Duration(float64(read)/float64(rate)*float64(time.Second)) - time.Since(begun)
		if ahead > 0 && !pause(ctx, ahead) {
			return false, nil
		}
	}
	return ctx.Err() == nil, nil
}

// messages yields the messages up to last from this node's own files if Files is set, and
// otherwise from the store.
func (s *LogScrub) messages(ctx context.Context, last uint64) iter.Seq2[eventstore.Message, error] {
	if s.Files == nil || last == 0 {
		return s.Store.Read(ctx, 1)
	}
	return func(yield func(eventstore.Message, error) bool) {
		files, err := s.Files(ctx, last)
		if err != nil {
			yield(eventstore.Message{}, err)
			return
		}
		for m, err := range files.Read(ctx, 1) {
			if !yield(m, err) {
				break
			}
		}
		if err := files.Close(); err != nil {
			cmp.Or(s.Log, slog.Default()).Warn("close the log's files", "cause", err)
		}
	}
}

// pause waits for d. It reports false when ctx ended first.
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
