package explain

import (
	"strconv"

	"authledger/domain"
)

// Members lists the members of the answer to the query "why".
func (x *Explanation) Members(v domain.Visitor) {
	adopted, builtIn := int64(x.Adopted), x.Adopted == 0
	v.Object("record", &RecordView{x.Record}, domain.Need)
	v.Text("says", &x.Says, domain.Need)
	v.Object("policy", &policyView{x.Policy, adopted, builtIn}, domain.Need)
	v.List("basis", domain.List(&x.Basis))
	if len(x.Totals) > 0 {
		v.List("totals", domain.List(&x.Totals))
	}
	if x.Next > 0 {
		next := strconv.FormatUint(x.Next, 10)
		v.Text("next", &next, domain.Free)
	}
	if x.Calendar != nil {
		v.Object("calendar", x.Calendar, domain.Need)
	}
	v.Texts("arithmetic", &x.Arithmetic)
}

// policyView is the policy of a decision, and the record that adopted it.
type policyView struct {
	document *domain.Policy
	adopted  int64
	builtIn  bool
}

func (p *policyView) Members(v domain.Visitor) {
	v.Text("version", &p.document.Version, domain.Need)
	v.Count("adoptedBy", &p.adopted, domain.Free)
	v.Flag("builtIn", &p.builtIn, domain.Free)
	v.Object("document", p.document, domain.Need)
}

// RecordView is a record in the JSON of an explanation: the command without its personal
// members, and the verdict.
type RecordView struct{ *domain.Record }

func (r *RecordView) Members(v domain.Visitor) {
	seq, rules, entities := int64(r.Seq), int64(r.Command.Rules), make([]string, len(r.Entities))
	if rules == 0 {
		rules = domain.Rules
	}
	for i, e := range r.Entities {
		entities[i] = string(e)
	}
	v.Count("seq", &seq, domain.Need)
	v.Texts("entities", &entities)
	v.Object("command", &commandView{r.Record}, domain.Need)
	v.Instant("time", &r.Time, domain.Need)
	v.Flag("late", &r.Late, domain.Free)
	v.Text("status", (*string)(&r.Status), domain.Need)
	v.Text("reason", (*string)(&r.Reason), domain.Free)
	v.Text("detail", &r.Detail, domain.Free)
	v.Text("policy", &r.Policy, domain.Need)
	v.Count("rules", &rules, domain.Need)
	if r.Result != nil {
		v.Object("result", r.Result, domain.Need)
	}
	v.List("events", eventViews(r.Events))
}

type commandView struct{ *domain.Record }

func (c *commandView) Members(v domain.Visitor) {
	kind := c.Command.Data.CommandType()
	v.Text("source", &c.Command.Source, domain.Need)
	v.Text("id", &c.Command.ID, domain.Need)
	v.Text("type", &kind, domain.Need)
	v.Instant("time", &c.Command.Time, domain.Need)
	v.Instant("arrived", &c.Command.Arrived, domain.Free)
	v.Text("caller", &c.Command.Caller, domain.Free)
	v.Flag("backfill", &c.Command.Backfill, domain.Free)
	v.Object("data", &dataView{c.Record}, domain.Need)
}

// dataView is the data of a command without the personal members.
type dataView struct{ *domain.Record }

func (d *dataView) Members(v domain.Visitor) {
	public := publicMembers{Visitor: v}
	if d.Unattributed() != nil {
		public.hidden, _, _ = d.Command.LoginName()
	}
	d.Command.Data.Members(&public)
}

// publicMembers passes the members of a command to a visitor, except the personal members.
type publicMembers struct {
	domain.Visitor
	hidden *string // the user name of an unattributed login, also left out
}

func (l *publicMembers) Text(name string, at *string, f domain.Form) {
	if !f.Personal && (at != l.hidden || at == nil) {
		l.Visitor.Text(name, at, f)
	}
}

// eventViews are the events of a record. They can be encoded, but not decoded.
type eventViews []domain.Event

func (l eventViews) Len() int             { return len(l) }
func (l eventViews) Clear()               {}
func (l eventViews) Grow() domain.Data    { return nil }
func (l eventViews) At(i int) domain.Data { return &eventView{&l[i]} }

type eventView struct{ *domain.Event }

func (e *eventView) Members(v domain.Visitor) {
	kind := e.Data.EventType()
	v.Text("type", &kind, domain.Need)
	v.Instant("at", &e.At, domain.Need)
	v.Text("entity", (*string)(&e.Entity), domain.Free)
	v.Object("data", e.Data, domain.Need)
}
