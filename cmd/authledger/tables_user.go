package main

import (
	"fmt"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"

	"authledger/domain"
	"authledger/eventstore/wire"
	"authledger/projections"
)

// answerData writes an answer that lists its own members.
func (p *program) answerData(answer domain.Data, fill func() table.Writer) error {
	if p.set.json {
		_, err := fmt.Fprintf(p.out, "%s\n", wire.AppendAnswer(nil, answer))
		return err
	}
	return p.writeTable(fill())
}

// answerList is answerData, with what the table can't say below it.
func (p *program) answerList(answer domain.Data, n int, what string, more bool, at projections.AsOf, fill func() table.Writer) error {
	if err := p.answerData(answer, fill); err != nil || p.set.json {
		return err
	}
	return p.footnote(n, what, more, at)
}

func (p *program) showDevices(d *projections.Devices) error {
	return p.answerList(d, len(d.Devices), "devices", d.More, d.AsOf, func() table.Writer {
		t := newTable("device", "class", "state", "since", "method", "shared from", "shared with", "seq")
		for _, x := range d.Devices {
			t.AppendRow(table.Row{x.ID, x.Class, x.State, showTime(x.Since), x.Method, x.SharedFrom, strings.Join(x.SharedWith, " "), showSeq(x.Seq)})
		}
		return t
	})
}

func (p *program) showCodes(c *projections.Codes) error {
	return p.answerList(c, len(c.Codes), "codes", c.More, c.AsOf, func() table.Writer {
		t := newTable("code", "kind", "state", "issued", "until", "seq")
		for _, x := range c.Codes {
			t.AppendRow(table.Row{x.ID, x.Kind, x.State, showTime(x.Issued), showTime(x.Until), x.Seq})
		}
		return t
	})
}

func (p *program) showSharings(s *projections.Sharings) error {
	return p.answerList(s, len(s.Sharings), "sharings", s.More, s.AsOf, func() table.Writer {
		t := newTable("sharing", "requester", "owner", "device", "class", "state", "since", "seq")
		for _, x := range s.Sharings {
			t.AppendRow(table.Row{x.ID, x.Requester, x.Owner, x.Device, x.Class, x.State, showTime(x.Since), x.Seq})
		}
		return t
	})
}

func (p *program) showWithdrawals(w *projections.Withdrawals) error {
	if p.set.json {
		return p.answerData(w, nil)
	}
	if err := p.writeTable(limitsTable(w)); err != nil {
		return err
	}
	return p.answerList(w, len(w.Withdrawals), "withdrawals in the window", w.More, w.AsOf, func() table.Writer {
		t := newTable("withdrawal", "state", "amount", "currency", "usd", "user", "by", "time", "seq")
		for _, x := range w.Withdrawals {
			t.AppendRow(table.Row{x.ID, x.State, x.Amount, x.Currency, x.USD, x.User, x.Device + x.Code, showTime(x.Time), x.Seq})
		}
		return t
	})
}

func limitsTable(w *projections.Withdrawals) table.Writer {
	t := newTable("authenticated by", "per day", "left of "+w.DayUSD+" used on "+w.Day,
		"per five business days", "left of "+w.WindowUSD+" used since "+w.Window.From)
	for _, l := range w.Limits {
		t.AppendRow(table.Row{l.Class, orUnlimited(l.PerDay), orUnlimited(l.DayLeft), orUnlimited(l.PerFiveDays), orUnlimited(l.WindowLeft)})
	}
	return t
}

func orUnlimited(usd string) string {
	if usd == "" {
		return "unlimited"
	}
	return usd
}

func (p *program) showTroubles(d *projections.Troubles) error {
	return p.answerList(d, len(d.Cases), "cases apply", false, d.AsOf, func() table.Writer {
		t := newTable("case", "what helps", "until")
		for _, c := range d.Cases {
			t.AppendRow(table.Row{c.Case, c.Says, showTime(c.Until)})
		}
		return t
	})
}

// showSeq is a record, nothing if there is none.
func showSeq(seq uint64) string {
	if seq == 0 {
		return ""
	}
	return fmt.Sprint(seq)
}
