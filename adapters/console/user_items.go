package console

import (
	"slices"
	"time"

	"authledger/adapters/console/chart"
	"authledger/domain"
	"authledger/projections/queries"
)

// devicesPart is the devices of a user with their life spans.
type devicesPart struct {
	Rows []deviceRow
	More bool
	Span chart.Span

	From, Until string // the ends of the span
}

type deviceRow struct {
	queries.Device
	Strip  []chart.Rect
	States []queries.LifeState
}

func (v *visit) addDevices(b *userBody) error {
	ctx := v.r.Context()
	found, err := v.Queries.Devices(ctx, b.User, v.moment.at, v.moment.seq(), queries.Page{Limit: itemsShown})
	if err != nil {
		return err
	}
	lives, err := v.Queries.Lives(ctx, b.User, domain.DeviceItem, v.moment.at, v.moment.seq(), itemsShown)
	if err != nil {
		return err
	}
	p := &devicesPart{More: found.More, Span: chart.Span{From: v.moment.at, Until: v.moment.at}}
	states := make(map[string][]queries.LifeState)
	for i := range lives {
		if len(lives[i].States) > 0 {
			states[lives[i].ID] = lives[i].States
			p.Span.From = earlier(p.Span.From, lives[i].States[0].From)
		}
	}
	for _, d := range found.Devices {
		p.Span.From = earlier(p.Span.From, d.Since)
	}
	p.Span.From = p.Span.From.Add(-time.Minute) // so that the span is never empty
	for _, d := range found.Devices {
		row := deviceRow{Device: d, States: states[d.ID]}
		if row.States == nil || d.SharedFrom != "" { // a borrowed device has no history of its own
			row.States = []queries.LifeState{{State: d.State, From: d.Since}}
		}
		row.Strip = v.strip(p.Span, row.States)
		p.Rows = append(p.Rows, row)
	}
	format := p.Span.Format()
	p.From, p.Until = p.Span.From.UTC().Format(format), p.Span.Until.UTC().Format(format)
	b.Devices = p
	return nil
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// strip returns the states of an item as rectangles of a span.
func (v *visit) strip(span chart.Span, states []queries.LifeState) (all []chart.Rect) {
	for _, s := range states {
		until := s.Until
		if until.IsZero() {
			until = span.Until
		}
		r, ok := span.Period(s.From, until)
		if !ok {
			continue
		}
		r.Class = "state-" + s.State
		if s.IsPlanned {
			r.Class += " planned"
		}
		r.Title = v.stateText(s)
		all = append(all, r)
	}
	return all
}

// stateText returns a state with its period.
func (v *visit) stateText(s queries.LifeState) string {
	name := v.text.Name("state", s.State)
	if s.Until.IsZero() {
		return v.text.T("state.since", name, v.text.Instant(s.From))
	}
	return v.text.T("state.period", name, v.text.Instant(s.From), v.text.Instant(s.Until))
}

// codeRow is a code of a user with its stages.
type codeRow struct {
	ID, Kind, State string
	Issued, Until   time.Time
	Strip           []chart.Rect // of codes that live longer than a day
	At              float64      // coordinate of the moment
	States          []queries.LifeState
	Acts            []actLink
}

func (v *visit) addCodes(b *userBody) error {
	lives, err := v.Queries.Lives(v.r.Context(), b.User, domain.CodeItem, v.moment.at, v.moment.seq(),
		itemsShown)
	if err != nil {
		return err
	}
	b.Codes = []codeRow{}
	for i := len(lives) - 1; i >= 0; i-- {
		l := &lives[i]
		if len(l.States) == 0 {
			continue
		}
		now := l.Now()
		row := codeRow{ID: l.ID, Kind: l.Kind, State: now.State, Issued: l.States[0].From, Until: now.Until,
			States: l.States}
		if row.Until.IsZero() {
			row.Until = now.From
		}
		if slices.Contains(liveStates, row.State) {
			row.Acts = v.linkNow([]string{b.User, row.ID}, &codeRevoke)
		}
		if l.Kind == domain.TempPasscode || l.Kind == domain.OnlineCard {
			span := chart.Span{From: row.Issued, Until: l.States[len(l.States)-1].Until}
			if span.Until.IsZero() { // a final state lasts
				span.Until = v.moment.at
			}
			row.Strip, row.At = v.strip(span, l.States), span.X(v.moment.at)
		}
		b.Codes = append(b.Codes, row)
	}
	return nil
}

// sharingRow is a sharing of a device between the user and another user.
type sharingRow struct {
	queries.Sharing
	Other   string
	IsOwner bool
	Acts    []actLink
}

func (v *visit) addSharings(b *userBody) error {
	found, err := v.Queries.Sharings(v.r.Context(), b.User, v.moment.at, v.moment.seq(),
		queries.Page{Limit: itemsShown})
	if err != nil {
		return err
	}
	b.Sharings = []sharingRow{}
	for _, s := range found.Sharings {
		row := sharingRow{Sharing: s, Other: s.Owner}
		if s.Owner == b.User {
			row.Other, row.IsOwner = s.Requester, true
		}
		if s.State == domain.Pending {
			row.Acts = v.linkNow([]string{s.ID}, &sharingReview)
		}
		b.Sharings = append(b.Sharings, row)
	}
	return nil
}
