package webhooks

import (
	"context"
	"testing"
	"time"

	"authledger/domain"
)

// A clock that was ahead during a failed attempt and then set back does not delay the next
// attempt.
func TestClockSetBack(t *testing.T) {
	dir := t.TempDir()
	now, accepted := time.Now().Add(1000*time.Hour), false
	for _, next := range []time.Duration{-1000 * time.Hour, 0} {
		o := options(dir)
		o.Now = func() time.Time { return now }
		d, err := OpenDeliverer(testEndpoint, domain.EventPosition{}, o)
		if err != nil {
			t.Fatal(err)
		}
		d.post = func(context.Context, *Event, time.Time) outcome {
			return outcome{accepted: accepted, status: 200}
		}
		e := event(1)
		if done, _, err := d.attempt(t.Context(), &e); done != accepted || err != nil {
			t.Errorf("attempt: got done %t, %v, want %t", done, err, accepted)
		}
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
		now, accepted = now.Add(next), true
	}
}
