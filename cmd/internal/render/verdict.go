package render

import (
	"encoding/json"
	"fmt"

	"authledger/domain"
	"authledger/eventstore/wire"
)

// verdict holds the members of a verdict in JSON.
type verdict struct {
	domain.Verdict
	Events []event         `json:"events"`
	Result json.RawMessage `json:"result"`
}

// ShowVerdict prints a verdict: its JSON, as a node sends it, or a table.
func (p Printer) ShowVerdict(text []byte) error {
	if p.JSON {
		return p.writeText(text)
	}
	v := new(verdict)
	if err := json.Unmarshal(text, v); err != nil {
		return fmt.Errorf("decode the verdict: %w", err)
	}
	return p.WriteTable(v.table())
}

// verdictTable is a table of names and values without empty values.
type verdictTable struct{ *Table }

func (t verdictTable) row(name string, value Cell) {
	if value.Text != "" {
		t.AppendRow(Row{name, value})
	}
}

// table begins with the status of the command, and ends with its id and its source.
func (v *verdict) table() *Table {
	t := verdictTable{NewTable()}
	t.row("status", State(v.Status))
	t.row("reason", Cell{Text: string(v.Reason), Tone: toneOf[string(v.Status)]})
	t.row("detail", Cell{Text: v.Detail})
	t.row("next", Cell{Text: v.nextStep()})
	t.row("seq", Cell{Text: formatSeq(v.Seq).Text})
	for i := range v.Events {
		t.row("event", Cell{Text: v.Events[i].text()})
	}
	v.appendErasure(t)
	v.appendResult(t)
	if v.Late {
		t.row("late", Cell{Text: "true: the command arrived after later commands", Tone: Waiting})
	}
	if v.Duplicate {
		t.row("duplicate", Cell{Text: "true: recorded before, and not again", Tone: Waiting})
	}
	if v.Unsynced {
		t.row("unsynced", Cell{Text: "true: a power failure may lose the record", Tone: Bad})
	}
	t.row("time", Cell{Text: Time(v.Time), Tone: Secondary})
	t.row(policyRow(v.Type), Cell{Text: v.Policy, Tone: Secondary})
	t.row("id", Cell{Text: v.ID, Tone: Secondary})
	t.row("source", Cell{Text: v.Source, Tone: Secondary})
	return t.Table
}

// appendErasure appends the data that an erasure has erased, and the data that it keeps (PERSON-1).
func (v *verdict) appendErasure(t verdictTable) {
	if v.Type != new(domain.PersonForget).CommandType() || v.Status != domain.Accepted {
		return
	}
	t.row("erased", Cell{Text: "ip and userAgent of the logins, and the notes of the sharings: their keys are destroyed"})
	t.row("ended", Cell{Text: "the lockout, open attempts, sharings, devices and live codes of the user"})
	t.row("kept", Cell{Text: "records and counts of events, with the user name or pseudonym, ids, labels, amounts and times in clear text"})
	t.row("next", Cell{Text: "delete each older copy of the keys, and each dead letter of the user"})
}

// appendResult appends the rows of the result. The members of a result that this program does not
// know stay JSON.
func (v *verdict) appendResult(t verdictTable) {
	result := domain.NewResult(v.Type)
	if result == nil || wire.ReadData(v.Result, result) != nil {
		t.row("result", Cell{Text: string(v.Result)})
		return
	}
	switch r := result.(type) {
	case *domain.LoginResult:
		appendLogin(t, r)
	case *domain.WithdrawalResult:
		appendWithdrawal(t, r)
	case *domain.CodeResult:
		t.row("code", State(r.State))
		t.row("until", Cell{Text: Time(r.Until)})
	default:
		for _, member := range Members(result) {
			t.row("result", Cell{Text: member})
		}
	}
}

func appendLogin(t verdictTable, r *domain.LoginResult) {
	t.row("locked", lockedCell(r.Locked))
	t.row("locked until", Cell{Text: Time(r.Until)})
	t.row("remaining", Cell{Text: Count(r.Remaining, "attempt", "attempts")})
	t.row("retry after", Cell{Text: Time(r.RetryAfter)})
	for i := range r.SecondFactors {
		var list memberList
		r.SecondFactors[i].Members(&list)
		t.row("second factor", Cell{Text: list.text()})
	}
}

func appendWithdrawal(t verdictTable, r *domain.WithdrawalResult) {
	l := &r.Limits
	t.row("limits of", Cell{Text: l.Class})
	t.row("per day", limitLine(l.PerDay, l.DayUSD, l.DayRemaining))
	t.row("per five days", limitLine(l.PerFiveDays, l.WindowUSD, l.WindowRemaining))
	t.row("window", Cell{Text: "business days from " + r.Window.From})
	t.row("allowed at", Cell{Text: Time(r.FreesAt)})
	for _, device := range r.TryDevices {
		t.row("try device", Cell{Text: device})
	}
}

// limitLine returns a limit with its used and remaining parts, in USD.
func limitLine(limit, used, remaining string) Cell {
	if limit == "" {
		return Cell{Text: "unlimited"}
	}
	return Cell{Text: fmt.Sprintf("%s USD, %s USD used, %s USD remaining", limit, used, remaining)}
}

// policyRow returns the title of the row that names the policy of a verdict. The ledger decides
// the adoption of a policy under the policy before it.
func policyRow(commandType string) string {
	if commandType == new(domain.PolicyAdopt).CommandType() {
		return "decided under"
	}
	return "policy"
}
