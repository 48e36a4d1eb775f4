package eventstore

import (
	"context"
	"log/slog"
	"slices"
	"sync/atomic"
	"time"

	"authledger/domain"
)

// Bounds of the pipeline.
const (
	inFlightMax = 2    // commits that are sent and not known to be on disk
	secondMin   = 64   // commands that must wait before a second commit is sent
	queueMax    = 4096 // commands of all callers that wait, in each of the two queues
	foldingMax  = 4    // commits that are on disk and not folded
	headerBytes = 1 << 10
	linesMax    = CommitBytesMax - headerBytes
)

// sequencer is the only writer of one realm's log. Two goroutines pass each commit on, in
// the order of the log:
//
//	callers         decideCommands                store       foldCommits
//	───────         ──────────────                ─────       ───────────
//	live ──────┐
//	           ├──▶ decide commands ───Append───▶ write
//	backfill ──┘    into one layer                and sync
//	                    ▲  ▲                        │
//	                    │  └────── layer.outcome ◀──┘
//	                    │
//	                    └─ outcome "on disk" ──────folding──▶ fold into the state
//	                                                          answer the tickets
//	                                                          publish to followers
//
// decideCommands creates a layer for each commit and owns the layer until it sends it on
// the channel folding; foldCommits then owns the layer until it sets layer.done. Only
// layer.repeats is shared, under layer.mu.
//
// Contract:
//
//   - A ticket MUST NOT be answered with a recorded verdict before the store has
//     acknowledged the commit and the state has folded it.
//   - A record MUST NOT be sealed with a key that is not on disk.
//   - A slot of the key ring MUST NOT be assigned to two owners by records of the log.
//   - A commit whose outcome is unknown MUST be sent again with identical bytes and the
//     same expected position. Its commands MUST NOT be decided again before the log has
//     shown that another commit has the position.
//   - At most inFlightMax commits are between sending and folding. The second is sent only
//     while at least secondMin commands wait, because one sync for fewer commands costs less.
//   - Commands of one line of a queue MUST be decided in their order of arrival, also when
//     another writer has taken the position of their commit.
type sequencer struct {
	// Set before the goroutines start, and constant afterwards.
	preparer
	manifest   Manifest
	node       string
	store      Store
	state      State
	now        func() time.Time
	log        *slog.Logger
	observe    Observer
	checkFiles func() error // returns a *Fault if a file of the log was deleted or replaced
	ring       *ring
	secondMin  int             // commands that must wait before a second commit is sent
	ctx        context.Context // ends after all stages have ended
	accepting  context.Context // ends when the ledger takes no more commands
	failed     <-chan struct{} // closed at the first fault

	// Shared; safe for concurrent use.
	live         *queue // the sequencer takes live commands before backfill
	backfill     *queue
	policy       atomic.Pointer[domain.Policy] // of the newest folded commit
	unknownSince atomic.Pointer[time.Time]     // the instant since which the outcome of the oldest commit is unknown; nil if no outcome is unknown

	// Between the stages.
	folding chan *layer
	idle    chan chan struct{} // foldCommits closes each channel that it receives, after it has folded the pending layers

	// Owned by foldCommits.
	oldestRetained string // at the time of the newest folded commit, "" before one

	// Owned by decideCommands.
	overlay  Overlay
	at       domain.Position // end of the newest closed commit
	time     time.Time       // of the newest closed commit
	inFlight []*layer        // sent and not known to be on disk, oldest first
	spare    []*layer        // folded and answered; newLayer reuses their memory
	requeued []*Ticket       // decided before the commands in the queues, in order of arrival
	resend   resend
}

// decideCommands decides the queued commands and sends them as commits until the ledger
// stops. It then finishes the queued commands and the commits in flight.
func (s *sequencer) decideCommands() error {
	for {
		if done, err := s.step(); done || err != nil {
			return err
		}
	}
}

// maySend reports whether another commit may be sent now. While a commit is in flight, fewer than
// secondMin commands wait for its outcome, so that more commands share the next sync. Each queue reports
// secondMin commands of its own, so that the two queues together may wait with up to twice as many.
func (s *sequencer) maySend() bool {
	return s.hasCapacity() && (len(s.inFlight) == 0 || s.waiting() >= s.secondMin)
}

// hasCapacity reports whether another commit may be sent once enough commands wait.
func (s *sequencer) hasCapacity() bool {
	return len(s.inFlight) < inFlightMax && !s.resend.isWaiting()
}

// step waits for one event and handles it. It handles the outcome of a commit before new
// commands, because duplicates, which need no commit, must not delay the outcome.
func (s *sequencer) step() (done bool, err error) {
	var outcome <-chan error
	if len(s.inFlight) > 0 && !s.resend.isWaiting() {
		outcome = s.inFlight[0].outcome
	}
	select {
	case err := <-outcome:
		return false, s.handleOutcome(err)
	default:
	}
	var live, backfill <-chan struct{}
	if s.maySend() && s.waiting() > 0 {
		return false, s.batch()
	}
	if s.hasCapacity() {
		live, backfill = s.live.ready, s.backfill.ready
	}
	stop := s.accepting.Done()
	if s.accepting.Err() != nil {
		if len(s.inFlight) == 0 && s.waiting() == 0 {
			return true, nil
		}
		stop = nil
	}
	select {
	case <-live:
	case <-backfill:
	case err := <-outcome:
		return false, s.handleOutcome(err)
	case <-s.resend.due():
		s.resendAll()
	case <-stop:
	case <-s.failed:
		return true, nil
	}
	return false, nil
}

// queued returns the number of commands in both queues. It is safe for concurrent use.
func (s *sequencer) queued() int { return s.live.size() + s.backfill.size() }

// waiting returns the number of commands that wait for a decision.
func (s *sequencer) waiting() int { return len(s.requeued) + s.queued() }

// batch decides waiting commands and sends their records as one commit. It takes at most
// CommitRecordsMax commands, because commands without a record, such as duplicates, must
// not delay the commit.
func (s *sequencer) batch() error {
	l := s.newLayer()
	l.begun = time.Now()
	s.overlay.layers = append(s.overlay.layers, l)
	for range CommitRecordsMax {
		t := s.take()
		if t == nil {
			break
		}
		fits, err := s.decide(l, t)
		if err != nil {
			return err
		}
		if !fits {
			s.requeued = slices.Insert(s.requeued, 0, t)
			break
		}
	}
	if len(l.commit.Records) == 0 {
		s.overlay.layers = s.overlay.layers[:len(s.overlay.layers)-1]
		s.spare = append(s.spare, l)
		return nil
	}
	s.send(l)
	return nil
}

// newLayer returns an empty layer. It reuses the memory of a spare layer.
func (s *sequencer) newLayer() *layer {
	s.spare = append(s.spare, s.overlay.drop()...)
	if len(s.spare) == 0 {
		return newLayer()
	}
	l := s.spare[len(s.spare)-1]
	s.spare = s.spare[:len(s.spare)-1]
	return l.reuse()
}

// take returns the next waiting command, or nil if no command waits.
func (s *sequencer) take() *Ticket {
	if len(s.requeued) > 0 {
		t := s.requeued[0]
		s.requeued = s.requeued[1:]
		return t
	}
	if t := s.live.take(); t != nil {
		return t
	}
	return s.backfill.take()
}
