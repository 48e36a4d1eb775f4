package console

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"authledger/adapters/console/whatif"
	"authledger/domain"
	"authledger/domain/access"
	"authledger/eventstore/audit"
)

// whatIfPath is the path of the page that starts comparisons of the recorded verdicts with another
// policy, and lists them.
const whatIfPath = policyPath + "/what-if"

// Fields of the form that starts a comparison.
const (
	policyField   = "policy"
	documentField = "document"
	fromField     = "from"
	toField       = "to"
)

// whatIfsBody is the body of the page that starts comparisons.
type whatIfsBody struct {
	policyChoice
	Policy, Document, From, To string // values of the form
	Rows                       []whatif.Comparison
	KeptHours                  int
	KeptOfCaller               int

	WrongField string // field of the error, "" for none
	Wrong      string // key of the text of the error, "" for an error of the document
	Detail     string // error of the document, in English
}

// whatIfBody is the body of the page of one comparison.
type whatIfBody struct {
	whatif.Comparison
	Path      string
	IsRunning bool
	Kinds     []totalRow
	Rows      []differenceRow
	More      int64  // differences that the table does not keep
	Command   string // that lists all differences
	Document  string // of the policy
	KeptUntil time.Time
	MayAdopt  bool
}

// totalRow is the number of differences of one kind.
type totalRow struct {
	Type       string
	Was, Would outcomeRow
	Count      int64
}

// differenceRow is a verdict that differs, with the entity of its record.
type differenceRow struct {
	Seq        uint64
	At         time.Time
	Type       string
	Of         entityLink
	Was, Would outcomeRow
}

// outcomeRow is the part of a verdict that a comparison compares, in the language of the page.
type outcomeRow struct {
	Status       domain.Status
	Text, Reason string
	Events       []string
}

// mayWhatIf reports whether the caller may start comparisons.
func (v *visit) mayWhatIf() bool { return v.caller.Role.May(access.WhatIf) && v.may("policy") }

// MayWhatIf reports whether the caller may start comparisons.
func (p *page) MayWhatIf() bool { return p.visit.mayWhatIf() }

// getWhatIfs shows the form and the kept comparisons. The form begins with the policy of the URL, else
// with a preset.
func (v *visit) getWhatIfs() error {
	b := &whatIfsBody{Policy: v.r.URL.Query().Get(policyField), From: "1"}
	if b.Policy == "" {
		b.Policy = domain.Presets()[1].Version // the first preset is the policy of a new ledger
	}
	return v.writeWhatIfs(http.StatusOK, b)
}

func (v *visit) writeWhatIfs(status int, b *whatIfsBody) (err error) {
	if b.policyChoice, err = v.policyChoice(); err != nil {
		return err
	}
	b.Rows, b.KeptHours, b.KeptOfCaller = v.whatIfs.List(), int(whatif.KeptFor/time.Hour), whatif.KeptOfCaller
	v.write(status, "whatifs", "whatif.title", b)
	return nil
}

// postWhatIf starts a comparison, and leads to its page.
func (v *visit) postWhatIf() error {
	form := v.r.PostForm
	b := &whatIfsBody{
		Policy: form.Get(policyField), Document: strings.TrimSpace(form.Get(documentField)),
		From: strings.TrimSpace(form.Get(fromField)), To: strings.TrimSpace(form.Get(toField)),
	}
	s := whatif.Spec{Caller: v.caller.Name}
	if err := v.readPolicyOf(b, &s); err != nil {
		return err
	}
	if b.readRange(&s); b.WrongField != "" {
		return v.writeWhatIfs(http.StatusUnprocessableEntity, b)
	}
	id, ok := v.whatIfs.Start(s, v.WhatIf, func(task whatif.Task) bool {
		return v.options.Shared.StartTask(v.caller, "whatIf", task)
	})
	if !ok {
		b.Wrong = "whatif.busy"
		return v.writeWhatIfs(http.StatusConflict, b)
	}
	return &redirect{whatIfPath + "/" + id}
}

// readPolicyOf sets the policy of a comparison, or the error of the form.
func (v *visit) readPolicyOf(b *whatIfsBody, s *whatif.Spec) error {
	switch {
	case (b.Policy == "") == (b.Document == ""):
		b.WrongField, b.Wrong = policyField, "whatif.wrong.policy"
	case b.Policy != "":
		p, err := v.policyOf(b.Policy)
		if err != nil {
			return err
		}
		s.Policy = p.Compiled()
	default:
		p, wrong := readPolicy(form{documentField: b.Document})
		if wrong != nil {
			b.WrongField, b.Detail = documentField, wrong.Detail
			return nil
		}
		s.Policy = p.Compiled()
	}
	return nil
}

