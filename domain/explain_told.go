package domain

// Members lists what the answer to "why?" tells (contract, "Queries").
func (x *Explanation) Members(v Visitor) {
	adopted, builtIn := int64(x.Adopted), x.Adopted == 0
	v.Object("record", &ToldRecord{x.Record}, Need)
	v.Text("says", &x.Says, Need)
	v.Object("policy", &toldPolicy{x.Policy, adopted, builtIn}, Need)
	v.List("rests", items[Fact, *Fact]{&x.Rests})
	if x.Calendar != nil {
		v.Object("calendar", x.Calendar, Need)
	}
	v.Texts("arithmetic", &x.Arithmetic)
}

// toldPolicy is the policy that decided, and where it comes from.
type toldPolicy struct {
	document *Policy
	adopted  int64
	builtIn  bool
}

func (p *toldPolicy) Members(v Visitor) {
	v.Text("version", &p.document.Version, Need)
	v.Count("adoptedBy", &p.adopted, Free)
	v.Flag("builtIn", &p.builtIn, Free)
	v.Object("document", p.document, Need)
}

// ToldRecord is a record as an explanation tells it: the command as it is kept
// in the clear, and the verdict.
type ToldRecord struct{ *Record }

func (r *ToldRecord) Members(v Visitor) {
	seq, entities := int64(r.Seq), make([]string, len(r.Entities))
	for i, e := range r.Entities {
		entities[i] = string(e)
	}
	v.Count("seq", &seq, Need)
	v.Texts("entities", &entities)
	v.Object("command", &toldCommand{r.Record}, Need)
	v.Instant("time", &r.Time, Need)
	v.Flag("late", &r.Late, Free)
	v.Text("status", (*string)(&r.Status), Need)
	v.Text("reason", (*string)(&r.Reason), Free)
	v.Text("detail", &r.Detail, Free)
	v.Text("policy", &r.Policy, Need)
	if r.Result != nil {
		v.Object("result", r.Result, Need)
	}
	v.List("events", toldEvents(r.Events))
}

type toldCommand struct{ *Record }

func (c *toldCommand) Members(v Visitor) {
	kind := c.Command.Data.CommandType()
	v.Text("source", &c.Command.Source, Need)
	v.Text("id", &c.Command.ID, Need)
	v.Text("type", &kind, Need)
	v.Instant("time", &c.Command.Time, Need)
	v.Text("caller", &c.Command.Caller, Free)
	v.Flag("backfill", &c.Command.Backfill, Free)
	v.Object("data", &toldData{c.Record}, Need)
}

// toldData is the data of a command without what is personal.
type toldData struct{ *Record }

func (d *toldData) Members(v Visitor) {
	lasting := lastingMembers{Visitor: v}
	if d.Unattributed() != nil {
		lasting.hidden, _, _ = d.Command.LoginName()
	}
	d.Command.Data.Members(&lasting)
}

// lastingMembers passes on the members that are no personal ones.
type lastingMembers struct {
	Visitor
	hidden *string // a login's name that belongs to nobody
}

func (l *lastingMembers) Text(name string, at *string, f Form) {
	if !f.Personal && (at != l.hidden || at == nil) {
		l.Visitor.Text(name, at, f)
	}
}

// toldEvents are the events of a record. They are only to be written.
type toldEvents []Event

func (l toldEvents) Len() int      { return len(l) }
func (l toldEvents) Clear()        {}
func (l toldEvents) Grow() Data    { return nil }
func (l toldEvents) At(i int) Data { return &toldEvent{&l[i]} }

type toldEvent struct{ *Event }

func (e *toldEvent) Members(v Visitor) {
	kind := e.Data.EventType()
	v.Text("type", &kind, Need)
	v.Instant("at", &e.At, Need)
	v.Text("entity", (*string)(&e.Entity), Free)
	v.Object("data", e.Data, Need)
}
