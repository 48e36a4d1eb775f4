package render

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"

	"authledger/domain"
	"authledger/eventstore/wire"
	"authledger/projections/queries"
)

func (p Printer) ShowLockout(l queries.Lockout) error {
	return p.Answer(json.RawMessage(wire.AppendAnswer(nil, &l)), func() table.Writer {
		t := NewTable()
		t.AppendRow(table.Row{"user", l.User})
		t.AppendRow(table.Row{"locked", l.Locked})
		if l.Locked {
			t.AppendRow(table.Row{"until", formatUntil(l)})
		}
		t.AppendRow(table.Row{"failures", formatFailures(l)})
		t.AppendRow(table.Row{"remaining", l.Remaining})
		t.AppendRow(table.Row{"open attempts", l.OpenAttempts})
		t.AppendRow(table.Row{"as of", formatAsOf(l.AsOf)})
		return t
	})
}

func (p Printer) ShowLockouts(page queries.LockoutPage) error {
	err := p.Answer(json.RawMessage(wire.AppendAnswer(nil, &page)), func() table.Writer {
		t := NewTable("user", "until", "failures", "last source")
		for _, l := range page.Lockouts {
			t.AppendRow(table.Row{l.User, formatUntil(l), formatFailures(l), l.LastSource})
		}
		return t
	})
	if err != nil || p.JSON {
		return err
	}
	return p.footnote(Count(len(page.Lockouts), "locked user", "locked users"), page.More, "user", page.AsOf)
}

func (p Printer) ShowTimeline(t queries.RecordsPage) error {
	err := p.Answer(newTimelineAnswer(t), func() table.Writer { return timelineTable(t.Records) })
	if err != nil || p.JSON {
		return err
	}
	return p.footnote(Count(len(t.Records), "record", "records"), t.More, "seq", t.AsOf)
}

func timelineTable(records []domain.Record) table.Writer {
	t := NewTable("seq", "time", "command", "verdict", "events", "personal")
	for i := range records {
		r := &records[i]
		t.AppendRow(table.Row{r.Seq, Time(r.Time), r.Command.Data.CommandType(), formatStatus(r), formatEvents(r.Events), formatPersonal(r)})
	}
	return t
}

func (p Printer) ShowSources(s *queries.Sources) error {
	return p.answerList(s, Count(len(s.Sources), "source", "sources"), s.More, "source", s.AsOf, func() table.Writer { return sourcesTable(s) })
}

// sourcesTable omits the reasons, because dozens of reasons exist. JSON contains them.
func sourcesTable(page *queries.Sources) table.Writer {
	t := NewTable("source", "succeeded", "failed", "refused", "unattributed", "first", "last")
	for i := range page.Sources {
		s := &page.Sources[i]
		counts, first, last := s.Totals()
		t.AppendRow(table.Row{
			s.Name, counts["login.succeeded"], counts["login.failed"], counts["login.refused"],
			counts["login.unattributed"], Time(first), Time(last),
		})
	}
	return t
}

// footnote prints below a table the number of rows, whether more rows may follow, and the last
// record that the answer reflects. The key is the column whose last value --after needs.
func (p Printer) footnote(count string, more bool, key string, asOf queries.AsOf) error {
	rest := ""
	if more {
		rest = ", more may follow: continue with --after and the " + key + " of the last row"
	}
	_, err := fmt.Fprintf(p.Notes, "%s%s, as of %s\n", count, rest, formatAsOf(asOf))
	return err
}

func formatAsOf(a queries.AsOf) string {
	if a.Seq == 0 {
		return "record 0, before the first record"
	}
	return fmt.Sprintf("record %d, %s", a.Seq, Time(a.Time))
}

// formatFailures returns the failures that led to the lockout of a locked user, because those
// failures may have left the window of the policy.
func formatFailures(l queries.Lockout) string {
	if l.LockFailures > 0 {
		return fmt.Sprintf("%d, %d of them in the window", l.LockFailures, l.Failures)
	}
	return strconv.Itoa(l.Failures)
}

func formatUntil(l queries.Lockout) string {
	if l.Until.IsZero() {
		return "released"
	}
	return Time(l.Until)
}

func formatStatus(r *domain.Record) string {
	if r.Reason == "" {
		return string(r.Status)
	}
	return string(r.Status) + " " + string(r.Reason)
}

func formatEvents(events []domain.Event) string {
	var all []string
	for _, e := range events {
		all = append(all, formatEvent(e))
	}
	return strings.Join(all, "; ")
}

// formatPersonal returns "sealed" for a record with personal data, because reading that data needs
// a right and a purpose.
func formatPersonal(r *domain.Record) string {
	if r.Personal == nil {
		return ""
	}
	return "sealed"
}

// Count returns a number with its noun, for example 1 record or 2 records.
func Count[N ~int | ~int64 | ~uint64](n N, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
