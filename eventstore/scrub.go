package eventstore

import (
	"context"
	"errors"
	"sync/atomic"
	"time"
)

// ScrubBytes is how much of the log the scrub reads in a second: a gigabyte in
// a minute, for a percent of a core.
const ScrubBytes = 16 << 20

// scrubPause is how long a scrub rests after it has read the whole log.
const scrubPause = 6 * time.Hour

// scrubRetry is how long it rests when the store could not be read.
const scrubRetry = time.Minute

// scrub reads the log from its beginning, again and again, and finds the damage
// that no quick check can see.
type scrub struct {
	bytesPerSecond int64
	seq            atomic.Uint64 // up to which this round has come
	rounds         atomic.Uint64 // that found nothing
}

func (l *Ledger) runScrub() error {
	for {
		whole, err := l.scrubOnce(l.accepting)
		if err != nil {
			return err
		}
		rest := scrubRetry
		if whole {
			l.scrub.rounds.Add(1)
			rest = scrubPause
		}
		if !pause(l.accepting, rest) {
			return nil
		}
	}
}

// scrubOnce proves the whole log once, at its rate, and reports whether it came
// to the end. No later commit vouches for the last one, but the state does.
func (l *Ledger) scrubOnce(ctx context.Context) (whole bool, err error) {
	rate := l.scrub.bytesPerSecond
	if rate == 0 {
		rate = ScrubBytes
	}
	at := chain{realm: l.manifest.Realm, genesis: Genesis(l.manifest.LedgerID)}
	begun, read, known := time.Now(), int64(0), l.state.Position()
	for m, err := range l.store.Read(ctx, 1) {
		if ctx.Err() != nil {
			return false, nil
		}
		if err == nil {
			_, err = at.next(m)
		}
		if err == nil && at.at.Stream == known.Stream && at.at != known {
			err = &Fault{Stream: m.Stream, Seq: known.Seq, Err: errors.New("the commit there is not the one that was folded")}
		}
		var fault *Fault
		if errors.As(err, &fault) {
			return false, err
		}
		if err != nil {
			l.log.Warn("the scrub could not read the log", "stream", at.at.Stream+1, "cause", err)
			return false, nil
		}
		l.scrub.seq.Store(at.at.Seq)
		read += int64(len(m.Data))
		ahead := time.Duration(float64(read)/float64(rate)*float64(time.Second)) - time.Since(begun)
		if ahead > 0 && !pause(ctx, ahead) {
			return false, nil
		}
	}
	return ctx.Err() == nil, nil
}

// pause waits, and reports false when ctx ended first.
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
