package wire

import "authledger/domain"

// AppendVerdict appends v as one JSON object without a newline.
func AppendVerdict(b []byte, v *domain.Verdict) []byte {
	w := writer{b: b}
	w.object(&verdictLine{v})
	return visible(w.b, len(b))
}

// verdictLine lists the members of a verdict. It is only written.
type verdictLine struct{ v *domain.Verdict }

func (l *verdictLine) Members(v domain.Visitor) {
	a := l.v
	seq, at := int64(a.Seq), a.Time
	recorded := domain.Form{Need: a.Status != domain.Invalid}
	v.Text("id", &a.ID, domain.Free)
	v.Text("source", &a.Source, domain.Free)
	v.Text("type", &a.Type, domain.Free)
	v.Text("status", (*string)(&a.Status), domain.Need)
	v.Count("seq", &seq, recorded)
	v.Instant("time", &at, recorded)
	v.Flag("late", &a.Late, domain.Need)
	v.Flag("duplicate", &a.Duplicate, domain.Need)
	v.Flag("unsynced", &a.Unsynced, domain.Free)
	v.Text("policy", &a.Policy, domain.Free)
	v.Text("reason", (*string)(&a.Reason), domain.Free)
	v.Text("detail", &a.Detail, domain.Free)
	v.List("events", verdictEvents{&a.Events})
	if a.Result != nil {
		v.Object("result", a.Result, domain.Need)
	}
}

// verdictEvents is the events of a verdict, without their version.
type verdictEvents struct{ events *[]domain.Event }

func (l verdictEvents) Len() int             { return len(*l.events) }
func (l verdictEvents) Clear()               {}
func (l verdictEvents) Grow() domain.Data    { return nil }
func (l verdictEvents) At(i int) domain.Data { return verdictEvent{&(*l.events)[i]} }

type verdictEvent struct{ event *domain.Event }

func (l verdictEvent) Members(v domain.Visitor) {
	kind := l.event.Data.EventType()
	v.Text("type", &kind, domain.Need)
	v.Instant("at", &l.event.At, domain.Need)
	v.Text("entity", (*string)(&l.event.Entity), domain.Free)
	v.Object("data", l.event.Data, domain.Need)
}
