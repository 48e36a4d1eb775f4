package wire

import (
	"bytes"
	"errors"
	"io"
	"sync"

	"github.com/go-json-experiment/json/jsontext"

	"authledger/domain"
)

// errObject reports a JSON value that is not an object.
var errObject = errors.New("want a JSON object")

// reader fills members from JSON. It continues after a fault, because the fault that it
// reports is the first in the order of A-12, not in the order of the text. It stops at a
// syntax error.
type reader struct {
	dec    jsontext.Decoder
	source bytes.Buffer // input of dec

	path    string // of the object being read, for faults
	name    []byte // of the member whose value is next; nil at the end of the object
	read    bool   // whether this pass over the members took a value
	visit   int    // number of the member being visited
	seen    uint64 // bit set of the members that were read, by number
	texts   texts
	unknown *domain.Rejection
	missing *domain.Rejection
	bad     *domain.Rejection
	syntax  error
}

var readers = sync.Pool{New: func() any { return new(reader) }}

// borrow returns a reader of b. The caller MUST call release after its last use.
func borrow(b []byte) *reader {
	r := readers.Get().(*reader)
	r.path, r.name, r.read, r.visit, r.seen = "", nil, false, 0, 0
	r.unknown, r.missing, r.bad, r.syntax = nil, nil, nil, nil
	r.source = *bytes.NewBuffer(b)
	r.dec.Reset(&r.source)
	return r
}

func (r *reader) release() {
	r.source = bytes.Buffer{}
	readers.Put(r)
}

// ReadData fills d, which MUST be empty, from the JSON object b. It returns the rejection for
// the sender, or nil if d is complete and well formed.
func ReadData(b []byte, d domain.Data) *domain.Rejection {
	r := borrow(b)
	defer r.release()
	r.object(d)
	if r.syntax == nil {
		r.end()
	}
	return r.rejection(d)
}

// rejection returns the first fault in the order of A-12, or nil.
func (r *reader) rejection(d domain.Data) *domain.Rejection {
	switch {
	case r.syntax != nil:
		return &domain.Rejection{Reason: domain.Malformed, Detail: r.syntax.Error()}
	case r.unknown != nil:
		return r.unknown
	case r.missing != nil:
		return r.missing
	}
	checked, ok := d.(interface{ Check() *domain.Rejection })
	if !ok {
		return r.bad
	}
	found := checked.Check()
	if r.bad != nil && (found == nil || found.Reason != domain.MissingField) {
		return r.bad
	}
	return found
}

// end reports a syntax error if data follows the value.
func (r *reader) end() {
	if _, err := r.dec.ReadToken(); err != io.EOF {
		r.syntax = errors.New("want one JSON value and nothing after it")
	}
}

// object reads one object into d. Members may have any order: each pass over the members
// of d reads the values that follow in that order.
func (r *reader) object(d domain.Data) {
	if r.dec.PeekKind() != '{' {
		r.mismatch("want an object")
		return
	}
	r.token()
	outerName, outerSeen, outerVisit := r.name, r.seen, r.visit
	r.seen = 0
	for r.next(); r.name != nil && r.syntax == nil; {
		r.visit, r.read = 0, false
		d.Members(r)
		if !r.read && r.name != nil && r.syntax == nil {
			r.unknownMember()
		}
	}
	if r.syntax == nil {
		(&needs{reader: r}).check(d)
	}
	r.name, r.seen, r.visit, r.read = outerName, outerSeen, outerVisit, true
}

// next reads the name of the next member, or the end of the object.
func (r *reader) next() {
	r.name = nil
	if r.dec.PeekKind() == '}' {
		r.token()
		return
	}
	raw, err := r.dec.ReadValue()
	if err != nil {
		r.syntax = tidy(err)
		return
	}
	r.name = unquote(raw)
}

// unknownMember records the fault of an unknown member and skips its value.
func (r *reader) unknownMember() {
	name := string(r.name)
	if r.unknown == nil {
		r.unknown = &domain.Rejection{Reason: domain.UnknownField, Field: r.path + printable(name), Detail: "unknown field"}
	}
	r.skip()
	r.next()
}

func (r *reader) skip() {
	if err := r.dec.SkipValue(); err != nil {
		r.syntax = tidy(err)
	}
}

func (r *reader) token() {
	if _, err := r.dec.ReadToken(); err != nil {
		r.syntax = tidy(err)
	}
}

// takes reports whether the next value belongs to the named member.
func (r *reader) takes(name string) bool {
	r.visit++
	if r.syntax != nil || r.name == nil || string(r.name) != name {
		return false
	}
	r.seen |= 1 << (r.visit - 1)
	r.read = true
	return true
}

// value reads and returns the next value, or nil if it has another kind. Kind 't' stands for
// true and false.
func (r *reader) value(name string, kind jsontext.Kind, want string) []byte {
	got := r.dec.PeekKind()
	if got == 'f' {
		got = 't'
	}
	if got != kind {
		r.fault(name, want)
		r.skip()
		return nil
	}
	raw, err := r.dec.ReadValue()
	if err != nil {
		r.syntax = tidy(err)
		return nil
	}
	return raw
}

func (r *reader) fault(name, detail string) {
	if r.bad == nil {
		r.bad = &domain.Rejection{Reason: domain.BadField, Field: r.path + name, Detail: detail}
	}
}

func (r *reader) mismatch(detail string) {
	r.fault(string(r.name), detail)
	r.skip()
}
