package render

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
)

// chartWidthMax is the maximum width of a chart in columns.
const chartWidthMax = 60

// showStatistics prints the buckets, or with a group the labels. By class it prints the days.
func (p Printer) showStatistics(s *statistics) error {
	count := Count(len(s.Items), "bucket", "buckets") + " of " + s.Step
	if chart := recordsChart(s); p.Chart && s.Group == "" && chart != "" {
		count += " " + chart
	}
	count += ", " + Count(s.LockedUsers, "user", "users") + " locked"
	if !s.Next.IsZero() {
		count += ", more may follow: continue with --after " + s.Next.Format(time.RFC3339)
	}
	t := labelsTable(s, p.Chart)
	switch s.Group {
	case "":
		t = bucketsTable(s)
	case "class":
		t = classesTable(s)
	}
	if err := p.writeList(t, count, &listed{AsOf: s.AsOf}); err != nil {
		return err
	}
	return p.hintNewest(s)
}

// hintNewest prints where the records are if no bucket has one, for example after an import
// of old records.
func (p Printer) hintNewest(s *statistics) error {
	hasRecords := slices.ContainsFunc(s.Items, func(i statisticsItem) bool { return i.Records > 0 })
	if hasRecords || s.Newest.IsZero() {
		return nil
	}
	_, err := fmt.Fprintf(p.Notes, "no records in these buckets, the newest is of %s: try --at with that time\n", Time(s.Newest))
	return err
}

func bucketsTable(s *statistics) *Table {
	isDaily := s.Step == "1d"
	header := []string{"start", "records"}
	if isDaily {
		header = append(header, "active users")
	}
	t := NewTable(header...)
	for i := range s.Items {
		row := Row{Time(s.Items[i].Start), s.Items[i].Records}
		if isDaily {
			row = append(row, s.Items[i].ActiveUsers)
		}
		t.AppendRow(row)
	}
	return t
}

func classesTable(s *statistics) *Table {
	t := NewTable("day", "class", "approved", "value approved", "denied", "value denied").
		Dropping("value denied", "denied", "value approved")
	for i := range s.Items {
		for _, c := range s.Items[i].Counts {
			t.AppendRow(Row{s.Items[i].Day, c.Label, c.Approved, Money(c.ApprovedUSD, "USD"), c.Denied, Money(c.DeniedUSD, "USD")})
		}
	}
	return t
}

// labelsTable has a row for each label, the most frequent first.
func labelsTable(s *statistics, hasChart bool) *Table {
	t := NewTable(s.Group, "count")
	if hasChart {
		t = NewTable(s.Group, "count", "chart").Dropping("chart")
	}
	perBucket, totals := map[string][]int64{}, map[string]int64{}
	for i := range s.Items {
		for _, c := range s.Items[i].Counts {
			if perBucket[c.Label] == nil {
				perBucket[c.Label] = make([]int64, len(s.Items))
			}
			perBucket[c.Label][i] = c.Count
			totals[c.Label] += c.Count
		}
	}
	labels := make([]string, 0, len(totals))
	for label := range totals {
		labels = append(labels, label)
	}
	slices.SortFunc(labels, func(a, b string) int {
		if totals[a] != totals[b] {
			return int(max(-1, min(1, totals[b]-totals[a])))
		}
		return strings.Compare(a, b)
	})
	for _, label := range labels {
		row := Row{label, totals[label]}
		if hasChart {
			row = append(row, Cell{Text: chart(perBucket[label]), IsWhole: true})
		}
		t.AppendRow(row)
	}
	return t
}

func recordsChart(s *statistics) string {
	counts := make([]int64, len(s.Items))
	for i := range s.Items {
		counts[i] = s.Items[i].Records
	}
	return chart(counts)
}

var chartBlocks = []rune("▁▂▃▄▅▆▇█")

// chart draws counts with one character for each, or for each run of adjacent counts if
// there are more than chartWidthMax. A count of 0 is a space. The highest block is the
// maximum.
func chart(counts []int64) string {
	run := max(1, int(math.Ceil(float64(len(counts))/chartWidthMax)))
	var sums []int64
	for part := range slices.Chunk(counts, run) {
		sum := int64(0)
		for _, n := range part {
			sum += n
		}
		sums = append(sums, sum)
	}
	if len(sums) == 0 || slices.Max(sums) == 0 {
		return ""
	}
	most := float64(slices.Max(sums))
	var b strings.Builder
	for _, n := range sums {
		if n == 0 {
			b.WriteByte(' ')
			continue
		}
		b.WriteRune(chartBlocks[int(math.Ceil(float64(n)/most*float64(len(chartBlocks))))-1])
	}
	return b.String()
}
