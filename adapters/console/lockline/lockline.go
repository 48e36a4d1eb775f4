// Package lockline draws the lockout of a user on a time line: each attempt, the window in which failures
// count, and each lockout with its end.
//
// The package reads no record, and it knows no language and no colour.
//
// # Decisions
//
//   - Attempts that would overlap form a stack above the axis, and lockouts have a band below it, so that ten
//     failures within a second are ten marks. Given up: marks in the order of the seconds of a burst.
package lockline

import (
	"slices"
	"time"

	"authledger/adapters/console/chart"
)

// State is the lockout state of a user at an instant.
type State struct {
	Now      time.Time
	Window   time.Duration // in which failures count
	Locked   bool
	Since    time.Time   // of the lockout
	Until    time.Time   // zero for a lockout that only support ends
	Failures []time.Time // counted failures, the oldest first
}

// Entry is an event of the time line.
type Entry struct {
	At   time.Time
	Kind string // failure, success, refused, locked, extended, expired, released
	Seq  uint64
}

// Line is the drawing of failures, lockouts and their ends.
type Line struct {
	Height, Middle float64
	Ticks          []chart.Tick
	Format         string // of the labels of the ticks
	Window         *chart.Rect
	Lockouts       []chart.Rect
	Marks          []chart.Mark
	NowX, EndX     float64
	HasEnd         bool
	Entries        []Entry // the newest first
	IsCut          bool    // the caller passed only the newest entries
}

// Sizes of the drawing, in units.
const (
	height    = 138
	middle    = 96 // the axis: attempts are above it, lockouts below it
	band      = 18 // height of a lockout
	stackStep = 9  // distance of two marks that would overlap
	stackMax  = 9  // marks above the first one; further marks cover the last one
	margins   = 20 // the margin is one of this number of parts of the span
	ticksMax  = 6
)

// Draw returns the drawing of the window before the moment and of the lockout that is in force. The
// entries are ordered from the oldest to the newest, and title returns the text of a mark. Draw returns
// nil if the drawing would contain no entry and no lockout.
func Draw(s *State, entries []Entry, title func(*Entry) string) *Line {
	span := s.span()
	l := &Line{Height: height, Middle: middle, Ticks: span.Ticks(ticksMax), Format: span.Format(),
		NowX: span.X(s.Now)}
	l.addLockouts(span, s, entries)
	for i := range entries {
		e := &entries[i]
		if !span.Contains(e.At) {
			continue
		}
		l.Entries = append(l.Entries, *e)
		m := chart.Mark{Class: "mark-" + e.Kind, X: span.X(e.At), Title: title(e)}
		m.Y = l.above(e.Kind, m.X)
		l.Marks = append(l.Marks, m)
	}
	if len(l.Entries) == 0 && !s.Locked {
		return nil
	}
	slices.Reverse(l.Entries)
	if n := len(s.Failures); n > 0 {
		newest := s.Failures[n-1]
		if r, ok := span.Period(newest.Add(-s.Window), newest); ok {
			l.Window = &r
		}
	}
	if l.HasEnd = s.Locked && !s.Until.IsZero(); l.HasEnd {
		l.EndX = span.X(s.Until)
	}
	return l
}

// span returns the period of the drawing: the window, the counted failures and the lockout, with a margin.
func (s *State) span() chart.Span {
	span := chart.Span{From: s.Now.Add(-s.Window), Until: s.Now}
	begins := s.Failures
	if s.Locked {
		begins = append(slices.Clone(begins), s.Since)
		if s.Until.After(s.Now) {
			span.Until = s.Until
		}
	}
	for _, at := range begins {
		if at.Before(span.From) {
			span.From = at
		}
	}
	margin := span.Until.Sub(span.From)/margins + time.Second
	return chart.Span{From: span.From.Add(-margin), Until: span.Until.Add(margin)}
}

// above returns the vertical coordinate of the next mark. Marks of attempts that would overlap
// form a stack above the axis. Marks of lockouts are on the band below it.
func (l *Line) above(kind string, x float64) float64 {
	switch kind {
	case "locked", "extended", "expired", "released":
		return middle + band/2
	}
	stack := 0
	for _, m := range l.Marks {
		if m.Y < middle && x-m.X < stackStep {
			stack++
		}
	}
	return middle - stackStep/2 - 1 - stackStep*float64(min(stack, stackMax))
}

// addLockouts adds the periods of the lockouts. A lockout that no event ends lasts until its
// end, or until the end of the drawing.
func (l *Line) addLockouts(span chart.Span, s *State, entries []Entry) {
	var begun time.Time
	add := func(from, until time.Time) {
		if r, ok := span.Period(from, until); ok {
			r.Class, r.Y, r.Height = "lockout", middle, band
			l.Lockouts = append(l.Lockouts, r)
		}
	}
	for _, e := range entries {
		switch {
		case e.Kind == "locked":
			begun = e.At
		case (e.Kind == "expired" || e.Kind == "released") && !begun.IsZero():
			add(begun, e.At)
			begun = time.Time{}
		}
	}
	switch {
	case s.Locked && s.Until.IsZero():
		add(s.Since, span.Until)
	case s.Locked:
		add(s.Since, s.Until)
	}
}
