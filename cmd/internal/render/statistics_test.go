package render

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestChart(t *testing.T) {
	for _, c := range []struct {
		name   string
		counts []int64
		want   string
	}{
		{"no counts", nil, ""},
		{"only zeros", []int64{0, 0}, ""},
		{"one count", []int64{3}, "█"},
		{"each eighth", []int64{0, 1, 2, 3, 4, 5, 6, 7, 8}, " ▁▂▃▄▅▆▇█"},
		{"small beside large", []int64{1, 1_000_000}, "▁█"},
	} {
		if got := chart(c.counts); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
	long := make([]int64, 1000)
	for i := range long {
		long[i] = 1
	}
	if got := utf8.RuneCountInString(chart(long)); got > chartWidthMax || got < chartWidthMax/2 {
		t.Errorf("chart of 1000 counts: got %d columns, want at most %d and at least half", got, chartWidthMax)
	}
}

func TestShowStatisticsDrawsChartsOnTerminal(t *testing.T) {
	const answer = `{"step":"1h","group":%q,"lockedUsers":7,"items":[` +
		`{"start":"2026-03-02T14:00:00Z","records":2,"counts":[{"label":"accepted","count":2}]},` +
		`{"start":"2026-03-02T15:00:00Z","records":4,"counts":[{"label":"accepted","count":4}]}]}`
	for _, c := range []struct {
		name     string
		group    string
		hasChart bool
		want     string // in the output and the notes
	}{
		{"records on a terminal", "", true, "2 buckets of 1h ▄█, 7 users locked"},
		{"records in a pipe", "", false, "2 buckets of 1h, 7 users locked"},
		{"labels on a terminal", "status", true, "STATUS    COUNT  CHART\naccepted      6  ▄█\n"},
		{"labels in a pipe", "status", false, "STATUS    COUNT\naccepted      6\n"},
	} {
		var out bytes.Buffer
		p := Printer{Out: &out, Notes: &out, Chart: c.hasChart}
		if err := p.ShowQuery("stats", fmt.Appendf(nil, answer, c.group)); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(out.String(), c.want) {
			t.Errorf("%s: got\n%s\nwant %q in it", c.name, out.String(), c.want)
		}
	}
}
