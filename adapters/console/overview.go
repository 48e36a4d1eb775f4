package console

import (
	"net/http"
	"time"

	"authledger/adapters/console/chart"
	"authledger/projections/queries"
)

// overviewOperations are the operations whose answers the overview shows. Every role may read
// the policy, so every role has an overview, which shows the parts that the role may read.
var overviewOperations = []string{"stats", "lockouts", "dead-letters", "policy", "all-devices", "webhooks"}

// Sizes of the parts of the overview.
const (
	minutesShown = 60
	hoursShown   = 24
	labelsShown  = 8  // reasons and sources
	lockedShown  = 10 // locked users
)

// overviewBody is the body of the overview. A part is nil if the caller may not read it.
type overviewBody struct {
	Tiles       []tile
	Attempts    *plotPart
	LockedLine  *plotPart
	Locked      *lockedPart
	Withdrawals *withdrawalsPart
	Devices     *barsPart
	Reasons     *barsPart
	Sources     *barsPart
	IsEmpty     bool // the ledger has no record
	IsHidden    bool // the caller may not read statistics
}

// tile is one number at the top of the overview.
type tile struct {
	Label, Value, Note string
	Class              string // of the number, "" for a plain one
	Path               string // of the page that explains the number, "" without one
}

// plotPart is a chart over time with its legend and its table.
type plotPart struct {
	ID, Title, Text string
	Plot            chart.Plot
	Legend          []legendEntry
	Head            []string
	Rows            [][]string // the first cell of a row is its header
	IsEmpty         bool
	Format          string // of the labels of the horizontal axis
}

type legendEntry struct{ Class, Label, Value string }

func (v *visit) getOverview() error {
	if err := v.recordRead("/"); err != nil {
		return err
	}
	body, err := v.overview()
	if err != nil {
		return err
	}
	v.write(http.StatusOK, "overview", "overview.title", body)
	return nil
}

func (v *visit) overview() (*overviewBody, error) {
	b := &overviewBody{IsEmpty: v.moment.asOf.Seq == 0, IsHidden: !v.may("stats")}
	if !b.IsHidden {
		if err := v.addStatistics(b); err != nil {
			return nil, err
		}
	}
	if v.may("lockouts") {
		locked, err := v.locked()
		if err != nil {
			return nil, err
		}
		b.Locked = locked
	}
	if v.may("all-devices") && !v.moment.isPast {
		devices, err := v.devicesPart()
		if err != nil {
			return nil, err
		}
		b.Devices = devices
	}
	return b, v.addState(b)
}

// addState adds the tiles about the node itself.
func (v *visit) addState(b *overviewBody) error {
	if v.moment.isPast {
		return nil
	}
	if v.may("stats") {
		health := v.Ledger.Health()
		lag := health.Position.Seq - min(health.Position.Seq, v.Rows.Stored().Seq)
		t := tile{Label: v.text.T("tile.queue"), Value: v.text.Count(int64(health.Queued)), Path: integrityPath}
		t.Note = v.text.T("tile.queue.note", v.text.Count(int64(lag)))
		if len(health.Problems) > 0 {
			t.Class = "bad"
		}
		b.Tiles = append(b.Tiles, t, v.verificationTile())
	}
	if v.may("webhooks") {
		b.Tiles = append(b.Tiles, v.webhooksTile())
	}
	if !v.may("dead-letters") {
		return nil
	}
	t := tile{Label: v.text.T("tile.deadletters"), Value: "–", Note: v.text.T("tile.deadletters.none")}
	if v.Backlog != nil {
		t.Path = v.workLink()
		backlog, err := v.Backlog(v.r.Context())
		switch {
		case err != nil || !backlog.Connected:
			t.Note, t.Class = v.text.T("tile.deadletters.unknown"), "bad"
		default:
			t.Value = v.text.Count(int64(backlog.DeadLetters))
			t.Note = v.text.T("tile.deadletters.note", v.text.Count(int64(backlog.Messages)))
			if backlog.DeadLetters > 0 {
				t.Class = "bad"
			}
		}
	}
	b.Tiles = append(b.Tiles, t)
	return nil
}

// buckets returns the newest buckets of the statistics up to the instant of the page.
func (v *visit) buckets(step, group string, limit int) (*queries.Statistics, error) {
	of := queries.StatisticsQuery{At: v.moment.at, Step: step, Group: group, Limit: limit}
	if err := of.Check(); err != nil {
		return nil, err
	}
	return v.Queries.Statistics(v.r.Context(), of)
}

