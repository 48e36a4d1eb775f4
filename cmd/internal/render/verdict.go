package render

import (
	"fmt"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"

	"authledger/domain"
	"authledger/eventstore/wire"
)

func (p Printer) ShowVerdict(v *domain.Verdict) error {
	if p.JSON {
		_, err := fmt.Fprintf(p.Out, "%s\n", wire.AppendVerdict(nil, v))
		return err
	}
	return p.WriteTable(VerdictTable(v))
}

func VerdictTable(v *domain.Verdict) table.Writer {
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
	for _, e := range v.Events {
		row("event", formatEvent(e))
	}
	if v.Result != nil {
		row("result", strings.Join(Members(v.Result), " "))
	}
	return t
}

// policyRow returns the title of the policy of a verdict. An adoption is decided under the
// policy before it.
func policyRow(commandType string) string {
	if commandType == new(domain.PolicyAdopt).CommandType() {
		return "decided under"
	}
	return "policy"
}
