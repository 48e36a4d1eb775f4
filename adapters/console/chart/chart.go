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
