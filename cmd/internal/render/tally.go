package render

import (
	"maps"
	"slices"

	"authledger/cmd/internal/ingest"
)

// TallyTable returns a table of the counts. After a failed import it omits zeros.
func TallyTable(t *ingest.Tally, commands string, failed bool) *Table {
	w := countTable{NewTable(), failed}
	w.count("lines", t.Lines)
	w.count("skipped", t.Skipped)
	if t.SignIns != nil {
		w.count("passed over", t.SignIns.PassedOver)
		appendCounts(w, "passed over", t.PassedOver)
		w.count("late", t.SignIns.Late)
		w.count("unmapped", t.SignIns.Unmapped, len(t.SignIns.Codes) > 0)
		appendCounts(w, "unmapped", t.SignIns.Codes)
	}
	if t.Adopted != "" {
		w.AppendRow(Row{"adopted", t.Adopted})
	}
	w.count(commands, t.Commands)
	w.count("accepted", t.Accepted)
	w.count("refused", 0, len(t.Refused) > 0)
	appendCounts(w, "refused", t.Refused)
	w.count("invalid", 0, len(t.Invalid) > 0)
	appendCounts(w, "invalid", t.Invalid)
	w.count("duplicates", t.Duplicates)
	w.AppendRow(Row{"duration", Seconds(t.Seconds)})
	if !failed || t.Commands > 0 {
		w.AppendRow(Row{"rate", Digits(t.PerSecond) + " " + commands + "/s"})
	}
	return w.Table
}

// countTable is a table of counts.
type countTable struct {
	*Table
	withoutZeros bool
}

// count appends a row with the number n. If parts[0] is true, it appends no row, because the
// caller appends a row for each part of the number with appendCounts.
func (w countTable) count(name string, n int, parts ...bool) {
	if len(parts) > 0 && parts[0] || n == 0 && w.withoutZeros {
		return
	}
	w.AppendRow(Row{name, n})
}

// appendCounts appends a row for each part of a count.
func appendCounts[K ~string](w countTable, name string, parts map[K]int) {
	for _, part := range slices.Sorted(maps.Keys(parts)) {
		w.AppendRow(Row{name + " " + string(part), parts[part]})
	}
}
