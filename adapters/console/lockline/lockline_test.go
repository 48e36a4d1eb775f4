package lockline

import (
	"slices"
	"testing"
	"time"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

func kindOf(e *Entry) string { return e.Kind }

// TestDraw_LockedUser checks the stack of the failures, and the band of the lockout up to its end.
func TestDraw_LockedUser(t *testing.T) {
	s := &State{Now: noon, Window: 24 * time.Hour, Locked: true, Since: noon.Add(-time.Minute),
		Until: noon.Add(23 * time.Hour)}
	var entries []Entry
	for i := range 3 {
		at := noon.Add(time.Duration(i-10) * time.Second)
		s.Failures = append(s.Failures, at)
		entries = append(entries, Entry{At: at, Kind: "failure", Seq: uint64(i)})
	}
	entries = append(entries, Entry{At: s.Since, Kind: "locked", Seq: 3},
		Entry{At: noon.Add(-100 * time.Hour), Kind: "success"})
	l := Draw(s, entries, kindOf)
	var heights []float64
	for _, m := range l.Marks {
		heights = append(heights, m.Y)
	}
	const first = middle - stackStep/2 - 1
	want := []float64{first, first - stackStep, first - 2*stackStep, middle + band/2}
	if !slices.Equal(heights, want) {
		t.Errorf("heights of the marks: got %v, want %v", heights, want)
	}
	if l.Entries[0].Kind != "locked" || len(l.Entries) != 4 {
		t.Errorf("got entries %v, want the newest first, without the one before the drawing", l.Entries)
	}
	if len(l.Lockouts) != 1 || !l.HasEnd || l.EndX != l.Lockouts[0].X+l.Lockouts[0].Width || l.NowX >= l.EndX {
		t.Errorf("got lockouts %v with the end at %v, want one that ends there, after %v", l.Lockouts, l.EndX,
			l.NowX)
	}
	if l.Window == nil || l.Window.X >= l.NowX {
		t.Errorf("got the window %v, want one before %v", l.Window, l.NowX)
	}
}

func TestDraw_OtherStates(t *testing.T) {
	day := 24 * time.Hour
	over := []Entry{{At: noon.Add(-3 * time.Hour), Kind: "locked"}, {At: noon.Add(-time.Hour), Kind: "released"}}
	for _, test := range []struct {
		name     string
		state    State
		entries  []Entry
		isDrawn  bool
		lockouts int
		hasEnd   bool
	}{
		{"no entry", State{}, nil, false, 0, false},
		{"entry before the window", State{}, []Entry{{At: noon.Add(-2 * day), Kind: "failure"}}, false, 0, false},
		{"released lockout", State{}, over, true, 1, false},
		{"lockout without an end", State{Locked: true, Since: noon}, nil, true, 1, false},
		{"lockout before the window", State{Locked: true, Since: noon.Add(-9 * day)}, nil, true, 1, false},
		{"lockout after another one", State{Locked: true, Since: noon, Until: noon.Add(day)}, over, true, 2, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.state.Now, test.state.Window = noon, day
			l := Draw(&test.state, test.entries, kindOf)
			if (l != nil) != test.isDrawn {
				t.Fatalf("got a drawing %v, want %v", l != nil, test.isDrawn)
			}
			if l != nil && (len(l.Lockouts) != test.lockouts || l.HasEnd != test.hasEnd) {
				t.Errorf("got %d lockouts and an end %v, want %d and %v", len(l.Lockouts), l.HasEnd,
					test.lockouts, test.hasEnd)
			}
			if l != nil && l.Lockouts[0].X <= 0 {
				t.Errorf("got the first lockout at %v, want its beginning in the drawing", l.Lockouts[0].X)
			}
		})
	}
}
