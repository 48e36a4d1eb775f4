package chart

import (
	"testing"
	"time"
)

// TestLabelsFit checks, at every hour of a day and for spans from a minute to ten years, that no label
// leaves the drawing or touches the next one, with each size of font that the style sheet sets.
func TestLabelsFit(t *testing.T) {
	const day = 24 * time.Hour
	for _, most := range []int{6, 8} {
		for length := time.Minute; length < 10*365*day; length += length/7 + time.Second {
			if most > 6 && length > day {
				break // the overview alone draws 8 ticks, and it shows at most a day
			}
			for at := noon; at.Before(noon.Add(day)); at = at.Add(53 * time.Minute) {
				s := Span{at, at.Add(length)}
				checkLabels(t, s, s.Ticks(most))
				if t.Failed() {
					return
				}
			}
		}
	}
}

// checkLabels checks the labels on a narrow screen, which omits the minor ones, and on a wider one.
func checkLabels(t *testing.T, s Span, ticks []Tick) {
	t.Helper()
	for _, screen := range []struct {
		font      float64
		hasMinors bool
	}{{fontMax, false}, {11, true}} {
		width := float64(len(s.Format())) * screen.font * charWidth
		free := 0.0
		for _, tick := range ticks {
			if tick.IsMinor && !screen.hasMinors {
				continue
			}
			left := tick.At - width/2
			switch tick.Anchor {
			case "start":
				left = tick.At
			case "end":
				left = tick.At - width
			}
			const rounding = 0.01
			if left < free-rounding || left+width > Width+rounding {
				t.Errorf("%s of %v, font %v: label %s from %.1f to %.1f, want it within %.1f and %d", s.From,
					s.Until.Sub(s.From), screen.font, tick.Time.Format(s.Format()), left, left+width, free, Width)
			}
			free = left + width
		}
	}
}
