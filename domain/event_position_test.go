package domain

import (
	"testing"

	"pgregory.net/rapid"
)

func TestParseEventPosition_AcceptsOnlyFormattedPositions(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := EventPosition{rapid.Uint64Range(0, 1<<63-1).Draw(t, "seq"), rapid.IntRange(0, 1<<20).Draw(t, "event")}
		if got, err := ParseEventPosition(p.String()); got != p || err != nil {
			t.Fatalf("got %v, %v, want %v", got, err, p)
		}
	})
	for _, text := range []string{
		"", "1", "1.", ".1", "1.-1", "01.0", "1.00", "+1.0", "1.0.0", " 1.0", "1.0\n", "99999999999999999999.0",
	} {
		if p, err := ParseEventPosition(text); err == nil {
			t.Errorf("ParseEventPosition(%q): got %v, want an error", text, p)
		}
	}
}

func TestEventPositionBefore(t *testing.T) {
	ascending := []EventPosition{{}, AfterRecord(0), {Seq: 1}, {Seq: 1, Event: 1}, AfterRecord(1), {Seq: 2}}
	for i, p := range ascending {
		for j, q := range ascending {
			if got, want := p.Before(q), i < j; got != want {
				t.Errorf("%v before %v: got %t, want %t", p, q, got, want)
			}
		}
	}
}
