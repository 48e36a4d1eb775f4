package operations

import (
	"bytes"
	"strings"
	"testing"
)

// parsed parses a request, and returns the position of its cursor.
func parsed(operation, path string, query map[string]string) (Values, error) {
	values := make(map[string][]string, len(query))
	for name, text := range query {
		values[name] = []string{text}
	}
	return Find(operation).Parse(func(string) string { return path }, values, readTime)
}

func TestCursor(t *testing.T) {
	first, err := parsed("codes", "alice", map[string]string{"limit": "2", "at": "2026-03-02T15:09:00Z"})
	if err != nil {
		t.Fatal(err)
	}
	position := []byte("position")
	next := first.Next(position)
	other := `after: invalid value: the cursor belongs to another list, want the same filters and order`
	for _, c := range []struct {
		name, operation, path string
		query                 map[string]string
		want                  string // beginning of the error, "" for none
	}{
		{"next page", "codes", "alice", map[string]string{"after": next}, ""},
		{"other limit and asOf", "codes", "alice",
			map[string]string{"after": next, "limit": "9", "asOf": "7"}, ""},
		{"default order", "codes", "alice", map[string]string{"after": next, "order": "newest"}, ""},
		{"other order", "codes", "alice", map[string]string{"after": next, "order": "oldest"}, other},
		{"other user", "codes", "bob", map[string]string{"after": next}, other},
		{"other operation", "devices", "alice", map[string]string{"after": next}, other},
		{"empty", "codes", "alice", map[string]string{"after": ""}, ""},
		{"no position", "codes", "alice", map[string]string{"after": next[:12]}, "after: invalid value, want"},
		{"number", "codes", "alice", map[string]string{"after": "7"}, "after: invalid value, want the member next"},
		{"padding", "codes", "alice", map[string]string{"after": next + "="}, "after: invalid value"},
		{"line feed", "codes", "alice", map[string]string{"after": next[:4] + "\n" + next[4:]},
			"after: invalid value"},
		{"other version", "codes", "alice", map[string]string{"after": "Ag" + next[2:]},
			"after: invalid value, want"},
		{"too long", "codes", "alice", map[string]string{"after": next + strings.Repeat("A", cursorBytesMax)},
			"after: invalid value, want"},
	} {
		v, err := parsed(c.operation, c.path, c.query)
		got := ""
		if err != nil {
			got = err.Error()
		}
		if !strings.HasPrefix(got, c.want) || c.want == "" && got != "" {
			t.Errorf("%s: got error %q, want %q", c.name, got, c.want)
		}
		if err == nil && c.query["after"] != "" && !bytes.Equal(v.Position(), position) {
			t.Errorf("%s: got position %q, want %q", c.name, v.Position(), position)
		}
	}
	if got := first.Next(nil); got != "" {
		t.Errorf("cursor of no position: got %q, want none", got)
	}
}

// FuzzCursor checks that a cursor has one text, and that no text of a client panics.
func FuzzCursor(f *testing.F) {
	v, err := parsed("codes", "alice", nil)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(v.Next([]byte("12345678")))
	f.Add("AQ")
	f.Fuzz(func(t *testing.T, text string) {
		v, err := parsed("codes", "alice", map[string]string{"after": text})
		if err == nil && text != "" && v.Next(v.Position()) != text {
			t.Errorf("cursor %q: got %q for its position, want the cursor", text, v.Next(v.Position()))
		}
	})
}
