package main

import (
	"context"
	"iter"
	"time"

	"authledger/cmd/internal/loadgen"
	"authledger/cmd/internal/node"
	"authledger/domain"
)

// The bounds of the pause between two commands after the day of a demonstration. The generator has
// longer pauses at night, and shorter ones with many users.
const (
	demoPauseMin = 100 * time.Millisecond
	demoPauseMax = 2 * time.Second
)

// dayBefore returns the commands of a demonstration that arrive before end.
func (d *demo) dayBefore(end time.Time) iter.Seq[domain.Command] {
	return func(yield func(domain.Command) bool) {
		for at, c := range loadgen.Onward(d.seed, end, d.users) {
			if !at.Before(end) || !yield(c) {
				return
			}
		}
	}
}

// goOn decides the commands that follow the day before end, each at the present time, until ctx ends.
func (p *program) goOn(ctx context.Context, d *demo, n *node.Node, end time.Time) {
	last := end
	for at, c := range loadgen.Onward(d.seed, end, d.users) {
		if at.Before(end) {
			continue
		}
		if !wait(ctx, min(max(at.Sub(last), demoPauseMin), demoPauseMax)) {
			return
		}
		last, c.Time, c.Backfill = at, p.now().UTC(), false
		if _, err := n.Ledger.Do(ctx, c); err != nil {
			if ctx.Err() == nil {
				p.log.Warn("the traffic of the demonstration has ended", "cause", err)
			}
			return
		}
	}
}

// wait waits for a duration. It reports false if ctx ends first.
func wait(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
