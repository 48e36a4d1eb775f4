package console

import (
	"cmp"
	"slices"
	"time"

	"authledger/adapters/console/chart"
	"authledger/domain"
	"authledger/domain/calendar"
	"authledger/projections"
	"authledger/projections/counts"
	"authledger/projections/queries"
)

// lockedPart lists locked users, those whose lockout ends last at the end.
type lockedPart struct {
	Users []queries.Lockout
	More  bool // more users are locked
}

func (v *visit) locked() (*lockedPart, error) {
	var asOf *uint64
	if v.moment.name == "asOf" {
		asOf = v.moment.seq()
	}
	page, err := v.Queries.Lockouts(v.r.Context(), v.moment.at, asOf, queries.Page{Limit: lockedShown})
	if err != nil {
		return nil, err
	}
	return &lockedPart{Users: page.Lockouts, More: page.More}, nil
}

// lockedLine returns the chart of the number of locked users in the last hours.
func (v *visit) lockedLine() (*plotPart, error) {
	p := &plotPart{
		ID: "locked", Title: v.text.T("lockedline.title"), Text: v.text.T("lockedline.text"), IsEmpty: true,
		Head: []string{v.text.T("column.instant"), v.text.T("column.locked")}, Format: "15:04",
	}
	at := make([]time.Time, 0, hoursShown+1)
	for t := v.moment.at.Add(-hoursShown * time.Hour); !t.After(v.moment.at); t = t.Add(time.Hour) {
		at = append(at, t)
	}
	counts, err := v.Queries.LockedCounts(v.r.Context(), at)
	if err != nil {
		return nil, err
	}
	for i, n := range counts {
		p.IsEmpty = p.IsEmpty && n == 0
		p.Rows = append(p.Rows, []string{v.text.Instant(at[i]), v.text.Count(n)})
	}
	p.Plot = v.labelled(chart.Line(at, counts))
	return p, nil
}

// withdrawalsPart is the withdrawals of a day by class, with the limits of one account.
type withdrawalsPart struct {
	Day, Zone         string
	Classes           []classRow
	Approved          int64
	ApprovedUSD       string
	Denied            int64
	HasDenied, IsNone bool
}

type classRow struct {
	Class                        string
	Approved, Denied             int64
	ApprovedUSD, DeniedUSD       string
	Limit                        string // of one account in a day, "" without a limit
	ApprovedWidth, DeniedX, Tail float64
}

// withdrawalsToday returns the withdrawals of the day of the page in the zone of the policy.
func (v *visit) withdrawalsToday() (*withdrawalsPart, error) {
	policy, _, err := v.Queries.PolicyAt(v.r.Context(), v.moment.seq())
	if err != nil {
		return nil, err
	}
	found, err := v.buckets("1d", "class", 1)
	if err != nil {
		return nil, err
	}
	p := &withdrawalsPart{Day: calendar.DateOf(v.moment.at, policy.Location()).String(), Zone: policy.Zone,
		IsNone: true}
	total, greatest := domain.Sum{}, 0.0
	for i := range found.Items {
		if found.Items[i].Day != p.Day {
			continue
		}
		for _, c := range found.Items[i].Counts {
			p.IsNone = false
			p.Approved += c.USD.Approved
			p.Denied += c.USD.Denied
			total = total.Add(c.USD.ApprovedUSD)
			p.Classes = append(p.Classes, rowOf(c.USD, policy))
			greatest = max(greatest, dollars(c.USD.ApprovedUSD)+dollars(c.USD.DeniedUSD))
		}
		for j, c := range found.Items[i].Counts {
			row := &p.Classes[j]
			row.ApprovedWidth = chart.Share(dollars(c.USD.ApprovedUSD), greatest)
			row.Tail = min(chart.Share(dollars(c.USD.DeniedUSD), greatest), chart.Width-row.ApprovedWidth)
			row.DeniedX = row.ApprovedWidth
		}
	}
	p.ApprovedUSD = total.String()
	return p, nil
}

func rowOf(c *projections.ClassUSD, policy *domain.Policy) classRow {
	return classRow{
		Class: c.Class, Approved: c.Approved, Denied: c.Denied,
		ApprovedUSD: c.ApprovedUSD.String(), DeniedUSD: c.DeniedUSD.String(),
		Limit: policy.LimitOf(c.Class).PerDay,
	}
}

// dollars returns a sum for the length of a bar. It is exact to about 15 digits.
func dollars(s domain.Sum) float64 { return float64(s.Hi)*1e16 + float64(s.Lo)/100 }

func (v *visit) withdrawalsTile(p *withdrawalsPart) tile {
	return tile{
		Label: v.text.T("tile.withdrawals"), Value: v.text.Money(wholeUSD(p.ApprovedUSD)),
		Note: v.text.T("tile.withdrawals.note", v.text.Count(p.Approved), v.text.Count(p.Denied)),
	}
}

// wholeUSD cuts the cents of an amount that a tile shows.
func wholeUSD(text string) string {
	if len(text) > 3 && text[len(text)-3] == '.' {
		return text[:len(text)-3]
	}
	return text
}

// barsPart is the most frequent labels of the last hours.
type barsPart struct {
	ID, Title, Text, Column string
	None                    string // text without rows
	Rows                    []barRow
	Others                  int64 // records with other labels
}

type barRow struct {
	Label string
	Count int64
	Width float64
}

// bars returns the most frequent labels of a group of the statistics. id begins the keys of
// the texts.
func (v *visit) bars(group, id string) (*barsPart, error) {
	found, err := v.buckets("1h", group, hoursShown)
	if err != nil {
		return nil, err
	}
	p := &barsPart{ID: id, Title: v.text.T(id + ".title"), Text: v.text.T(id + ".text"),
		Column: v.text.T(id + ".column"), None: v.text.T("bars.none")}
	for label, n := range totals(found) {
		if label == counts.OtherLabel {
			p.Others += n
			continue
		}
		p.Rows = append(p.Rows, barRow{Label: v.text.Name(group, label), Count: n})
	}
	slices.SortFunc(p.Rows, func(a, b barRow) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count),
			cmp.Compare(a.Label, b.Label))
	})
	for len(p.Rows) > labelsShown {
		last := len(p.Rows) - 1
		p.Others += p.Rows[last].Count
		p.Rows = p.Rows[:last]
	}
	for i := range p.Rows {
		p.Rows[i].Width = chart.Share(float64(p.Rows[i].Count), float64(p.Rows[0].Count))
	}
	return p, nil
}

// labelled sets the labels of the vertical axis of a plot.
func (v *visit) labelled(p chart.Plot) chart.Plot {
	for i := range p.Y {
		p.Y[i].Label = v.text.Count(int64(p.Y[i].Value))
	}
	return p
}
