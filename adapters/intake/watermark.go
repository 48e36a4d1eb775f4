package intake

import (
	"sync/atomic"
	"time"
)

// watermark is the instant, by the ledger's clock, before which every stored message has
// its verdict. The zero watermark is before all instants. It is safe for concurrent use.
type watermark struct{ at atomic.Pointer[time.Time] }

// set moves the watermark to an instant that the ledger's clock showed.
func (w *watermark) set(at time.Time) { w.at.Store(&at) }

// before returns the watermark for a ledger whose clock shows now. It is never after now.
// If the clock was set back after the call of set, the watermark moves back by the same
// duration. The clock then shows the same instants a second time, and messages may have
// been stored at them. The monotonic readings of both instants show the duration.
func (w *watermark) before(now time.Time) time.Time {
	at := w.at.Load()
	if at == nil {
		return time.Time{}
	}
	age := max(0, now.Sub(*at))
	if moved := now.Round(0).Add(-age); moved.Before(at.Round(0)) {
		return moved
	}
	return at.Round(0)
}

// Watermark returns the instant, at most now, before which every stored message has its
// verdict. now is an instant of the ledger's clock. The ledger records no deadline after
// the watermark, so that deadlines wait for earlier commands, also while the NATS server
// can't be reached.
func (in *Intake) Watermark(now time.Time) time.Time { return in.watermark.before(now) }
