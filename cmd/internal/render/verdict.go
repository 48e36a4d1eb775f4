package render

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"

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

func (v *verdict) table() table.Writer {
	t := NewTable()
	row := func(name, value string) {
		if value != "" {
			t.AppendRow(table.Row{name, value})
		}
	}
	row("status", string(v.Status))
	row("reason", string(v.Reason))
	row("detail", v.Detail)
	if v.Seq > 0 {
		row("seq", fmt.Sprint(v.Seq))
		row("late", fmt.Sprint(v.Late))
		row("duplicate", fmt.Sprint(v.Duplicate))
	}
	if v.Unsynced {
		row("unsynced", "true: a power failure may lose the record")
	}
	row("time", Time(v.Time))
	row(policyRow(v.Type), v.Policy)
	row("id", v.ID)
	row("source", v.Source)
	for i := range v.Events {
		row("event", v.Events[i].text())
	}
	row("result", v.resultText())
	return t
}

// resultText returns the result as name=value. The members of a result that this program does not
// know stay JSON.
func (v *verdict) resultText() string {
	result := domain.NewResult(v.Type)
	if result == nil || wire.ReadData(v.Result, result) != nil {
		return string(v.Result)
	}
	return strings.Join(Members(result), " ")
}

// policyRow returns the title of the row that names the policy of a verdict. The ledger decides
// the adoption of a policy under the policy before it.
func policyRow(commandType string) string {
	if commandType == new(domain.PolicyAdopt).CommandType() {
		return "decided under"
	}
	return "policy"
}
