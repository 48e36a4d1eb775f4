package wire

import (
	"bytes"
	"cmp"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"authledger/domain"
)

// canon reads only the canonical text that the writer of this package writes: members in
// their order, no blanks, no optional member with a zero value, one form of every string
// and time. It is therefore fast, and it cannot disagree with the tokenizer about a text
// that both accept.
type canon struct {
	all, in []byte // the text, and its unread rest
	first   bool   // no member of the object has been read
	lax     bool   // within data or result, where a required member may be missing because an older program wrote the text
	err     error
	texts   texts

	lastText []byte // the last time that was read, because a record often repeats one
	lastTime time.Time
}

func (c *canon) read(b []byte, d domain.Data) error {
	c.all, c.in, c.first, c.lax, c.err, c.lastText = b, b, false, false, nil, nil
	c.object(d)
	if c.err == nil && len(c.in) > 0 {
		c.fail("data after the object")
	}
	c.all, c.in, c.lastText = nil, nil, nil // so that the message can be freed
	return c.err
}

func (c *canon) fail(format string, args ...any) {
	if c.err == nil {
		c.err = fmt.Errorf("at byte %d: "+format, append([]any{len(c.all) - len(c.in)}, args...)...)
		c.in = nil // so that every later read fails
	}
}

func (c *canon) skip(b byte) bool {
	if len(c.in) == 0 || c.in[0] != b {
		return false
	}
	c.in = c.in[1:]
	return true
}

func (c *canon) object(d domain.Data) {
	if !c.skip('{') {
		c.fail("want an object")
		return
	}
	outer := c.first
	c.first = true
	d.Members(c)
	c.first = outer
	if !c.skip('}') {
		c.fail("unknown or misplaced member: the record is damaged, or a newer program wrote it")
	}
}

// valueOf returns the text that begins with the value of the named member if that is the next
// member, otherwise nil.
func (c *canon) valueOf(name string) []byte {
	in := c.in
	if !c.first {
		if len(in) == 0 || in[0] != ',' {
			return nil
		}
		in = in[1:]
	}
	n := len(name)
	if len(in) < n+len(`"":`) || in[0] != '"' || string(in[1:n+1]) != name || in[n+1] != '"' || in[n+2] != ':' {
		return nil
	}
	return in[n+3:]
}

// next reports whether the named member is the next member.
func (c *canon) next(name string) bool { return c.valueOf(name) != nil }

// takes advances to the value of the named member if that is the next member, and reports
// whether it is.
func (c *canon) takes(name string, need bool) bool {
	value := c.valueOf(name)
	if value == nil {
		if need && !c.lax {
			c.fail("member %q is missing: the record is damaged, or a newer program wrote it", name)
		}
		return false
	}
	c.in, c.first = value, false
	return true
}

// present fails on a zero value of an optional member, which the writer omits.
func (c *canon) present(zero bool, f domain.Form) {
	if zero && !f.Need {
		c.fail("optional member with a zero value")
	}
}

// quoted reads a string and returns its text.
func (c *canon) quoted() []byte {
	if len(c.in) == 0 || c.in[0] != '"' {
		c.fail("want a string")
		return nil
	}
	for i, b := range c.in[1:] {
		switch {
		case b == '"':
			s := c.in[1 : i+1]
			c.in = c.in[i+2:]
			return s
		case b == '\\' || b < ' ' || b >= utf8.RuneSelf:
			return c.quotedAny()
		}
	}
	c.fail("unterminated string")
	return nil
}

// quotedAny reads a string with escapes or characters beyond ASCII.
func (c *canon) quotedAny() []byte {
	end := 1
	for end < len(c.in) && c.in[end] != '"' {
		if c.in[end] == '\\' {
			end++
		}
		end++
	}
	if end >= len(c.in) {
		c.fail("unterminated string")
		return nil
	}
	raw := c.in[:end+1]
	text, err := jsontext.AppendUnquote(nil, raw)
	if err != nil || !bytes.Equal(appendQuote(nil, string(text)), raw) {
		c.fail("string with another quoting than the writer's")
		return nil
	}
	c.in = c.in[end+1:]
	return text
}

func (c *canon) Text(name string, at *string, f domain.Form) {
	if f.Personal || !c.takes(name, f.Need) {
		return
	}
	*at = c.texts.text(c.quoted())
	c.present(*at == "", f)
}

func (c *canon) Count(name string, at *int64, f domain.Form) {
	if !c.takes(name, f.Need) {
		return
	}
	end := 0
	for end < len(c.in) && '0' <= c.in[end] && c.in[end] <= '9' {
		end++
	}
	n, ok := parseCount(c.in[:end])
	if !ok || n > f.CountMost() || (end > 1 && c.in[0] == '0') {
		c.fail("want a whole number from 0 to %d", f.CountMost())
		return
	}
	*at, c.in = n, c.in[end:]
	c.present(n == 0, f)
}

func (c *canon) Flag(name string, at *bool, f domain.Form) {
	if !c.takes(name, f.Need) {
		return
	}
	switch {
	case bytes.HasPrefix(c.in, []byte("true")):
		*at, c.in = true, c.in[len("true"):]
	case bytes.HasPrefix(c.in, []byte("false")):
		*at, c.in = false, c.in[len("false"):]
	default:
		c.fail("want true or false")
	}
	c.present(!*at, f)
}

func (c *canon) Instant(name string, at *time.Time, f domain.Form) {
	if !c.takes(name, f.Need) {
		return
	}
	*at = c.instant()
	c.present(at.IsZero(), f)
}

func (c *canon) instant() time.Time {
	text := c.quoted()
	if len(text) > 0 && bytes.Equal(text, c.lastText) {
		return c.lastTime
	}
	t, err := ParseTime(text)
	if err != nil || text[len(text)-1] != 'Z' || (text[len("2006-01-02T15:04:05")] == '.' && text[len(text)-2] == '0') {
		c.fail("want a time in UTC in its shortest form")
		return time.Time{}
	}
	c.lastText, c.lastTime = text, t
	return t
}

func (c *canon) Instants(name string, at *[]time.Time) {
	*at = (*at)[:0]
	c.list(name, func() { *at = append(*at, c.instant()) })
}

// Texts reuses the memory of *at.
func (c *canon) Texts(name string, at *[]string) {
	*at = (*at)[:0]
	c.list(name, func() { *at = append(*at, c.texts.text(c.quoted())) })
}

func (c *canon) Object(name string, at domain.Data, f domain.Form) {
	name = cmp.Or(f.Stored, name)
	if !c.takes(name, f.Need) {
		return
	}
	outer := c.lax
	c.lax = outer || name == "data" || name == "result"
	c.object(at)
	c.lax = outer
}

func (c *canon) List(name string, of domain.Items) {
	of.Clear()
	c.list(name, func() { c.object(of.Grow()) })
}

func (c *canon) list(name string, item func()) {
	if !c.takes(name, false) {
		return
	}
	if !c.skip('[') {
		c.fail("want a list")
		return
	}
	for item(); c.skip(','); {
		item()
	}
	if !c.skip(']') {
		c.fail("want the end of the list")
	}
}
