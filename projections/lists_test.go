package projections

import (
	"slices"
	"testing"

	"authledger/domain"
)

// The list of each kind has every item once, in the group of its present state, and the list of
// users has every user.
func TestListsHaveEachEntryOnce(t *testing.T) {
	e, h := openHistory(t, 4)
	v, err := e.View(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	for list := range divisions {
		seen := map[domain.ItemKey]bool{}
		var last []byte
		for entry := range v.Entries(&Selection{List: list, Oldest: true, Last: uint64(len(h.Records))}) {
			if seen[entry.Key] || slices.Compare(last, entry.Position()) >= 0 {
				t.Errorf("%c: got %+v twice or after a later entry", list, entry.Key)
			}
			it, _ := h.Item(entry.Key) // a state in memory has no error
			if it == nil || groupOf(it, entry.Class) != groupIn(list, entry.Class, entry.State) {
				t.Errorf("%c: got %+v, want the state of %+v", list, entry, it)
			}
			seen[entry.Key], last = true, entry.Position()
		}
		if v.Err() != nil || len(seen) == 0 {
			t.Errorf("%c: got %d entries, %v, want some", list, len(seen), v.Err())
		}
	}
	var names []string
	for entry := range v.Entries(&Selection{List: UserList, Last: uint64(len(h.Records))}) {
		names = append(names, entry.Key.ID)
	}
	if want := h.Names(); !slices.Equal(sortedNames(names), want) {
		t.Errorf("users: got %v, want %v", names, want)
	}
}

// Every state and class of the rules has a group of its own, because a filter selects groups.
func TestGroupsHaveEveryName(t *testing.T) {
	for _, kind := range []string{"device.request", "device.activate", "code.issue"} {
		list := domain.DeviceItem
		if kind == "code.issue" {
			list = domain.CodeItem
		}
		for _, class := range classesOf(kind) {
			if !slices.Contains(divisions[list].classes, class) {
				t.Errorf("%s: class %s has no group, append it to its list", kind, class)
			}
		}
	}
	for list, d := range divisions {
		if len(d.states) >= statesMax || len(d.classes) >= 256/statesMax {
			t.Errorf("%c: got %d states and %d classes, want fewer than %d and %d", list, len(d.states),
				len(d.classes), statesMax, 256/statesMax)
		}
	}
}

// classesOf returns the accepted values of the member class or kind of a command.
func classesOf(kind string) []string {
	var found classVisitor
	domain.NewCommandData(kind).Members(&found)
	return found.names
}

// classVisitor is a Visitor that collects the values of the members class and kind.
type classVisitor struct {
	layout
	names []string
}

func (c *classVisitor) Text(name string, _ *string, f domain.Form) {
	if name == "class" || name == "kind" {
		c.names = append(c.names, f.OneOf...)
	}
}
