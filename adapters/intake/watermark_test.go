package intake

import (
	"testing"
	"time"
)

// TestWatermark_ClockIsSet checks the watermark 10 s after it was set, for clocks that were
// set meanwhile. The monotonic reading of an instant shows the true duration.
func TestWatermark_ClockIsSet(t *testing.T) {
	at := time.Now()
	later := at.Add(10 * time.Second) // wall clock and monotonic clock agree
	for _, test := range []struct {
		name      string
		now, want time.Time
	}{
		{"clock unchanged", later, at},
		{"asked at once", at, at},
		{"now before the watermark", at.Add(-time.Second), at.Add(-time.Second)},
		{"clock without monotonic reading", later.Round(0), at},
		{"clock set back, without monotonic reading", at.Add(-time.Hour).Round(0), at.Add(-time.Hour)},
	} {
		var w watermark
		w.set(at)
		if got := w.before(test.now); !got.Equal(test.want.Round(0)) {
			t.Errorf("%s: got %v, want %v", test.name, got, test.want)
		}
		if got := w.before(later); !got.Equal(at.Round(0)) {
			t.Errorf("%s, second call: got %v, want %v", test.name, got, at)
		}
	}
}

func TestWatermark_NotSet(t *testing.T) {
	if got := new(watermark).before(time.Now()); !got.IsZero() {
		t.Errorf("watermark that was not set: got %v, want the zero time", got)
	}
}
