package operations

import (
	"errors"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"
)

func readTime(text string) (time.Time, error) {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return t, errors.New("want an instant such as 2026-03-02T15:09:00Z")
	}
	return t, nil
}

func TestTableIsComplete(t *testing.T) {
	names, paths := map[string]bool{}, map[string]bool{}
	for _, o := range All() {
		if names[o.Name] || paths[o.Method+o.Path] {
			t.Errorf("%s: the name or the path occurs twice, want it once", o.Name)
		}
		names[o.Name], paths[o.Method+o.Path] = true, true
		if o.Right == "" || o.Tag == "" || o.Command == "" || !strings.HasPrefix(o.Path, "/v1/") {
			t.Errorf("%s: got %+v, want a right, a tag, a command and a path below /v1/", o.Name, o)
		}
		if len(o.Summary) > 60 || !regexp.MustCompile(`^[A-Z][a-z]+ .*[^.]$`).MatchString(o.Summary) {
			t.Errorf("%s: got summary %q, want an imperative of at most 60 characters", o.Name, o.Summary)
		}
		inPath := ""
		if p := o.PathParameter(); p != nil {
			inPath = "{" + p.Name + "}"
		}
		if got := regexp.MustCompile(`\{[a-z]+\}`).FindString(o.Path); got != inPath {
			t.Errorf("%s: got %q in the path, want the path parameter %q", o.Name, got, inPath)
		}
		if o.ReadsLedger != (o.Parameter(AtLeast) != nil) {
			t.Errorf("%s: got ReadsLedger %t, want %t, because only these operations accept atLeast", o.Name,
				o.ReadsLedger, !o.ReadsLedger)
		}
	}
}

func TestParameterExamplesAreValid(t *testing.T) {
	for _, o := range All() {
		query, path := url.Values{}, ""
		for i, p := range o.Parameters {
			hasExample := p.Example != "" || p.Type == Cursor
			if p.Description == "" || !strings.HasSuffix(p.Description, ".") || !hasExample {
				t.Errorf("%s %s: got %+v, want a description and an example", o.Name, p.Name, p)
			}
			if p.In == InPath {
				if i > 0 {
					t.Errorf("%s: parameter %d is in the path, want only the first there", o.Name, i)
				}
				path = p.Example
				continue
			}
			if p.Type != Cursor {
				query.Set(p.Name, p.Example)
			}
		}
		if _, err := o.Parse(func(string) string { return path }, query, readTime); err != nil {
			t.Errorf("%s: parse the examples: %v", o.Name, err)
		}
	}
}

