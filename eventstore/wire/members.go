package wire

import (
	"fmt"
	"time"

	"authledger/domain"
)

// wrong replaces an invalid text, so that the member is not reported as missing.
const wrong = "?"

func (r *reader) Text(name string, at *string, f domain.Form) {
	if !r.takes(name) {
		return
	}
	why := "want a string"
	if raw := r.value(name, '"', why); raw != nil {
		*at, why = r.texts.text(unquote(raw)), ""
		if f.Wrong != nil {
			why = f.Wrong(*at)
		}
	}
	if why != "" {
		r.fault(name, why)
		*at = wrong
	}
	r.next()
}

func (r *reader) Count(name string, at *int64, f domain.Form) {
	if !r.takes(name) {
		return
	}
	if raw := r.value(name, '0', "want a whole number"); raw != nil {
		n, ok := parseCount(raw)
		if !ok || n > f.CountMost() {
			r.fault(name, fmt.Sprintf("want a whole number from 0 to %d", f.CountMost()))
		}
		*at = n
	}
	r.next()
}

func (r *reader) Flag(name string, at *bool, _ domain.Form) {
	if !r.takes(name) {
		return
	}
	if raw := r.value(name, 't', "want true or false"); raw != nil {
		*at = raw[0] == 't'
	}
	r.next()
}

func (r *reader) Instant(name string, at *time.Time, _ domain.Form) {
	if !r.takes(name) {
		return
	}
	if raw := r.value(name, '"', errTime.Error()); raw != nil {
		r.instant(name, raw, at)
	}
	r.next()
}

func (r *reader) instant(name string, raw []byte, at *time.Time) {
	t, err := ParseTime(unquote(raw))
	if err != nil {
		r.fault(name, err.Error())
		return
	}
	*at = t
}

func (r *reader) Instants(name string, at *[]time.Time) {
	if !r.takes(name) {
		return
	}
	*at = nil
	r.list(name, func() {
		if raw := r.value(name, '"', errTime.Error()); raw != nil {
			*at = append(*at, time.Time{})
			r.instant(name, raw, &(*at)[len(*at)-1])
		}
	})
	r.next()
}

func (r *reader) Texts(name string, at *[]string) {
	if !r.takes(name) {
		return
	}
	*at = nil
	r.list(name, func() {
		if raw := r.value(name, '"', "want a string"); raw != nil {
			*at = append(*at, r.texts.text(unquote(raw)))
		}
	})
	r.next()
}

// Object reads an object member. It accepts the name that records use in place of name,
// but not both in one document.
func (r *reader) Object(name string, at domain.Data, f domain.Form) {
	if f.Stored != "" && (string(r.name) == f.Stored || string(r.name) == name) {
		if r.seen&(1<<r.visit) != 0 {
			r.visit++
			r.read = true
			r.mismatch("the document has this member under two names: remove " + f.Stored)
			r.next()
			return
		}
		r.name = []byte(name)
	}
	if !r.takes(name) {
		return
	}
	outer := r.path
	r.path += name + "."
	if r.dec.PeekKind() == '{' {
		r.object(at)
	} else {
		r.path = outer
		r.mismatch("want an object")
	}
	r.path = outer
	r.next()
}

func (r *reader) List(name string, of domain.Items) {
	if !r.takes(name) {
		return
	}
	of.Clear()
	outer := r.path
	r.path += name + "."
	r.list(name, func() { r.object(of.Grow()) })
	r.path = outer
	r.next()
}

func (r *reader) list(name string, item func()) {
	if r.dec.PeekKind() != '[' {
		r.mismatch("want a list")
		return
	}
	for r.token(); r.syntax == nil && r.dec.PeekKind() != ']'; {
		item()
	}
	if r.syntax == nil {
		r.token()
	}
}
