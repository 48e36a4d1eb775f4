package render

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"authledger/domain"
)

// shows holds the function that prints the tables of an operation's answer, by the name of the
// operation. [Printer.ShowQuery] prints the answers of all of them as JSON.
var shows = map[string]func(p Printer, answer []byte) error{
	"lockout":          show(Printer.showLockout),
	"lockouts":         show(Printer.showLockouts),
	"devices":          show(Printer.showDevices),
	"users":            show(Printer.showUsers),
	"all-devices":      show(Printer.showAllDevices),
	"all-codes":        show(Printer.showAllCodes),
	"all-sharings":     show(Printer.showAllSharings),
	"all-withdrawals":  show(Printer.showAllWithdrawals),
	"holds":            show(Printer.showHolds),
	"forgotten":        show(Printer.showForgotten),
	"codes":            show(Printer.showCodes),
	"sharings":         show(Printer.showSharings),
	"withdrawals":      show(Printer.showWithdrawals),
	"sources":          show(Printer.showSources),
	"stats":            show(Printer.showStatistics),
	"tokens":           show(Printer.showTokens),
	"webhooks":         show(Printer.showWebhooks),
	"troubleshoot":     show(Printer.showTroubles),
	"timeline":         show(Printer.showTimeline),
	"account-timeline": show(Printer.showTimeline),
}

// ShowQuery prints the answer to a query: the JSON of a node, or the tables of the operation.
func (p Printer) ShowQuery(operation string, answer []byte) error {
	if p.JSON {
		return p.writeText(answer)
	}
	return shows[operation](p, answer)
}

// writeText prints the text of an answer as one line.
func (p Printer) writeText(text []byte) error {
	_, err := fmt.Fprintf(p.Out, "%s\n", strings.TrimSuffix(string(text), "\n"))
	return err
}

// show returns a function that decodes an answer and prints its tables.
func show[A any](print func(Printer, *A) error) func(Printer, []byte) error {
	return func(p Printer, answer []byte) error {
		a := new(A)
		if err := json.Unmarshal(answer, a); err != nil {
			return fmt.Errorf("decode the answer: %w", err)
		}
		return print(p, a)
	}
}

// writeList prints a table, and below it the number of rows.
func (p Printer) writeList(t *Table, count string, l *listed) error {
	if err := p.WriteTable(t); err != nil {
		return err
	}
	return p.footnote(count, l)
}

// footnote prints below a table the number of rows, whether more rows may follow, and the last
// record that the answer reflects. The member next of the answer continues the list.
func (p Printer) footnote(count string, l *listed) error {
	rest := ""
	switch {
	case l.Next != "":
		rest = ", more may follow: continue with --after " + Printable(l.Next)
	case l.More:
		rest = ", more follow"
	}
	_, err := fmt.Fprintf(p.Notes, "%s%s, as of %s\n", count, rest, formatAsOf(l.AsOf))
	return err
}

func (p Printer) showLockout(l *lockout) error {
	t := NewTable()
	t.AppendRow(Row{"user", l.User})
	t.AppendRow(Row{"locked", lockedCell(l.Locked)})
	if l.Locked {
		t.AppendRow(Row{"until", formatUntil(l)})
	}
	t.AppendRow(Row{"failures", formatFailures(l)})
	t.AppendRow(Row{"remaining", l.Remaining})
	t.AppendRow(Row{"open attempts", l.OpenAttempts})
	if !l.Forgotten.IsZero() {
		t.AppendRow(Row{"forgotten", Time(l.Forgotten)})
	}
	t.AppendRow(Row{"as of", formatAsOf(l.AsOf)})
	return p.WriteTable(t)
}

func (p Printer) showLockouts(page *lockouts) error {
	t := NewTable("user", "until", "failures", "last source").Dropping("last source", "failures")
	for i := range page.Lockouts {
		l := &page.Lockouts[i]
		t.AppendRow(Row{l.User, formatUntil(l), formatFailures(l), l.LastSource})
	}
	return p.writeList(t, Count(len(page.Lockouts), "locked user", "locked users"), &page.listed)
}

func (p Printer) showDevices(d *devices) error {
	t := NewTable("device", "label", "class", "state", "since", "method", "shared from", "shared with", "seq").
		Dropping("method", "shared with", "shared from", "label", "since", "class")
	for _, x := range d.Devices {
		t.AppendRow(Row{x.Device, x.Label, x.Class, State(x.State), Time(x.Since), x.Method, x.SharedFrom, strings.Join(x.SharedWith, " "), formatSeq(x.Seq)})
	}
	return p.writeList(t, Count(len(d.Devices), "device", "devices"), &d.listed)
}

func (p Printer) showCodes(c *codes) error {
	t := NewTable("code", "kind", "state", "issued", "until", "seq").Dropping("issued", "kind", "until")
	for _, x := range c.Codes {
		t.AppendRow(Row{x.Code, x.Kind, State(x.State), Time(x.Issued), Time(x.Until), x.Seq})
	}
	return p.writeList(t, Count(len(c.Codes), "code", "codes"), &c.listed)
}

func (p Printer) showSharings(s *sharings) error { return p.writeSharings(s.Sharings, &s.listed) }

func (p Printer) writeSharings(all []sharing, l *listed) error {
	t := NewTable("sharing", "requester", "owner", "device", "label", "class", "state", "since", "seq").
		Dropping("label", "class", "since", "device", "owner")
	for _, x := range all {
		t.AppendRow(Row{x.Sharing, x.Requester, x.Owner, x.Device, x.Label, x.Class, State(x.State), Time(x.Since), x.Seq})
	}
	return p.writeList(t, Count(len(all), "sharing", "sharings"), l)
}

