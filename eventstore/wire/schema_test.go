package wire

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"

	"authledger/domain"
)

// fits validates a JSON value with a schema, like any validator of JSON Schema. It does not
// use the code that reads and writes.
func fits(s *Schema, value any) bool {
	switch value := value.(type) {
	case string:
		return s.Type == "string" && fitsText(s, value)
	case bool:
		return s.Type == "boolean"
	case float64:
		return s.Type == "integer" && value == float64(int64(value)) &&
			(s.Minimum == nil || value >= float64(*s.Minimum)) && (s.Maximum == nil || value <= float64(*s.Maximum))
	case []any:
		return s.Type == "array" && !slices.ContainsFunc(value, func(item any) bool { return !fits(s.Items, item) })
	case map[string]any:
		return s.Type == "object" && fitsObject(s, value)
	}
	return false
}

func fitsText(s *Schema, text string) bool {
	if s.Format == "date-time" {
		if _, err := time.Parse(time.RFC3339, text); err != nil {
			return false
		}
	}
	if s.MaxLength > 0 && utf8.RuneCountInString(text) > s.MaxLength {
		return false
	}
	return (s.Enum == nil || slices.Contains(s.Enum, text)) &&
		(s.Pattern == "" || regexp.MustCompile(s.Pattern).MatchString(text))
}

func fitsObject(s *Schema, members map[string]any) bool {
	for name, value := range members {
		member, known := s.Properties[name]
		if known && !fits(member, value) || !known && s.Closed != nil && !*s.Closed {
			return false
		}
	}
	return !slices.ContainsFunc(s.Required, func(name string) bool { _, there := members[name]; return !there })
}

// beyond lists members whose texts a schema cannot validate, with the texts that are drawn.
var beyond = map[string][]string{
	"ip":              {"192.0.2.7", "2001:db8::7", ""},
	"userAgent":       {"Browser/1.0", "", strings.Repeat("x", 512)},
	"note":            {"seen in person", "", strings.Repeat("x", 2048)},
	"clientVersion":   {"966", "10.19 x"},
	"clientChannel":   {"latest", "beta"},
	"carrier":         {"post"},
	"currency":        {"USD", "JPY"},
	"balanceUsd":      {"0", "500000.00"},
	"amount":          {"1", "250000.00"},
	"usdAmount":       {"1.5", "250000.00"},
	"source":          {"gateway/portal"},
	"nkey":            {"UA5WUJ54Z23KILLCUOUNAKTPBVZWKMQVO4O6EQ5GHLAERIMLLHNCTYM5"},
	"url":             {"https://desk.example/hooks"},
	"secret":          {"whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="},
	"zone":            {"UTC", "Europe/Zurich"},
	"usernamePattern": {"^[a-z0-9]{1,64}$"},
}

// drawer draws a value that fits a schema, except for at most one fault.
type drawer struct {
	t      *rapid.T
	faults int // places for one that were passed
	fault  int // the one that is taken
}

// faulty reports whether the fault is at this place.
func (d *drawer) faulty() bool {
	d.faults++
	return d.faults == d.fault
}

// places returns the number of places in an object that may have a fault.
func places(s *Schema) int {
	n := 1
	for _, member := range s.Properties {
		n += 1 + places(member)
	}
	return n
}

func (d *drawer) value(name string, s *Schema) any {
	if s.Type == "object" {
		return d.members(s)
	}
	if d.faulty() {
		wrong := []any{nil, 7.0, -1.0, 1.5, 1e18, true, []any{}, []any{"x"}, map[string]any{}}
		if beyond[name] == nil {
			wrong = append(wrong, "", "no such", "d-1\n", "é")
		}
		if s.MaxLength > 0 {
			wrong = append(wrong, strings.Repeat("x", s.MaxLength+1), strings.Repeat("é", s.MaxLength+1))
		}
		return rapid.SampledFrom(wrong).Draw(d.t, name)
	}
	switch {
	case s.Type == "boolean":
		return rapid.Bool().Draw(d.t, name)
	case s.Type == "integer":
		return float64(rapid.Int64Range(*s.Minimum, *s.Maximum).Draw(d.t, name))
	case beyond[name] != nil:
		return rapid.SampledFrom(beyond[name]).Draw(d.t, name)
	case s.Enum != nil:
		return rapid.SampledFrom(s.Enum).Draw(d.t, name)
	case s.Pattern != "":
		return rapid.StringMatching(s.Pattern).Draw(d.t, name)
	}
	return rapid.String().Draw(d.t, name)
}

func (d *drawer) members(s *Schema) map[string]any {
	members := make(map[string]any)
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		needed := slices.Contains(s.Required, name) || rapid.Bool().Draw(d.t, name+" is there")
		if left := d.faulty(); needed && !left {
			members[name] = d.value(name, s.Properties[name])
		}
	}
	if d.faulty() {
		members["password"] = "x"
	}
	return members
}

// TestSchemaOf_Commands checks that the schema of a command and the reader accept the
// same members. Faults that concern two members are not in the schema.
func TestSchemaOf_Commands(t *testing.T) {
	took := map[bool]int{}
	for _, kind := range clientTypes {
		schema := SchemaOf(domain.NewCommandData(kind), true)
		rapid.Check(t, func(t *rapid.T) {
			fault := rapid.IntRange(0, places(schema)).Draw(t, "fault") * rapid.IntRange(0, 1).Draw(t, "is there one")
			members := (&drawer{t: t, fault: fault}).members(schema)
			text, err := json.Marshal(members)
			if err != nil {
				t.Fatal(err)
			}
			r := borrow(text)
			defer r.release()
			r.object(domain.NewCommandData(kind))
			read := r.syntax == nil && r.unknown == nil && r.missing == nil && r.bad == nil
			if read != fits(schema, members) {
				t.Fatalf("%s: %s: got accepted %t by the reader, want %t of the schema (%v %v %v %v)", kind, text, read,
					!read, r.syntax, r.unknown, r.missing, r.bad)
			}
			took[read]++
		})
	}
	// With -short, rapid may draw only accepted or only rejected texts of one type.
	if took[true] < len(clientTypes) || took[false] < len(clientTypes) {
		t.Errorf("got %d accepted and %d rejected texts, want at least %d each", took[true], took[false],
			len(clientTypes))
	}
}

// TestSchemaOf_Events checks that every written event fits its schema.
func TestSchemaOf_Events(t *testing.T) {
	for _, kind := range eventTypes {
		schema := SchemaOf(domain.NewEventData(kind), false)
		rapid.Check(t, func(t *rapid.T) {
			text := AppendData(nil, drawEvent(t, kind).Data)
			var members any
			if err := json.Unmarshal(text, &members); err != nil {
				t.Fatal(err)
			}
			if !fits(schema, members) {
				t.Fatalf("%s: got an event outside its schema, want one that fits: %s", kind, text)
			}
			for name := range members.(map[string]any) {
				if schema.Properties[name] == nil {
					t.Fatalf("%s: got no %s in the schema, want it", kind, name)
				}
			}
		})
	}
}
