package node

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

const (
	paceBlock     = 1 << 20 // bytes of one read or write
	paceBlockTime = time.Second * paceBlock / backupRate
)

// paced returns the time that a backup takes to read or write blocks.
func paced(t *testing.T, p *pace, blocks int) time.Duration {
	t.Helper()
	begun := time.Now()
	for range blocks {
		if err := p.wait(t.Context(), paceBlock); err != nil {
			t.Fatal(err)
		}
	}
	return time.Since(begun)
}

// TestPace_BoundsTheRate runs on a clock that only the pauses advance.
func TestPace_BoundsTheRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPace()
		const blocks = 4 * backupRate / paceBlock
		if took := paced(t, p, blocks); took < 4*time.Second-paceSlice || took > 4*time.Second {
			t.Errorf("bytes of four seconds: got %v, want four seconds", took)
		}
		time.Sleep(time.Minute) // a stall of the disk
		ahead := creditMax + paceBlockTime + paceSlice
		if took := paced(t, p, blocks); took < 4*time.Second-ahead {
			t.Errorf("bytes of four seconds after a stall: got %v, want at most %v less", took, ahead)
		}
	})
}

func TestPace_EndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := newPace().wait(ctx, backupRate); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want the error of the context", err)
		}
	})
}
