package console

import (
	"cmp"
	"slices"
	"sync"
	"time"

	"authledger/adapters/console/chart"
)

// devicesEvery is the minimum time between two counts of all active devices, because a count reads a
// row of each.
const devicesEvery = 30 * time.Second

// deviceCounts holds the newest count of active devices by class. It is safe for concurrent use.
type deviceCounts struct {
	mu      sync.Mutex
	at      time.Time
	seq     uint64 // newest record at the time of the count
	byClass map[string]int64
}

// activeDevices returns the counts of the last devicesEvery, or counts again. It holds the lock while
// it counts, so that visitors who come meanwhile wait for the same count.
func (v *visit) activeDevices() (byClass map[string]int64, at time.Time, err error) {
	d := &v.devices
	d.mu.Lock()
	defer d.mu.Unlock()
	now := v.options.Now()
	if age := now.Sub(d.at); d.byClass != nil && (d.seq == v.moment.asOf.Seq || age >= 0 && age < devicesEvery) {
		return d.byClass, d.at, nil
	}
	counts, err := v.Queries.ActiveDevices(v.r.Context())
	if err != nil {
		return nil, now, err
	}
	d.byClass, d.at, d.seq = counts, now, v.moment.asOf.Seq
	return counts, now, nil
}

// devicesPart returns the bars of the active devices, the most frequent class first.
func (v *visit) devicesPart() (*barsPart, error) {
	counts, at, err := v.activeDevices()
	if err != nil {
		return nil, err
	}
	p := &barsPart{
		ID: "classes", Title: v.text.T("classes.title"), Text: v.text.T("classes.text", v.text.Instant(at)),
		Column: v.text.T("column.class"), None: v.text.T("classes.none"),
	}
	for class, n := range counts {
		p.Rows = append(p.Rows, barRow{Label: v.text.Name("class", class), Count: n})
	}
	slices.SortFunc(p.Rows, func(a, b barRow) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Label, b.Label))
	})
	for i := range p.Rows {
		p.Rows[i].Width = chart.Share(float64(p.Rows[i].Count), float64(p.Rows[0].Count))
	}
	return p, nil
}

// webhooksTile shows the number of webhook endpoints that fail.
func (v *visit) webhooksTile() tile {
	all, failing := v.Webhooks()
	t := tile{Label: v.text.T("tile.webhooks"), Value: v.text.Count(int64(failing)), Path: v.workLink(),
		Note: v.text.T("tile.webhooks.note", v.text.Count(int64(all)))}
	if failing > 0 {
		t.Class = "bad"
	}
	return t
}
