package projections

import (
	"maps"
	"testing"
)

func TestTalliesCountAttempts(t *testing.T) {
	type attempt struct{ source, outcome, reason string }
	e, h := openHistory(t, 4)
	commands, buckets := map[attempt]int64{}, map[attempt]int64{}
	for _, r := range h.Records {
		for _, event := range r.Events {
			reason, ok := attemptEnd(event.Data)
			if !ok {
				continue
			}
			commands[attempt{r.Command.Source, event.Data.EventType(), reason}]++
			if r.Entities[0].Source() {
				buckets[attempt{string(r.Entities[0]), event.Data.EventType(), reason}]++
			}
		}
	}
	v, err := e.View(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	for by, want := range map[AttemptsBy]map[attempt]int64{BySource: commands, ByBucket: buckets} {
		got, last := map[attempt]int64{}, ""
		for source, tally := range v.Tallies(by, "") {
			if source < last {
				t.Errorf("source %q: got it after %q, want ascending sources", source, last)
			}
			got[attempt{source, tally.Outcome, tally.Reason}], last = tally.Count, source
		}
		if !maps.Equal(got, want) || v.Err() != nil {
			t.Errorf("tallies by %d: got %v, %v, want %v", by, got, v.Err(), want)
		}
	}
}
