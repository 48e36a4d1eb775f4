package chart

import (
	"math"
	"time"
)

// Span maps instants to horizontal coordinates.
type Span struct{ From, Until time.Time }

// X returns the coordinate of an instant, at least 0 and at most [Width].
func (s Span) X(t time.Time) float64 {
	all := s.Until.Sub(s.From)
	if all <= 0 {
		return 0
	}
	return round(math.Max(0, math.Min(1, float64(t.Sub(s.From))/float64(all))) * Width)
}

// Contains reports whether an instant is in the span.
func (s Span) Contains(t time.Time) bool { return !t.Before(s.From) && !t.After(s.Until) }

// Period returns the rectangle of a period, cut to the span. The width is at least 1 unit. It
// reports false for a period outside of the span.
func (s Span) Period(from, until time.Time) (Rect, bool) {
	if until.Before(s.From) || from.After(s.Until) {
		return Rect{}, false
	}
	x := s.X(from)
	r := Rect{X: x, Width: round(math.Max(1, s.X(until)-x))}
	r.X = math.Min(r.X, Width-r.Width)
	return r, true
}

// steps are the distances of the ticks of a horizontal axis.
var steps = []time.Duration{
	time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 15 * time.Minute, 30 * time.Minute,
	time.Hour, 2 * time.Hour, 3 * time.Hour, 6 * time.Hour, 12 * time.Hour,
	24 * time.Hour, 2 * 24 * time.Hour, 7 * 24 * time.Hour, 14 * 24 * time.Hour, 30 * 24 * time.Hour,
	90 * 24 * time.Hour, 365 * 24 * time.Hour,
}

// Ticks returns at most most+1 ticks at round instants of UTC.
func (s Span) Ticks(most int) []Tick {
	all := s.Until.Sub(s.From)
	if all <= 0 || most < 1 {
		return nil
	}
	step := steps[len(steps)-1]
	for _, candidate := range steps {
		if all/candidate <= time.Duration(most) {
			step = candidate
			break
		}
	}
	if all/step > time.Duration(most) {
		step *= all/step/time.Duration(most) + 1
	}
	var ticks []Tick
	for t := s.From.Truncate(step); !t.After(s.Until); t = t.Add(step) {
		if t.Before(s.From) {
			continue
		}
		ticks = append(ticks, Tick{At: s.X(t), Time: t, Anchor: s.anchor(s.X(t)), IsMinor: len(ticks)%2 == 1})
	}
	return ticks
}

// Sizes of the labels on the narrowest screen, where the style sheet makes the font largest.
const (
	fontMax   = 22   // units
	charWidth = 0.56 // mean width of a digit, colon, hyphen or space, in parts of the font
)

// anchor returns the anchor of the label at x. A label that would leave the drawing if it were centred
// begins or ends at its tick.
func (s Span) anchor(x float64) string {
	half := float64(len(s.Format())) * fontMax * charWidth / 2
	switch {
	case x < half:
		return "start"
	case x > Width-half:
		return "end"
	}
	return "middle"
}

// Format returns the layout of the labels of an axis, as package time defines layouts.
func (s Span) Format() string {
	switch all := s.Until.Sub(s.From); {
	case all > 20*24*time.Hour:
		return "2006-01-02"
	case all > 36*time.Hour:
		return "01-02 15:04"
	}
	return "15:04"
}
