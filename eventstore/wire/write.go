package wire

import (
	"strconv"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"authledger/domain"
)

// part selects the members of a command's data that are written.
type part int

const (
	whole    part = iota // all members
	lasting              // all members except the personal members: the log stores these members unsealed
	personal             // only the personal members: the log stores these members sealed
)

// writer appends members as JSON.
type writer struct {
	b      []byte
	part   part
	name   *string // name of a login that is not stored
	first  bool
	stored bool // members have the names of records, see [domain.Form]
	empty  bool // empty lists are written too
}

// AppendData appends d as a JSON object.
func AppendData(b []byte, d domain.Data) []byte {
	w := writer{b: b}
	w.object(d)
	return w.b
}

// AppendAnswer appends the answer to a query as a JSON object. It writes empty lists, so
// that clients always find the member.
func AppendAnswer(b []byte, d domain.Data) []byte {
	w := writer{b: b, empty: true}
	w.object(d)
	return visible(w.b, len(b))
}

func (w *writer) object(d domain.Data) {
	outer := w.first
	w.b, w.first = append(w.b, '{'), true
	d.Members(w)
	w.b, w.first = append(w.b, '}'), outer
}

func (w *writer) key(name string) {
	if !w.first {
		w.b = append(w.b, ',')
	}
	w.first = false
	w.b = append(w.b, '"')
	w.b = append(w.b, name...)
	w.b = append(w.b, '"', ':')
}

// skips reports whether a member belongs to a part that is not written.
func (w *writer) skips(isPersonal bool) bool {
	return w.part == lasting && isPersonal || w.part == personal && !isPersonal
}

func (w *writer) Text(name string, at *string, f domain.Form) {
	hidden := at == w.name && w.name != nil
	if w.skips(f.Personal || hidden) || (*at == "" && (!f.Need || hidden)) {
		return
	}
	w.key(name)
	w.b = appendQuote(w.b, *at)
}

func (w *writer) Count(name string, at *int64, f domain.Form) {
	if w.skips(f.Personal) || (*at == 0 && !f.Need) {
		return
	}
	w.key(name)
	w.b = strconv.AppendInt(w.b, *at, 10)
}

func (w *writer) Flag(name string, at *bool, f domain.Form) {
	if w.skips(f.Personal) || (!*at && !f.Need) {
		return
	}
	w.key(name)
	w.b = strconv.AppendBool(w.b, *at)
}

func (w *writer) Instant(name string, at *time.Time, f domain.Form) {
	if w.skips(f.Personal) || (at.IsZero() && !f.Need) {
		return
	}
	w.key(name)
	w.b = appendQuotedTime(w.b, *at)
}

func (w *writer) Instants(name string, at *[]time.Time) {
	if w.skips(false) || len(*at) == 0 {
		return
	}
	w.key(name)
	w.b = append(w.b, '[')
	for i, t := range *at {
		if i > 0 {
			w.b = append(w.b, ',')
		}
		w.b = appendQuotedTime(w.b, t)
	}
	w.b = append(w.b, ']')
}

func (w *writer) Texts(name string, at *[]string) {
	if w.skips(false) || len(*at) == 0 {
		return
	}
	w.key(name)
	w.b = append(w.b, '[')
	for i, s := range *at {
		if i > 0 {
			w.b = append(w.b, ',')
		}
		w.b = appendQuote(w.b, s)
	}
	w.b = append(w.b, ']')
}

func (w *writer) Object(name string, at domain.Data, f domain.Form) {
	if w.skips(f.Personal) {
		return
	}
	if w.stored && f.Stored != "" {
		name = f.Stored
	}
	w.key(name)
	w.object(at)
}

func (w *writer) List(name string, of domain.Items) {
	if w.skips(false) || of.Len() == 0 && !w.empty {
		return
	}
	w.key(name)
	w.b = append(w.b, '[')
	for i := range of.Len() {
		if i > 0 {
			w.b = append(w.b, ',')
		}
		w.object(of.At(i))
	}
	w.b = append(w.b, ']')
}

func appendQuotedTime(b []byte, t time.Time) []byte {
	b = append(b, '"')
	b = AppendTime(b, t)
	return append(b, '"')
}

// appendQuote appends s as a JSON string. It would replace invalid UTF-8 by U+FFFD, but the
// reader has rejected such texts.
func appendQuote(b []byte, s string) []byte {
	b, _ = jsontext.AppendQuote(b, s)
	return b
}

// AppendText appends s as a JSON string.
func AppendText(b []byte, s string) []byte { return appendQuote(b, s) }
