package console

import (
	"bytes"
	"encoding/json"

	"authledger/domain"
	"authledger/eventstore/wire"
)

const policyAdoptName = "policy-adopt"

// policyBytesMax is the maximum length of a policy document in a form.
const policyBytesMax = 12 << 10

// policyAdopt adopts a policy document (POL-1). The field base is the policy with which the form
// begins.
var policyAdopt = act{
	name: policyAdoptName, right: "policy.adopt", reads: "policy",
	fields: []field{
		{name: "base", kind: target}, {name: "document", kind: area, bytesMax: policyBytesMax},
		{name: "by", kind: person, bytesMax: idMax},
	},
	about: (*visit).aboutPolicy,
	check: func(f form) *domain.Rejection {
		_, wrong := readPolicy(f)
		return wrong
	},
	command: func(_ *visit, f form) domain.CommandData {
		adopt := &domain.PolicyAdopt{By: f["by"]}
		if p, wrong := readPolicy(f); wrong == nil { // the function check has parsed the document
			adopt.Policy = *p
		}
		return adopt
	},
}

// readPolicy parses the document of a form.
func readPolicy(f form) (*domain.Policy, *domain.Rejection) {
	p := new(domain.Policy)
	if wrong := wire.ReadData([]byte(f["document"]), p); wrong != nil {
		detail := wrong.Detail
		if wrong.Field != "" {
			detail = wrong.Field + ": " + detail
		}
		return nil, &domain.Rejection{Reason: wrong.Reason, Field: "document", Detail: detail}
	}
	return p, nil
}

// aboutPolicy adds the policy in force, and the members that a valid document changes. Without a
// document it fills in the policy with which the form begins.
func (v *visit) aboutPolicy(b *actBody) error {
	now, _, err := v.Queries.PolicyAt(v.r.Context(), v.moment.seq())
	if err != nil {
		return err
	}
	b.add("policy.now", now.Version, policyPath)
	if b.values["document"] == "" {
		base := now
		if b.values["base"] != "" {
			if base, err = v.policyOf(b.values["base"]); err != nil {
				return err
			}
		}
		b.setField("document", policyText(base))
		return nil
	}
	next, wrong := readPolicy(b.values)
	if wrong != nil {
		return nil // the check of the members reports it
	}
	b.add("policy.next", next.Version, "")
	if v.mayWhatIf() {
		b.Preview = whatIfPath
	}
	members, isSame := comparePolicies(now, next)
	for _, m := range members {
		if m.Differs {
			b.Changes = append(b.Changes, m)
		}
	}
	if isSame {
		b.Notes = append(b.Notes, "note.policy")
	}
	return nil
}

// setField sets the shown value of a field.
func (b *actBody) setField(name, value string) {
	for i := range b.Fields {
		if b.Fields[i].Name == name {
			b.Fields[i].Value, b.Fields[i].Rows = value, policyRows
		}
	}
}

// policyRows is the height of the field of a policy document.
const policyRows = 24

// policyText returns the document of a policy in indented JSON.
func policyText(p *domain.Policy) string {
	line := wire.AppendData(nil, p)
	var indented bytes.Buffer
	if err := json.Indent(&indented, line, "", "  "); err != nil {
		return string(line)
	}
	return indented.String()
}

// policyQueue shows the policy in force.
func (v *visit) policyQueue() (queue, error) {
	q := queue{Name: "policy", IsList: true, Acts: v.link(nil, &policyAdopt),
		Head: []string{"record.policy", "column.record", "column.since"}}
	view, err := v.Rows.View(v.r.Context())
	if err != nil {
		return q, err
	}
	defer view.Close()
	seq, err := view.PolicyAdopted(v.moment.asOf.Seq)
	if err != nil {
		return q, err
	}
	a, err := v.adoptionAt(seq)
	acts := []actLink{{policyPath, "work.policy"}}
	if v.mayWhatIf() {
		acts = append(acts, actLink{whatIfPath, "work.whatif"})
	}
	record := cell{Text: v.text.T("why.builtin")}
	if seq > 0 {
		record.Text = a.Value
	}
	if seq > 0 && v.mayAny(recordOperations) {
		record.Path = "/records/" + a.Value
	}
	q.Rows = []queueRow{{
		Cells: []cell{{Text: a.Version, Path: policyPath}, record, {At: a.Time}},
		Acts:  acts,
	}}
	return q, err
}
