package webhooks

import (
	"context"
	"testing"
	"time"
)

// A clock that was ahead when an attempt failed, and was set right, keeps no delivery
// waiting until it is there again.
func TestClockSetBack(t *testing.T) {
	dir := t.TempDir()
	now, taken := time.Now().Add(1000*time.Hour), false
	for _, next := range []time.Duration{-1000 * time.Hour, 0} {
		o := options(dir)
		o.Now = func() time.Time { return now }
		d, err := OpenDeliverer(testEndpoint, Position{}, o)
		if err != nil {
			t.Fatal(err)
		}
		d.post = func(context.Context, *Event, time.Time) outcome { return outcome{taken: taken, status: 200} }
		e := event(1)
		if done, _, err := d.attempt(t.Context(), &e); done != taken || err != nil {
			t.Errorf("done: %t, want %t, %v", done, taken, err)
		}
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
		now, taken = now.Add(next), true
	}
}
