package chart

import (
	"testing"
	"time"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

func TestScaleIsRound(t *testing.T) {
	for _, c := range []struct{ greatest, max float64 }{
		{0, 1}, {1, 1}, {3, 3}, {4, 4}, {7, 10}, {10, 10}, {42, 60}, {150, 150}, {1_234_567, 1_500_000},
	} {
		s := NewScale(c.greatest, 0, 100)
		if s.Max != c.max || s.Y(0) != 100 || s.Y(s.Max) != 0 {
			t.Errorf("scale of %v: got max %v, y of 0 %v, y of max %v, want max %v, 100, 0",
				c.greatest, s.Max, s.Y(0), s.Y(s.Max), c.max)
		}
		if len(s.Ticks) == 0 || len(s.Ticks) > 5 {
			t.Errorf("scale of %v: got %d ticks, want 1 to 5", c.greatest, len(s.Ticks))
		}
	}
}

func TestTicksAreAtRoundInstants(t *testing.T) {
	for name, c := range map[string]struct {
		length time.Duration
		first  string
		count  int
	}{
		"an hour":      {time.Hour, "12:00", 7},
		"a day":        {24 * time.Hour, "12:00", 9},
		"three years":  {3 * 365 * 24 * time.Hour, "00:00", 3},
		"thirty years": {30 * 365 * 24 * time.Hour, "00:00", 8},
	} {
		t.Run(name, func(t *testing.T) {
			ticks := Span{noon, noon.Add(c.length)}.Ticks(8)
			if len(ticks) == 0 || len(ticks) > 9 {
				t.Fatalf("got %d ticks, want 1 to 9", len(ticks))
			}
			if got := ticks[0].Time.Format("15:04"); got != c.first {
				t.Errorf("first tick: got %s, want %s", got, c.first)
			}
		})
	}
	if got := (Span{noon, noon}).Ticks(8); got != nil {
		t.Errorf("ticks of an empty span: got %v, want none", got)
	}
}

func TestPeriodIsCutToTheSpan(t *testing.T) {
	day := Span{noon, noon.Add(24 * time.Hour)}
	for name, c := range map[string]struct {
		from, until time.Duration
		x, width    float64
		ok          bool
	}{
		"inside":             {6 * time.Hour, 12 * time.Hour, 180, 180, true},
		"over both ends":     {-time.Hour, 48 * time.Hour, 0, 720, true},
		"an instant":         {24 * time.Hour, 24 * time.Hour, 719, 1, true},
		"before the span":    {-2 * time.Hour, -time.Hour, 0, 0, false},
		"after the end":      {25 * time.Hour, 26 * time.Hour, 0, 0, false},
		"an end before from": {12 * time.Hour, 6 * time.Hour, 360, 1, true},
	} {
		t.Run(name, func(t *testing.T) {
			r, ok := day.Period(noon.Add(c.from), noon.Add(c.until))
			if r.X != c.x || r.Width != c.width || ok != c.ok {
				t.Errorf("got x %v, width %v, %v, want %v, %v, %v", r.X, r.Width, ok, c.x, c.width, c.ok)
			}
		})
	}
}

func TestColumnsStack(t *testing.T) {
	p := Columns(noon, time.Minute, []Series{{"a", []int64{1, 0, 2}}, {"b", []int64{2, 0, 1}}},
		func(int) string { return "title" })
	if len(p.Columns) != 4 {
		t.Fatalf("got %d columns, want 4: a value of 0 has none", len(p.Columns))
	}
	a, b := p.Columns[0], p.Columns[1]
	if round(a.Y+a.Height) != plotBottom || round(b.Y+b.Height) != a.Y || b.Y != plotTop {
		t.Errorf("stack of 1 and 2: got y %v + %v and %v + %v, want the second on the first, up to %d",
			a.Y, a.Height, b.Y, b.Height, plotTop)
	}
}

func TestLineOfOneValueIsEmpty(t *testing.T) {
	if p := Line([]time.Time{noon}, []int64{5}); p.Line != "" {
		t.Errorf("got line %q, want none", p.Line)
	}
	p := Line([]time.Time{noon, noon.Add(time.Hour)}, []int64{0, 3})
	if want := "0,196 720,14"; p.Line != want {
		t.Errorf("got line %q, want %q", p.Line, want)
	}
}
