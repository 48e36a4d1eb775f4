package console

import (
	"slices"
	"time"

	"authledger/adapters/console/chart"
	"authledger/domain"
	"authledger/projections/queries"
)

// lockoutPart is the lockout state of a user, with the time line of failures and lockouts.
type lockoutPart struct {
	queries.Lockout
	Limit  int64 // failures that lock the user out
	Window time.Duration
	Line   *lockLine // nil if there is nothing to draw
	Acts   []actLink
}

// lockLine is the drawing of failures, lockouts and their ends.
type lockLine struct {
	Height, Middle float64
	Ticks          []chart.Tick
	Format         string // of the labels of the ticks
	Window         *chart.Rect
	Lockouts       []chart.Rect
	Marks          []chart.Mark
	NowX, EndX     float64
	HasEnd         bool
	Entries        []lockEntry // the newest first
	IsCut          bool        // the part reads only the newest records
}

// lockEntry is an event of the time line.
type lockEntry struct {
	At   time.Time
	Kind string // failure, success, refused, locked, extended, expired, released
	Seq  uint64
}

// Sizes of the drawing, in units.
const (
	lineHeight = 138
	lineMiddle = 96 // the axis: attempts are above it, lockouts below it
	lineBand   = 18 // height of a lockout
	lineStack  = 9  // distance of two marks that would overlap
	stackMax   = 9  // marks above the first one; further marks cover the last one
	lineMargin = 20 // the margin is one of this number of parts of the span
)

func (v *visit) addLockout(b *userBody) error {
	found, err := v.Queries.Lockout(v.r.Context(), b.User, v.moment.at, v.moment.seq())
	if err != nil {
		return err
	}
	policy, _, err := v.Queries.PolicyAt(v.r.Context(), v.moment.seq())
	if err != nil {
		return err
	}
	p := &lockoutPart{Lockout: found, Limit: policy.Failures, Window: policy.FailureWindow()}
	if b.Lockout = p; p.Locked {
		p.Acts = v.linkNow([]string{b.User}, &identityVerify, &lockoutRelease)
	}
	entries, isCut, err := v.lockEntries(b.User, p)
	if err != nil {
		return err
	}
	p.Line = v.drawLockouts(p, entries)
	if p.Line != nil {
		p.Line.IsCut = isCut
	}
	return nil
}

// lockEntries returns the events of the time line, the oldest first. Without the right to
// read the timeline, it returns the failures and the lockout of the state.
func (v *visit) lockEntries(user string, p *lockoutPart) (all []lockEntry, isCut bool, err error) {
	if !v.may("timeline") {
		for _, at := range p.FailureTimes {
			all = append(all, lockEntry{At: at, Kind: "failure"})
		}
		if p.Locked {
			all = append(all, lockEntry{At: p.Since, Kind: "locked"})
		}
		return all, false, nil
	}
	found, err := v.Queries.Newest(v.r.Context(), queries.Back{
		Entity: domain.UserEntity(user), Until: v.moment.until, AsOf: v.moment.seq(), Limit: eventsDrawn,
		Scan: eventsDrawn,
	})
	if err != nil {
		return nil, false, err
	}
	for i := len(found.Records) - 1; i >= 0; i-- {
		r := &found.Records[i]
		for j := range r.Events {
			e := &r.Events[j]
			if kind := lockKind(e.Data); kind != "" && (e.Entity == "" ||
				e.Entity == domain.UserEntity(user)) {
				all = append(all, lockEntry{e.At, kind, r.Seq})
			}
		}
	}
	return all, found.Next > 0, nil
}

// lockKind returns the kind of an entry, "" for an event that the time line does not show.
func lockKind(data domain.EventData) string {
	switch e := data.(type) {
	case *domain.LoginFailed:
		if domain.CountsAsFailure(e.Reason) {
			return "failure"
		}
	case *domain.LoginSucceeded:
		return "success"
	case *domain.LoginRefused:
		return "refused"
	case *domain.LockoutStarted:
		return "locked"
	case *domain.LockoutExtended:
		return "extended"
	case *domain.LockoutExpired:
		return "expired"
	case *domain.LockoutReleased:
		return "released"
	}
	return ""
}

// drawLockouts returns the drawing of the window before the moment and of the lockout that
// is in force. It returns nil if the window contains no failure and no lockout.
func (v *visit) drawLockouts(p *lockoutPart, entries []lockEntry) *lockLine {
	now := v.moment.at
	span := chart.Span{From: now.Add(-p.Window), Until: now}
	if p.Locked {
		span.From = earlier(span.From, p.Since)
		if p.Until.After(now) {
			span.Until = p.Until
		}
	}
	for _, at := range p.FailureTimes {
		span.From = earlier(span.From, at)
	}
	margin := span.Until.Sub(span.From)/lineMargin + time.Second
	span = chart.Span{From: span.From.Add(-margin), Until: span.Until.Add(margin)}
	l := &lockLine{Height: lineHeight, Middle: lineMiddle, Ticks: span.Ticks(6), Format: tickFormat(span),
		NowX: span.X(now)}
	l.addLockouts(span, p, entries, now)
	for _, e := range entries {
		if !span.Contains(e.At) {
			continue
		}
		l.Entries = append(l.Entries, e)
		m := chart.Mark{Class: "mark-" + e.Kind, X: span.X(e.At), Title: v.text.Name("mark",
			e.Kind) + ", " + v.text.Instant(e.At)}
		m.Y = l.above(e.Kind, m.X)
		l.Marks = append(l.Marks, m)
	}
	if len(l.Entries) == 0 && !p.Locked {
		return nil
	}
	slices.Reverse(l.Entries)
	if n := len(p.FailureTimes); n > 0 {
		newest := p.FailureTimes[n-1]
		if r, ok := span.Period(newest.Add(-p.Window), newest); ok {
			l.Window = &r
		}
	}
	if l.HasEnd = p.Locked && !p.Until.IsZero(); l.HasEnd {
		l.EndX = span.X(p.Until)
	}
	return l
}

// above returns the vertical coordinate of the next mark. Marks of attempts that would overlap
// form a stack above the axis. Marks of lockouts are on the band below it.
func (l *lockLine) above(kind string, x float64) float64 {
	switch kind {
	case "locked", "extended", "expired", "released":
		return lineMiddle + lineBand/2
	}
	stack := 0
	for _, m := range l.Marks {
		if m.Y < lineMiddle && x-m.X < lineStack {
			stack++
		}
	}
	return lineMiddle - lineStack/2 - 1 - lineStack*float64(min(stack, stackMax))
}

// addLockouts adds the periods of the lockouts. A lockout that no event ends lasts until its
// end, or until the end of the drawing.
func (l *lockLine) addLockouts(span chart.Span, p *lockoutPart, entries []lockEntry, now time.Time) {
	var begun time.Time
	add := func(from, until time.Time) {
		if r, ok := span.Period(from, until); ok {
			r.Class, r.Y, r.Height = "lockout", lineMiddle, lineBand
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
	case p.Locked && p.Until.IsZero():
		add(p.Since, span.Until)
	case p.Locked:
		add(p.Since, p.Until)
	}
}

// tickFormat returns the layout of the labels of an axis.
func tickFormat(span chart.Span) string {
	switch all := span.Until.Sub(span.From); {
	case all > 20*24*time.Hour:
		return "2006-01-02"
	case all > 36*time.Hour:
		return "01-02 15:04"
	}
	return "15:04"
}
