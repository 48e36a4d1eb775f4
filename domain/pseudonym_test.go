package domain

import (
	"strings"
	"testing"
	"time"
)

const somePseudonym = "~abcdefghijklmnopqrstuv2347"

func TestIsPseudonym(t *testing.T) {
	for name, want := range map[string]bool{
		somePseudonym: true, "": false, "~": false, somePseudonym[1:]: false, somePseudonym + "a": false,
		"x" + somePseudonym[1:]: false, "~A" + somePseudonym[2:]: false, "~1" + somePseudonym[2:]: false,
		"~@" + somePseudonym[2:]: false,
	} {
		if got := IsPseudonym(name); got != want {
			t.Errorf("IsPseudonym(%q): got %t, want %t", name, got, want)
		}
	}
	if bad := IBKRSLS().BadName(somePseudonym); bad != nil {
		t.Errorf("pseudonym under a policy: got %v, want a valid name", bad)
	}
}

func TestBadPersonalName(t *testing.T) {
	for name, want := range map[string]int64{
		"anna": 0, "9": 0, "Anna.B_c+d-e@example.com": 0, "": 1, "@a": 1, ".a": 1, "~a": 1, "a~": 2, "a b": 2,
		"a/": 2, "a<": 2, `a"`: 2, "aé": 2, "é": 1, "a\n": 2,
	} {
		bad := BadPersonalName(name)
		if got := bad; (got == nil) != (want == 0) || got != nil && got.Position != want {
			t.Errorf("BadPersonalName(%q): got %v, want position %d", name, got, want)
		}
	}
}

// TestRenamed checks that each command that names a user has a copy with another name, and that the command
// itself stays unchanged.
func TestRenamed(t *testing.T) {
	for kind := range commands {
		if !ForClients(kind) {
			continue
		}
		c := Command{Data: CommandExample(kind)}
		before := c.User()
		given := 0
		copied := Command{Data: Renamed(c.Data, func(string, string) string { given++; return somePseudonym })}
		switch {
		case c.User() != before:
			t.Errorf("%s: got the command changed", kind)
		case before != "" && copied.User() != somePseudonym:
			t.Errorf("%s: got user %q in the copy, want the new name", kind, copied.User())
		case before == "" && given == 0 && copied.Data != c.Data:
			t.Errorf("%s: got a copy of a command without names", kind)
		}
		if named, ok := c.Data.(namesUsers); ok && named.names()[1].member != "" && given != 2 {
			t.Errorf("%s: got %d names, want 2", kind, given)
		}
	}
}

// TestPersonIntroduce checks (PERSON-5) that an introduction gives a pseudonym a clock, and that clients
// can't send it.
func TestPersonIntroduce(t *testing.T) {
	if ForClients(personIntroduceType) {
		t.Error("person.introduce: got a command for clients")
	}
	noon := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	report := &LoginReport{User: "anna"}
	first := Command{Source: "gateway/test", ID: "c", Time: noon, Backfill: true, Data: report}
	for user, want := range map[string]Status{somePseudonym: Accepted, "anna": Invalid} {
		c := NewPersonIntroduce(&first, user, "anna")
		if !c.Backfill || !c.Time.Equal(noon) || !ReservedSource(c.Source) || !strings.HasSuffix(c.ID, user) {
			t.Errorf("got %+v, want the instant of the first command and a reserved source", c)
		}
		d, err := Decide(NewFolded(IBKRSLS()), &c)
		if err != nil || d.Status != want || d.Late {
			t.Errorf("introduction of %q: got %+v, %v, want %s", user, d, err, want)
		}
	}
}