// readRange sets the records of a comparison, or the error of the form.
func (b *whatIfsBody) readRange(s *whatif.Spec) {
	for _, n := range []struct {
		name, text string
		to         *uint64
	}{{fromField, b.From, &s.From}, {toField, b.To, &s.To}} {
		if n.text == "" {
			continue
		}
		var err error
		if *n.to, err = strconv.ParseUint(n.text, 10, 63); err != nil || *n.to == 0 {
			b.WrongField, b.Wrong = n.name, "whatif.wrong.number"
			return
		}
	}
	s.From = max(s.From, 1)
	if s.To > 0 && s.From > s.To {
		b.WrongField, b.Wrong = toField, "whatif.wrong.range"
	}
}

// getWhatIf shows a comparison with its progress and its result.
func (v *visit) getWhatIf() error {
	b, err := v.whatIf()
	if err != nil {
		return err
	}
	if b.IsRunning {
		v.withoutScript = v.refreshLater()
	}
	v.write(http.StatusOK, "whatif", "whatif.title", b)
	return nil
}

// errNoComparison reports a comparison that the node does not keep.
var errNoComparison = &failure{status: http.StatusNotFound, key: "nocomparison"}

// whatIf returns the comparison in the path.
func (v *visit) whatIf() (*whatIfBody, error) {
	c, ok := v.whatIfs.Find(v.r.PathValue("id"))
	if !ok {
		return nil, errNoComparison
	}
	b := &whatIfBody{
		Comparison: c, Path: whatIfPath + "/" + c.ID, IsRunning: c.State == whatif.Running,
		More: c.Differ - int64(len(c.Differences)), Command: commandOf(&c.Spec), Document: policyText(c.Policy),
		KeptUntil: c.Ended.Add(whatif.KeptFor), MayAdopt: policyAdopt.isFor(v.caller.Role),
	}
	for _, t := range c.Totals {
		b.Kinds = append(b.Kinds, totalRow{t.Type, v.outcome(t.Was), v.outcome(t.Would), t.Count})
	}
	for i := range c.Differences {
		d := &c.Differences[i]
		b.Rows = append(b.Rows, differenceRow{
			d.Seq, d.At, d.Type, v.linkOf(domain.Entity(d.Entity)),
			v.outcome(d.Was), v.outcome(d.Would),
		})
	}
	return b, nil
}

func (v *visit) outcome(o audit.Outcome) outcomeRow {
	row := outcomeRow{Status: o.Status, Text: v.text.Name("status", string(o.Status))}
	if o.Reason != "" {
		row.Reason = v.text.Name("reason", string(o.Reason))
	}
	for _, e := range o.Events {
		row.Events = append(row.Events, v.text.Name("event", e))
	}
	return row
}

// commandOf returns the command that lists all differences of a comparison.
func commandOf(s *whatif.Spec) string {
	text := "authledger policy what-if --policy policy.json"
	for _, p := range domain.Presets() {
		if p.Version == s.Policy.Version {
			text = "authledger policy what-if --preset " + p.Version
		}
	}
	if s.From > 1 {
		text += " --from " + strconv.FormatUint(s.From, 10)
	}
	if s.To > 0 {
		text += " --to " + strconv.FormatUint(s.To, 10)
	}
	return text
}

// getWhatIfLive sends the parts of the page of a comparison as server-sent events, the last one after
// the end of the comparison.
func (v *visit) getWhatIfLive() error {
	b, err := v.whatIf()
	if err != nil {
		return err
	}
	isOver := false
	wait := func(ctx context.Context) bool { return !isOver && v.pause(ctx) }
	return v.stream(b.Path+"/live", wait, func() ([]byte, error) {
		if v.options.Shared.LimitCaller(v.caller, v.cost()) > 0 {
			return tooFast, nil
		}
		if err := v.findMoment(); err != nil {
			return nil, err
		}
		if b, err = v.whatIf(); err != nil {
			return nil, err
		}
		isOver = !b.IsRunning
		return v.event("whatif", "live", b)
	})
}

// postCancel cancels a comparison. The log of the node names the caller, because any caller with the
// right can cancel the comparisons of others.
func (v *visit) postCancel() error {
	b, err := v.whatIf()
	if err != nil {
		return err
	}
	v.options.Log.Info("a caller cancels a comparison", "caller", v.caller.Name, "startedBy", b.Caller)
	v.whatIfs.Cancel(b.ID)
	return &redirect{b.Path}
}
