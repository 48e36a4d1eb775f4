package eventstore

import (
	"fmt"
	"syscall"
	"time"

	"authledger/domain"
)

// watchEvery is how often the head is written and the disk's space is looked at.
const watchEvery = time.Second

// watch keeps the head on disk at most a second behind, and stops accepting
// before the disk is full.
func (l *Ledger) watch() error {
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-l.accepting.Done():
			return nil
		}
		if err := l.lookAtDisk(); err != nil {
			return err
		}
		if err := l.head.Write(l.state.Position()); err != nil {
			return err
		}
	}
}

// lookAtDisk sets whether anything is accepted.
func (l *Ledger) lookAtDisk() error {
	free, err := diskFree(l.dir)
	if err != nil {
		return err
	}
	if full := free < l.freeMin; full != l.diskFull.Swap(full) {
		l.log.Warn("disk space", "free", free, "min", l.freeMin, "accepting", !full)
	}
	return nil
}

func diskFree(dir string) (uint64, error) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(dir, &s); err != nil {
		return 0, fmt.Errorf("look at the free space of %s: %w", dir, err)
	}
	return s.Bavail * uint64(s.Bsize), nil
}

// Health is how a ledger is doing.
type Health struct {
	Position domain.Position // of the newest record that is on disk and folded
	Queued   int             // commands waiting
	Scrubbed uint64          // seq up to which the scrub's present round has come
	Rounds   uint64          // of the scrub that found nothing
	Unsynced bool
	Problems []string // why the ledger isn't ready, empty if it is
}

// Health tells how the ledger is doing.
func (l *Ledger) Health() Health {
	h := Health{
		Position: l.state.Position(), Queued: len(l.sequencer.live) + len(l.sequencer.backfill),
		Scrubbed: l.scrub.seq.Load(), Rounds: l.scrub.rounds.Load(), Unsynced: l.unsynced,
	}
	add := func(format string, args ...any) { h.Problems = append(h.Problems, fmt.Sprintf(format, args...)) }
	if err := l.Err(); err != nil {
		add("%v", err)
	} else if l.isStopping() {
		add("stopping")
	}
	if since := l.unknownSince.Load(); since != nil {
		add("the disk has not confirmed a commit since %s: if it was full, make space and start again", since.UTC().Format(time.RFC3339))
	}
	if l.diskFull.Load() {
		add("the disk is nearly full: make space")
	}
	if why := l.held.Load(); why != nil {
		add("%s", *why)
	}
	if l.unsynced {
		add("unsynced: answers may be lost with the power")
	}
	return h
}
