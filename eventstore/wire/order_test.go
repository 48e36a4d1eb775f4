package wire

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"authledger/domain"
)

// fault is one fault of an event: the attributes and members of data that it sets; ""
// removes one.
type fault struct {
	reason     domain.Reason
	attributes map[string]string
	members    map[string]string
}

var faults = []fault{
	{domain.Malformed, map[string]string{"specversion": `"0.3"`}, nil},
	{domain.Malformed, map[string]string{"id": ""}, nil},
	{domain.Malformed, map[string]string{"time": `"2026-02-30T00:00:00Z"`}, nil},
	{domain.Malformed, map[string]string{"data_base64": `"e30="`}, nil},
	{domain.Malformed, map[string]string{"datacontenttype": `"text/plain"`}, nil},
	{domain.UnknownType, map[string]string{"type": `"login.retort"`}, nil},
	{domain.UnknownField, nil, map[string]string{"password": `"x"`}},
	{domain.UnknownField, nil, map[string]string{"User": `null`}},
	{domain.MissingField, nil, map[string]string{"user": ""}},
	{domain.MissingField, nil, map[string]string{"reason": ""}},
	{domain.BadField, nil, map[string]string{"platform": `"fax"`}},
	{domain.BadField, nil, map[string]string{"ip": `null`}},
	{domain.BadField, nil, map[string]string{"device": `[]`}},
	{domain.BadField, map[string]string{"source": `"timer"`}, nil},
}

// TestReadCommand_OrderOfFaults checks that the reported fault is the first in the order
// of A-12, for any number of faults and any order of members.
func TestReadCommand_OrderOfFaults(t *testing.T) {
	rank := map[domain.Reason]int{domain.Malformed: 1, domain.UnknownType: 2, domain.UnknownField: 3,
		domain.MissingField: 4, domain.BadField: 5}
	rapid.Check(t, func(t *rapid.T) {
		attributes := map[string]string{
			"specversion": `"1.0"`, "id": `"e-1"`, "source": `"gateway/portal"`, "type": `"login.report"`,
			"time": `"2026-03-02T12:00:00Z"`, "subject": `"x"`,
		}
		members := map[string]string{"user": `"alice"`, "outcome": `"failed"`, "reason": `"bad_code"`,
			"platform": `"tws"`}
		var want domain.Reason
		for _, f := range rapid.SliceOfNDistinct(rapid.IntRange(0, len(faults)-1), 0, 6, rapid.ID).Draw(t,
			"faults") {
			f := faults[f]
			if want == "" || rank[f.reason] < rank[want] {
				want = f.reason
			}
			for name, value := range f.attributes {
				attributes[name] = value
			}
			for name, value := range f.members {
				members[name] = value
			}
		}
		attributes["data"] = shuffled(t, members)
		text := shuffled(t, attributes)
		_, fault := ReadCommand([]byte(text))
		var got domain.Reason
		if fault != nil {
			got = fault.Reason
		}
		if got != want {
			t.Fatalf("%q, want %q: %v\n%s", got, want, fault, text)
		}
	})
}

func shuffled(t *rapid.T, members map[string]string) string {
	var lines []string
	for name, value := range members {
		if value != "" {
			lines = append(lines, fmt.Sprintf("%q:%s", name, value))
		}
	}
	slices.Sort(lines) // maps have no order, and a failure must be reproducible
	return "{" + strings.Join(rapid.Permutation(lines).Draw(t, "order"), ",") + "}"
}