func (p Printer) showWithdrawals(w *withdrawals) error {
	if err := p.WriteTable(limitsTable(w)); err != nil {
		return err
	}
	t := NewTable("withdrawal", "state", "amount", "value", "user", "by", "label", "time", "seq").
		Dropping("label", "by", "user", "time", "value")
	for _, x := range w.Withdrawals {
		t.AppendRow(Row{x.Withdrawal, State(x.State), Money(x.Amount, x.Currency), Money(x.USD, "USD"), x.User, x.Device + x.Code, x.Label, Time(x.Time), x.Seq})
	}
	return p.writeList(t, Count(len(w.Withdrawals), "withdrawal in the window", "withdrawals in the window"), &w.listed)
}

func limitsTable(w *withdrawals) *Table {
	ofDay, ofDays := "remaining, "+w.DayUSD+" USD used on "+w.Day, "remaining, "+w.WindowUSD+" USD used since "+w.Window.From
	t := NewTable("authenticated by", "per day", ofDay, "per five business days", ofDays).
		Dropping("per five business days", "per day")
	for _, l := range w.Limits {
		t.AppendRow(Row{l.Class, limit(l.PerDay), limit(l.DayRemaining), limit(l.PerFiveDays), limit(l.WindowRemaining)})
	}
	return t
}

// limit returns a cell with a limit in USD. An absent limit means that the class has none.
func limit(usd string) Cell {
	if usd == "" {
		return Cell{Text: "unlimited", IsRight: true}
	}
	return Money(usd, "USD")
}

func (p Printer) showTroubles(d *troubles) error {
	t := NewTable("case", "advice", "until").Dropping("until")
	for _, c := range d.Cases {
		t.AppendRow(Row{c.Case, c.Says, Time(c.Until)})
	}
	return p.writeList(t, Count(len(d.Cases), "case applies", "cases apply"), &listed{AsOf: d.AsOf})
}

func (p Printer) showTimeline(l *timeline) error {
	t := NewTable("seq", "time", "command", "verdict", "events", "personal").
		Dropping("personal", "command", "events")
	for i := range l.Records {
		r := &l.Records[i]
		t.AppendRow(Row{r.Seq, Time(r.Time), r.Command.Type, State(formatStatus(r.Status, r.Reason)), formatEvents(r.Events), formatPersonal(r.Personal)})
	}
	return p.writeList(t, Count(len(l.Records), "record", "records"), &l.listed)
}

func formatEvents(events []event) string {
	var all []string
	for i := range events {
		all = append(all, events[i].text())
	}
	return strings.Join(all, "; ")
}

// formatPersonal returns "sealed", "erased" or "erased after the retention" for a record with personal
// data. Reading that data needs a right and a purpose.
func formatPersonal(text json.RawMessage) string {
	return strings.Trim(string(text), `"`)
}

// showSources omits the reasons, because dozens of reasons exist. JSON contains them.
func (p Printer) showSources(page *sources) error {
	t := NewTable("source", "succeeded", "failed", "refused", "unattributed", "first", "last").
		Dropping("first", "unattributed", "last", "refused", "succeeded")
	for i := range page.Items {
		counts, first, last := page.Items[i].totals()
		t.AppendRow(Row{
			page.Items[i].Source, counts["login.succeeded"], counts["login.failed"], counts["login.refused"],
			counts["login.unattributed"], Time(first), Time(last),
		})
	}
	return p.writeList(t, Count(len(page.Items), "source", "sources"), &page.listed)
}

// totals returns the number of attempts by type of event, and the times of the first and the last
// attempt.
func (s *source) totals() (counts map[string]int64, first, last time.Time) {
	counts = make(map[string]int64)
	for i, a := range s.Attempts {
		counts[a.Event] += a.Count
		if i == 0 || a.First.Before(first) {
			first = a.First
		}
		if a.Last.After(last) {
			last = a.Last
		}
	}
	return counts, first, last
}

func formatAsOf(a asOf) string {
	if a.Seq == 0 {
		return "record 0, before the first record"
	}
	return fmt.Sprintf("record %d, %s", a.Seq, Time(a.Time))
}

// formatFailures returns the failures that led to the lockout of a locked user, because those
// failures may have left the window of the policy.
func formatFailures(l *lockout) string {
	if l.LockFailures > 0 {
		return fmt.Sprintf("%d, %d of them in the window", l.LockFailures, l.Failures)
	}
	return strconv.Itoa(l.Failures)
}

func formatUntil(l *lockout) string {
	if l.Until.IsZero() {
		return "released"
	}
	return Time(l.Until)
}

func formatStatus(status domain.Status, reason domain.Reason) string {
	if reason == "" {
		return string(status)
	}
	return string(status) + " " + string(reason)
}

// formatSeq returns a cell with the number of a record, an empty cell for 0.
func formatSeq(seq uint64) Cell {
	if seq == 0 {
		return Cell{IsRight: true}
	}
	return Cell{Text: strconv.FormatUint(seq, 10), IsRight: true}
}

// lockedCell returns a cell that says whether a user is locked.
func lockedCell(isLocked bool) Cell {
	if isLocked {
		return Cell{Text: "true", Tone: Bad}
	}
	return Cell{Text: "false", Tone: Good}
}

// Count returns a number with its noun, for example 1 record or 2 records.
func Count[N ~int | ~int64 | ~uint64](n N, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
