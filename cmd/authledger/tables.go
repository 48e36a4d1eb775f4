package main

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"

	"authledger/domain"
	"authledger/eventstore/wire"
	"authledger/projections"
)

func (p *program) showLockout(l projections.Lockout) error {
	return p.answer(json.RawMessage(wire.AppendAnswer(nil, &l)), func() table.Writer {
		t := newTable()
		t.AppendRow(table.Row{"user", l.User})
		t.AppendRow(table.Row{"locked", l.Locked})
		if l.Locked {
			t.AppendRow(table.Row{"until", showUntil(l)})
		}
		t.AppendRow(table.Row{"failures", l.Failures})
		t.AppendRow(table.Row{"remaining", l.Remaining})
		t.AppendRow(table.Row{"open attempts", l.OpenAttempts})
		t.AppendRow(table.Row{"as of", showAsOf(l.AsOf)})
		return t
	})
}

func (p *program) showLockouts(page projections.LockoutPage) error {
	err := p.answer(json.RawMessage(wire.AppendAnswer(nil, &page)), func() table.Writer {
		t := newTable("user", "until", "failures", "last source")
		for _, l := range page.Lockouts {
			t.AppendRow(table.Row{l.User, showUntil(l), l.Failures, l.LastSource})
		}
		return t
	})
	if err != nil || p.set.json {
		return err
	}
	return p.footnote(len(page.Lockouts), "locked", page.More, page.AsOf)
}

func (p *program) showTimeline(t projections.RecordsPage) error {
	err := p.answer(newTimelineAnswer(t), func() table.Writer { return timelineTable(t.Records) })
	if err != nil || p.set.json {
		return err
	}
	return p.footnote(len(t.Records), "records", t.More, t.AsOf)
}

func timelineTable(records []domain.Record) table.Writer {
	t := newTable("seq", "time", "command", "verdict", "events", "personal")
	for i := range records {
		r := &records[i]
		t.AppendRow(table.Row{r.Seq, showTime(r.Time), r.Command.Data.CommandType(), showStatus(r), showEvents(r.Events), showPersonal(r)})
	}
	return t
}

func (p *program) showAttempts(a attemptsAnswer) error {
	err := p.answer(a, func() table.Writer { return attemptsTable(a) })
	if err != nil || p.set.json {
		return err
	}
	return p.footnote(len(a.Sources), "sources", a.More, projections.AsOf(a.AsOf))
}

// attemptsTable leaves the reasons to JSON: there are dozens.
func attemptsTable(a attemptsAnswer) table.Writer {
	t := newTable("source", "succeeded", "failed", "refused", "nobody's", "first", "last")
	for _, s := range a.Sources {
		counts, first, last := s.total()
		t.AppendRow(table.Row{
			s.Source, counts["login.succeeded"], counts["login.failed"], counts["login.refused"],
			counts["login.unattributed"], showTime(first), showTime(last),
		})
	}
	return t
}

// footnote says what a table doesn't: how many, whether all, and as of when.
func (p *program) footnote(count int, what string, more bool, asOf projections.AsOf) error {
	rest := ""
	if more {
		rest = ", there may be more: ask again with --after the last"
	}
	_, err := fmt.Fprintf(p.errs, "%d %s%s, as of %s\n", count, what, rest, showAsOf(asOf))
	return err
}

func showAsOf(a projections.AsOf) string {
	if a.Seq == 0 {
		return "record 0, the beginning"
	}
	return fmt.Sprintf("record %d, %s", a.Seq, showTime(a.Time))
}

func showUntil(l projections.Lockout) string {
	if l.Until.IsZero() {
		return "released"
	}
	return showTime(l.Until)
}

func showStatus(r *domain.Record) string {
	if r.Reason == "" {
		return string(r.Status)
	}
	return string(r.Status) + " " + string(r.Reason)
}

func showEvents(events []domain.Event) string {
	var all []string
	for _, e := range events {
		all = append(all, showEvent(e))
	}
	return strings.Join(all, "; ")
}

// showPersonal stands for what is personal in a record: seeing it needs a right
// and a purpose.
func showPersonal(r *domain.Record) string {
	if r.Personal == nil {
		return ""
	}
	return "sealed"
}