// totals returns the sums of the counts of buckets by label.
func totals(s *queries.Statistics) map[string]int64 {
	all := make(map[string]int64)
	for i := range s.Items {
		for _, c := range s.Items[i].Counts {
			all[c.Label] += c.Count
		}
	}
	return all
}

func (v *visit) addStatistics(b *overviewBody) error {
	minutes, err := v.buckets("1m", "event", minutesShown)
	if err != nil {
		return err
	}
	hours, err := v.buckets("1h", "event", hoursShown)
	if err != nil {
		return err
	}
	b.Attempts = v.attempts(minutes)
	day := totals(hours)
	b.Tiles = append(b.Tiles, v.attemptsTile(minutes), v.lockedTile(hours, day))
	if b.LockedLine, err = v.lockedLine(); err != nil {
		return err
	}
	if b.Withdrawals, err = v.withdrawalsToday(); err != nil {
		return err
	}
	b.Tiles = append(b.Tiles, v.withdrawalsTile(b.Withdrawals), tile{
		Label: v.text.T("tile.codes"), Value: v.text.Count(day["code.issued"]),
		Note: v.text.T("tile.codes.note", v.text.Count(day["code.redeemed"]),
			v.text.Count(day["code.refused"])),
	})
	if b.Reasons, err = v.bars("reason", "reasons"); err != nil {
		return err
	}
	b.Sources, err = v.bars("source", "sources")
	return err
}

// outcomes are the events of finished attempts, in the order of the columns from the bottom.
var outcomes = []struct{ event, class string }{
	{"login.succeeded", "good"}, {"login.failed", "warn"}, {"login.refused", "bad"}, {"login.unattributed",
		"other"},
}

// attempts returns the chart of attempts by minute and outcome.
func (v *visit) attempts(s *queries.Statistics) *plotPart {
	p := &plotPart{
		ID: "attempts", Title: v.text.T("attempts.title"), Text: v.text.T("attempts.text"), IsEmpty: true,
		Head: []string{v.text.T("column.minute")}, Format: "15:04",
	}
	series := make([]chart.Series, len(outcomes))
	for i, o := range outcomes {
		series[i] = chart.Series{Class: o.class, Values: make([]int64, len(s.Items))}
		p.Head = append(p.Head, v.text.Name("event", o.event))
	}
	for b := range s.Items {
		row := []string{s.Items[b].Start.Format("15:04 UTC")}
		for i, o := range outcomes {
			n := countOf(&s.Items[b], o.event)
			series[i].Values[b] = n
			p.IsEmpty = p.IsEmpty && n == 0
			row = append(row, v.text.Count(n))
		}
		p.Rows = append(p.Rows, row)
	}
	for i, o := range outcomes {
		p.Legend = append(p.Legend, legendEntry{o.class, v.text.Name("event", o.event),
			v.text.Count(sum(series[i].Values))})
	}
	if len(s.Items) > 0 {
		p.Plot = v.labelled(chart.Columns(s.Items[0].Start, time.Minute, series, func(b int) string {
			return s.Items[b].Start.Format("15:04 UTC") + ": " + v.outcomeText(series, b)
		}))
	}
	return p
}

// outcomeText returns the counts of a column as a text.
func (v *visit) outcomeText(series []chart.Series, bucket int) (line string) {
	for i, o := range outcomes {
		if n := series[i].Values[bucket]; n > 0 {
			if line != "" {
				line += ", "
			}
			line += v.text.Name("event", o.event) + " " + v.text.Count(n)
		}
	}
	return line
}

func countOf(i *queries.StatisticsItem, label string) int64 {
	for _, c := range i.Counts {
		if c.Label == label {
			return c.Count
		}
	}
	return 0
}

func sum(values []int64) (total int64) {
	for _, n := range values {
		total += n
	}
	return total
}

func (v *visit) attemptsTile(minutes *queries.Statistics) tile {
	all := totals(minutes)
	finished := int64(0)
	for _, o := range outcomes {
		finished += all[o.event]
	}
	t := tile{Label: v.text.T("tile.attempts"), Value: v.text.Count(finished),
		Note: v.text.T("tile.attempts.none")}
	if finished > 0 {
		share := 100 * all["login.succeeded"] / finished
		t.Note = v.text.T("tile.attempts.note", v.text.Count(share))
	}
	return t
}

// lockedTile shows the number of locked users and how it moved.
func (v *visit) lockedTile(hours *queries.Statistics, day map[string]int64) tile {
	return tile{
		Label: v.text.T("tile.locked"), Value: v.text.Count(hours.LockedUsers),
		Note: v.text.T("tile.locked.note", v.text.Count(day["lockout.started"]),
			v.text.Count(day["lockout.released"])),
	}
}
