package access

import (
	"fmt"
	"slices"

	"authledger/domain"
)

// Caller is who asks, as its credentials say.
type Caller struct {
	Name    string
	Role    Role
	Source  string   // of its commands: no other
	Persons []string // on whose behalf it may speak, beside itself; [Anyone] for all
	Rate    int      // commands or requests a second
}

// Anyone among a caller's persons lets it speak for everybody.
const Anyone = "*"

// openRate is the rate of everybody together where no credentials are asked for.
const openRate = 100_000

// OpenCaller is who asks where no credentials are asked for.
func OpenCaller() *Caller { return &Caller{Name: "open", Role: Open, Source: "open", Rate: openRate} }

// Denied is a request that the caller may not make. It says what would be needed,
// and repeats nothing of the request but its type and members' names.
type Denied struct{ Says string }

func (d *Denied) Error() string { return d.Says }

func denied(format string, args ...any) error { return &Denied{fmt.Sprintf(format, args...)} }

// Admits judges whether the caller may give a command that is well formed: by its
// type, its source, and the person on whose behalf it is. The error is a
// *Denied.
func (c *Caller) Admits(command *domain.Command) error {
	kind := command.Data.CommandType()
	if !c.Role.May(Right(kind)) {
		return denied("the role %s may not give %s", c.Role, kind)
	}
	if c.Role == Open {
		return nil
	}
	if command.Source != c.Source {
		return denied("source: this token's commands have the source %s", c.Source)
	}
	member, person := command.OnBehalf()
	if person == "" || c.speaksFor(member, person) {
		return nil
	}
	return denied("%s: this token may not act on behalf of that person: the operator can make one that may (token add --person)", member)
}

// speaksFor reports whether the caller may name a person. Whoever a gateway logged
// in acts through it; the support desk as a whole is support's to name.
func (c *Caller) speaksFor(member, person string) bool {
	own := person == c.Name || slices.Contains(c.Persons, person) || slices.Contains(c.Persons, Anyone)
	switch {
	case c.Role == Importer:
		return true
	case member == "by" && person == domain.SupportDesk:
		return c.Role == Support
	case member == "by" && c.Role == Gateway:
		return true
	}
	return own
}
