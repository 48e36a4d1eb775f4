package domain

import (
	"testing"
	"time"
)

// TestOnBehalf wants every member that names a person to be known to OnBehalf
// one that it forgets could be anybody's.
func TestOnBehalf(t *testing.T) {
	for _, kind := range ClientCommands() {
		data := NewCommandData(kind)
		var filled personFiller
		data.Members(&filled)
		c := Command{Data: data}
		if member, person := c.OnBehalf(); member != filled.member || (member != "" && person != "somebody") {
			t.Errorf("%s: on behalf of %q by %q, want the member %q", kind, person, member, filled.member)
		}
	}
}

// personFiller fills in the member that names a person.
type personFiller struct {
	member string
}

func (f *personFiller) Count(string, *int64, Form)       {}
func (f *personFiller) Flag(string, *bool, Form)         {}
func (f *personFiller) Instant(string, *time.Time, Form) {}
func (f *personFiller) Instants(string, *[]time.Time)    {}
func (f *personFiller) Texts(string, *[]string)          {}
func (f *personFiller) Object(string, Data, Form)        {}
func (f *personFiller) List(string, Items)               {}

func (f *personFiller) Text(name string, at *string, _ Form) {
	if name == "agent" || name == "officer" || name == "by" {
		f.member, *at = name, "somebody"
	}
}
