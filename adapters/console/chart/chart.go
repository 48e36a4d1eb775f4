// Package chart computes the shapes of the console's charts. The templates of the console
// draw them as SVG, and a style sheet gives each class its colour.
//
// The package knows no ledger, no language and no colour, and writes no markup.
//
// # Decisions
//
//   - Shapes are numbers in a coordinate system of 720 units, so that a chart has one size in
//     markup and fits every screen. Given up: shapes on whole pixels.
//   - Labels of the vertical axis are inside of the plot, above their lines, because a larger
//     font on a narrow screen then needs no wider margin.
//   - Charts come from this package and not from a library, because libraries set colours in
//     style attributes, which the console's content security policy forbids.
package chart

import (
	"math"
	"time"
)

// Width is the width of every chart, in units of its coordinate system.
const Width = 720

// Rect is a rectangle.
type Rect struct {
	Class               string
	X, Y, Width, Height float64
	Title               string // shown by the browser for a mouse pointer
}

// Mark is a point or a vertical line.
type Mark struct {
	Class string
	X, Y  float64
	Title string
}

// Tick is a line of an axis with its label.
type Tick struct {
	At      float64 // coordinate
	Value   float64 // of a vertical axis
	Label   string  // of a vertical axis, which the caller sets
	Time    time.Time
	Anchor  string // of the label: start, middle or end
	IsMinor bool   // a narrow screen omits the label
}

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
		ticks = append(ticks, Tick{At: s.X(t), Time: t, Anchor: anchor(s.X(t)), IsMinor: len(ticks)%2 == 1})
	}
	return ticks
}

// edge is the distance from an edge within which a label is not centred.
const edge = 24

func anchor(x float64) string {
	switch {
	case x < edge:
		return "start"
	case x > Width-edge:
		return "end"
	}
	return "middle"
}

// Scale maps values to vertical coordinates.
type Scale struct {
	Max         float64 // the highest tick, at least the greatest value
	Top, Bottom float64 // coordinates of Max and of 0
	Ticks       []Tick
}

// ticksWanted is the number of intervals of a vertical axis that NewScale aims at.
const ticksWanted = 3

// NewScale returns a scale from 0 to a round number that is at least the greatest value.
func NewScale(greatest, top, bottom float64) Scale {
	step := niceStep(math.Max(greatest, 1) / ticksWanted)
	s := Scale{Max: math.Max(step, math.Ceil(greatest/step)*step), Top: top, Bottom: bottom}
	for v := step; v <= s.Max+step/2; v += step {
		s.Ticks = append(s.Ticks, Tick{At: s.Y(v), Value: v})
	}
	return s
}

// niceStep returns the smallest of 1, 2 and 5 times a power of ten that is at least raw, and
// at least 1, because the console counts whole things.
func niceStep(raw float64) float64 {
	if raw <= 1 {
		return 1
	}
	power := math.Pow(10, math.Floor(math.Log10(raw)))
	for _, m := range []float64{1, 2, 5, 10} {
		if step := m * power; step >= raw*(1-1e-9) {
			return step
		}
	}
	return 10 * power
}

// Y returns the coordinate of a value.
func (s Scale) Y(value float64) float64 {
	return round(s.Bottom - (s.Bottom-s.Top)*math.Min(1, value/s.Max))
}

// Share returns the width of a bar in units of [Width] for a part of a whole.
func Share(part, whole float64) float64 {
	if whole <= 0 || part <= 0 {
		return 0
	}
	return round(math.Max(2, math.Min(1, part/whole)*Width))
}

// round keeps two decimals, so that the markup is short.
func round(x float64) float64 { return math.Round(x*100) / 100 }

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
