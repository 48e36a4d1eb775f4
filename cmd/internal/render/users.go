package render

import (
	"fmt"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"

	"authledger/domain"
	"authledger/eventstore/wire"
	"authledger/projections/queries"
)

// answerData prints an answer that has members.
func (p Printer) answerData(answer domain.Data, fill func() table.Writer) error {
	if p.JSON {
		_, err := fmt.Fprintf(p.Out, "%s\n", wire.AppendAnswer(nil, answer))
		return err
	}
	return p.WriteTable(fill())
}

// answerList calls answerData and prints a footnote below the table.
func (p Printer) answerList(answer domain.Data, count string, more bool, key string, at queries.AsOf, fill func() table.Writer) error {
	if err := p.answerData(answer, fill); err != nil || p.JSON {
		return err
	}
	return p.footnote(count, more, key, at)
}

func (p Printer) ShowDevices(d *queries.Devices) error {
	return p.answerList(d, Count(len(d.Devices), "device", "devices"), d.More, "seq", d.AsOf, func() table.Writer {
		t := NewTable("device", "label", "class", "state", "since", "method", "shared from", "shared with", "seq")
		for _, x := range d.Devices {
			t.AppendRow(table.Row{x.ID, x.Label, x.Class, x.State, Time(x.Since), x.Method, x.SharedFrom, strings.Join(x.SharedWith, " "), formatSeq(x.Seq)})
		}
		return t
	})
}

func (p Printer) ShowCodes(c *queries.Codes) error {
	return p.answerList(c, Count(len(c.Codes), "code", "codes"), c.More, "seq", c.AsOf, func() table.Writer {
		t := NewTable("code", "kind", "state", "issued", "until", "seq")
		for _, x := range c.Codes {
			t.AppendRow(table.Row{x.ID, x.Kind, x.State, Time(x.Issued), Time(x.Until), x.Seq})
		}
		return t
	})
}

func (p Printer) ShowSharings(s *queries.Sharings) error {
	return p.answerList(s, Count(len(s.Sharings), "sharing", "sharings"), s.More, "seq", s.AsOf, func() table.Writer {
		t := NewTable("sharing", "requester", "owner", "device", "class", "state", "since", "seq")
		for _, x := range s.Sharings {
			t.AppendRow(table.Row{x.ID, x.Requester, x.Owner, x.Device, x.Class, x.State, Time(x.Since), x.Seq})
		}
		return t
	})
}

func (p Printer) ShowWithdrawals(w *queries.Withdrawals) error {
	if p.JSON {
		return p.answerData(w, nil)
	}
	if err := p.WriteTable(limitsTable(w)); err != nil {
		return err
	}
	return p.answerList(w, Count(len(w.Withdrawals), "withdrawal in the window", "withdrawals in the window"), w.More, "seq", w.AsOf, func() table.Writer {
		t := NewTable("withdrawal", "state", "amount", "currency", "usd", "user", "by", "time", "seq")
		for _, x := range w.Withdrawals {
			t.AppendRow(table.Row{x.ID, x.State, x.Amount, x.Currency, x.USD, x.User, x.Device + x.Code, Time(x.Time), x.Seq})
		}
		return t
	})
}

func limitsTable(w *queries.Withdrawals) table.Writer {
	t := NewTable("authenticated by", "per day", "remaining, "+w.DayUSD+" used on "+w.Day,
		"per five business days", "remaining, "+w.WindowUSD+" used since "+w.Window.From)
	for _, l := range w.Limits {
		t.AppendRow(table.Row{l.Class, orUnlimited(l.PerDay), orUnlimited(l.DayRemaining), orUnlimited(l.PerFiveDays), orUnlimited(l.WindowRemaining)})
	}
	return t
}

func orUnlimited(usd string) string {
	if usd == "" {
		return "unlimited"
	}
	return usd
}

func (p Printer) ShowTroubles(d *queries.Troubles) error {
	return p.answerList(d, Count(len(d.Cases), "case applies", "cases apply"), false, "", d.AsOf, func() table.Writer {
		t := NewTable("case", "advice", "until")
		for _, c := range d.Cases {
			t.AppendRow(table.Row{c.Case, c.Says, Time(c.Until)})
		}
		return t
	})
}

// formatSeq returns the number of a record, "" for 0.
func formatSeq(seq uint64) string {
	if seq == 0 {
		return ""
	}
	return fmt.Sprint(seq)
}