func TestParse(t *testing.T) {
	for _, c := range []struct{ operation, path, query, want string }{
		{"lockout", "alice", "at=2026-03-02T15:09:00Z&asOf=7&atLeast=3", ""},
		{"lockout", "alice", "asOf=2026-03-02T15:09:00Z", ""},
		{"lockout", "alice", "at=&asOf=", ""},
		{"lockout", "alice", "limit=1", "unknown parameter, accepted: at, asOf, atLeast, purpose"},
		{"lockout", "alice", "at=hunter2", "at: invalid value: want an instant"},
		{"lockout", "alice", "at=7", "at: invalid value"},
		{"lockout", "alice", "asOf=-1", "asOf: invalid value, want a record number or an instant"},
		{"lockout", "alice", "at=2026-03-02T15:09:00Z&at=2026-03-02T15:09:00Z", "at: got 2 values, want one"},
		{"lockout", "alice", "user=bob", "unknown parameter"},
		{"devices", "alice", "limit=1000", ""},
		{"devices", "alice", "limit=0", "limit: invalid value, want a whole number from 1 to 1000"},
		{"devices", "alice", "limit=1001", "limit: invalid value"},
		{"devices", "alice", "after=x", "after: invalid value, want the member next of"},
		{"lockouts", "", "after=alice", "after: invalid value"},
		{"stats", "", "from=2026-03-02T15:00:00Z&step=1m&group=class&after=", ""},
		{"stats", "", "step=hunter2", "step: invalid value, want one of 1m, 1h, 1d"},
		{"stats", "", "asOf=7",
			"asOf: the counts of this operation are those of the whole log, accepted: from, to, step"},
		{"records", "", "follow=true&reveal=false", ""},
		{"records", "", "follow=yes", "follow: invalid value, want true or false"},
		{"records", "", "from=9223372036854775808", "from: invalid value"},
		{"record", "1", "", ""},
		{"record", "0", "", "seq: invalid value, want a whole number of at least 1"},
		{"record", "x", "", "seq: invalid value"},
		{"policy", "", "purpose=" + strings.Repeat("x", PurposeBytesMax), ""},
		{"policy", "", "purpose=" + strings.Repeat("x", PurposeBytesMax+1),
			"purpose: invalid value, want at most 256 bytes"},
		{"dead-letter", "1", "at=2026-03-02T15:09:00Z", "unknown parameter, accepted: none"},
	} {
		query, err := url.ParseQuery(c.query)
		if err != nil {
			t.Fatal(err)
		}
		_, err = Find(c.operation).Parse(func(string) string { return c.path }, query, readTime)
		got := ""
		if err != nil {
			got = err.Error()
		}
		if got != c.want && (c.want == "" || !strings.HasPrefix(got, c.want)) || strings.Contains(got, "hunter2") {
			t.Errorf("parse %s %s?%s: got error %q, want %q", c.operation, c.path, c.query, got, c.want)
		}
	}
}

func TestValues(t *testing.T) {
	query := url.Values{"at": {"2026-03-02T15:09:00Z"}, "asOf": {"7"}}
	v, err := Find("devices").Parse(func(string) string { return "alice" }, query, readTime)
	if err != nil {
		t.Fatal(err)
	}
	if got := v.Text(User); got != "alice" {
		t.Errorf("user: got %q, want alice", got)
	}
	if got := v.Instant(At); !got.Equal(time.Date(2026, 3, 2, 15, 9, 0, 0, time.UTC)) {
		t.Errorf("at: got %v, want 2026-03-02T15:09:00Z", got)
	}
	if n, at := v.Number(AsOf), v.Instant(AsOf); n != 7 || !at.IsZero() {
		t.Errorf("asOf: got %d and %v, want 7 and no instant", n, at)
	}
	if got := v.Number(Limit); got != LimitDefault || v.Has(Limit) {
		t.Errorf("limit: got %d, want the default %d", got, LimitDefault)
	}
	if empty := new(Values); empty.Has(At) || empty.Number(Limit) != 0 || empty.Flag(Follow) {
		t.Error("the zero Values holds a value, want none")
	}
}

func TestFlagNames(t *testing.T) {
	for name, want := range map[string]string{At: "at", AsOf: "as-of", ReadSession: "read-session"} {
		if got := (&Parameter{Name: name}).Flag(); got != want {
			t.Errorf("flag of %s: got %s, want %s", name, got, want)
		}
	}
}

func TestMatch(t *testing.T) {
	for _, o := range All() {
		path, want := o.Path, ""
		if p := o.PathParameter(); p != nil {
			want = "a%2Fb"
			path = strings.Replace(path, "{"+p.Name+"}", want, 1)
		}
		if got, value := Match(o.Method, path); got == nil || got.Name != o.Name || value != want {
			t.Errorf("match %s %s: got %v with %q, want %s with %q", o.Method, path, got, value, o.Name, want)
		}
	}
	for _, path := range []string{"", "/v1/users/alice", "/v1/users//lockout", "/v1/records/1/2/why",
		"/v1/commands"} {
		if got, _ := Match("GET", path); got != nil {
			t.Errorf("match GET %s: got %s, want no operation", path, got.Name)
		}
	}
}
