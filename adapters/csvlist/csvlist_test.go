package csvlist

import (
	"testing"
	"time"

	"authledger/domain"
)

// page is a page of items, beside another list.
type page struct{ items []item }

func (p *page) Members(v domain.Visitor) {
	user := "alice"
	v.Text("user", &user, domain.Need)
	v.List("limits", domain.List(&[]tally{{"other", 1}}))
	v.List("items", domain.List(&p.items))
}

type item struct {
	name    string
	number  int64
	isFirst bool
	at      time.Time
	types   []string
	tallies []tally
}

func (i *item) Members(v domain.Visitor) {
	v.Text("name", &i.name, domain.Need)
	v.Count("number", &i.number, domain.Need)
	v.Flag("first", &i.isFirst, domain.Free)
	v.Object("window", &window{i.at}, domain.Need)
	v.Texts("types", &i.types)
	v.List("tallies", domain.List(&i.tallies))
}

type window struct{ from time.Time }

func (w *window) Members(v domain.Visitor) {
	var all []time.Time
	if !w.from.IsZero() {
		all = []time.Time{w.from, w.from}
	}
	v.Instant("from", &w.from, domain.Free)
	v.Instants("all", &all)
}

type tally struct {
	event string
	count int64
}

func (t *tally) Members(v domain.Visitor) {
	v.Text("event", &t.event, domain.Need)
	v.Count("count", &t.count, domain.Free)
}

const columnNames = "name,number,first,window.from,window.all,types,event,count\r\n"

func TestWrite(t *testing.T) {
	at := time.Date(2026, 3, 2, 15, 9, 0, 1e6, time.FixedZone("", 3600))
	const instants = "2026-03-02T14:09:00.001Z,2026-03-02T14:09:00.001Z 2026-03-02T14:09:00.001Z"
	for _, c := range []struct {
		name  string
		items []item
		want  string
	}{
		{"no items", nil, ""},
		{"absent members", []item{{}}, ",0,false,,,,,\r\n"},
		{"all members", []item{{"a", -5, true, at, []string{"x", "y"}, []tally{{"e", 2}}}},
			"a,-5,true," + instants + ",x y,e,2\r\n"},
		{"list in an item", []item{{"a", 1, false, at, nil, []tally{{"e", 2}, {"f", 0}}}, {name: "b"}},
			"a,1,false," + instants + ",,e,2\r\na,1,false," + instants + ",,f,\r\nb,0,false,,,,,\r\n"},
	} {
		got, err := Write(&page{c.items}, "items")
		if err != nil || string(got) != columnNames+c.want {
			t.Errorf("%s: got %q, %v, want %q", c.name, got, err, columnNames+c.want)
		}
	}
}

func TestWrite_SafeCells(t *testing.T) {
	const rest = ",0,false,,,,,\r\n"
	for text, want := range map[string]string{
		"=1+1": "'=1+1", "+1": "'+1", "-1": "'-1", "@SUM(A1)": "'@SUM(A1)", "\tx": "'\tx", "\rx": "\"'x\"",
		"a=1": "a=1", "a,b": `"a,b"`, `a"b`: `"a""b"`, "a\nb": "\"a\r\nb\"", " a": `" a"`, "'=1": "''=1",
		"\uff1d1": "'\uff1d1", "\uff0b1": "'\uff0b1", "\uff0d1": "'\uff0d1", "\uff20A": "'\uff20A", "": "",
		"a\u202eb": `a\u202eb`, "\x1b[31m": `\u001b[31m`, "a\U000e0001": `a\udb40\udc01`, "Ω": "Ω",
	} {
		got, err := Write(&page{[]item{{name: text}}}, "items")
		if err != nil || string(got) != columnNames+want+rest {
			t.Errorf("%q: got %q, %v, want %q", text, got, err, columnNames+want+rest)
		}
	}
}
