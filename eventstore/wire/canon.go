package wire

import (
	"bytes"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"authledger/domain"
)

// canon reads what the writer of this package wrote, and no other text: members
// in their order, no blanks, no zero that could be left out, every text and
// every time told in the one way. It is the faster for it, and can't disagree
// with the tokenizer about a text that both take.
type canon struct {
	all, in []byte // the text, and what is left of it
	first   bool   // no member of the object has been read yet
	lax     bool   // within data, whose members may be younger than the text
	err     error
	texts   texts

	told []byte // the time read last, and which it is: a record tells one often
	time time.Time
}

func (c *canon) read(b []byte, d domain.Data) error {
	c.all, c.in, c.first, c.lax, c.err, c.told = b, b, false, false, nil, nil
	c.object(d)
	if c.err == nil && len(c.in) > 0 {
		c.fail("something follows it")
	}
	c.all, c.in, c.told = nil, nil, nil // hold on to no message
	return c.err
}

func (c *canon) fail(format string, args ...any) {
	if c.err == nil {
		c.err = fmt.Errorf("at byte %d: "+format, append([]any{len(c.all) - len(c.in)}, args...)...)
		c.in = nil // nothing fits any more
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
		c.fail("a member that does not belong here, or not here: it is damaged, or written by a newer program")
	}
}

// behind returns what follows the named member's colon if that member comes
// next, else nil.
func (c *canon) behind(name string) []byte {
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

// next reports whether the named member comes next.
func (c *canon) next(name string) bool { return c.behind(name) != nil }

// takes moves on to the named member's value if that comes next.
func (c *canon) takes(name string, need bool) bool {
	value := c.behind(name)
	if value == nil {
		if need && !c.lax {
			c.fail("want %q here: it is damaged, or written by a newer program", name)
		}
		return false
	}
	c.in, c.first = value, false
	return true
}

// present refuses a zero that the writer would have left out.
func (c *canon) present(zero bool, f domain.Form) {
	if zero && !f.Need {
		c.fail("a member that says nothing")
	}
}

// quoted reads a string.
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
			return c.unplain()
		}
	}
	c.fail("a string that does not end")
	return nil
}

// unplain reads a string that holds more than plain ASCII.
func (c *canon) unplain() []byte {
	end := 1
	for end < len(c.in) && c.in[end] != '"' {
		if c.in[end] == '\\' {
			end++
		}
		end++
	}
	if end >= len(c.in) {
		c.fail("a string that does not end")
		return nil
	}
	raw := c.in[:end+1]
	text, err := jsontext.AppendUnquote(nil, raw)
	if err != nil || !bytes.Equal(appendQuote(nil, string(text)), raw) {
		c.fail("a string that is not quoted as it would be")
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
	if len(text) > 0 && bytes.Equal(text, c.told) {
		return c.time
	}
	t, err := ParseTime(text)
	if err != nil || text[len(text)-1] != 'Z' || (text[len("2006-01-02T15:04:05")] == '.' && text[len(text)-2] == '0') {
		c.fail("want a time of UTC, told as shortly as can be")
		return time.Time{}
	}
	c.told, c.time = text, t
	return t
}

func (c *canon) Instants(name string, at *[]time.Time) {
	*at = (*at)[:0]
	c.list(name, func() { *at = append(*at, c.instant()) })
}

// Texts keeps the room that at has.
func (c *canon) Texts(name string, at *[]string) {
	*at = (*at)[:0]
	c.list(name, func() { *at = append(*at, c.texts.text(c.quoted())) })
}

func (c *canon) Object(name string, at domain.Data, f domain.Form) {
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
		c.fail("want the list's end")
	}
}
