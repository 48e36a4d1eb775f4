package access

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"authledger/domain"
)

// Caller is the sender of a request, as its credentials identify it.
type Caller struct {
	Name    string
	Role    Role
	Source  string    // the only source that its commands may have
	Persons []string  // persons that its commands may name, in addition to Name; [Anyone] for all
	Rate    int       // commands or requests a second
	Created time.Time // of the token
}

// Rates of callers.
const (
	RateDefault = domain.TokenRateDefault // commands or requests a second
	RateMax     = domain.TokenRateMax     // commands or requests a second
	BurstMin    = 1_000                   // minimum burst of a caller with a lower rate: one full batch
)

// Errors of authenticating a caller.
var (
	// ErrNoToken reports a token that is unknown, revoked or missing. The operator can
	// create a token.
	ErrNoToken = errors.New("access: no such token")
	// ErrExpired reports a token that was valid. The operator can create another token.
	ErrExpired = errors.New("access: the token has expired")
)

// Anyone, as an element of [Caller.Persons], permits the caller to name any person.
const Anyone = domain.AnyPerson

// openRate is the rate of all callers together if the server requires no credentials.
const openRate = 100_000

// OpenCaller returns the caller of every request if the server requires no credentials.
func OpenCaller() *Caller { return &Caller{Name: "open", Role: Open, Source: "open", Rate: openRate} }

// LocalCaller returns the caller of the requests of a user of this machine, who has opened the
// socket in the data directory. Its commands may have any source, as if the user had opened the
// directory. A command without a source gets the source of the caller.
func LocalCaller(user string) *Caller {
	return &Caller{Name: domain.LocalPrefix + user, Role: Local, Source: domain.LocalPrefix + user, Rate: RateMax}
}

// Denied reports a request that the caller's role or token does not permit. Its text states the
// missing permission. The text contains no value of the request except the type of the command.
type Denied struct{ Text string }

func (d *Denied) Error() string { return d.Text }

func denied(format string, args ...any) error { return &Denied{fmt.Sprintf(format, args...)} }

// Admits checks the type and the source of a command, and the person that the command names,
// against the rights of the caller. It returns a *[Denied] if the caller may not submit
// the command, which MUST be valid.
func (c *Caller) Admits(command *domain.Command) error {
	kind := command.Data.CommandType()
	if !c.Role.May(Right(kind)) {
		return denied("the role %s may not submit %s", c.Role, kind)
	}
	if c.Role == Open || c.Role == Local {
		return nil
	}
	if command.Source != c.Source {
		return denied("source: invalid value, this token may only use the source %s", c.Source)
	}
	member, person := command.OnBehalf()
	if person == "" || c.mayName(member, person) {
		return nil
	}
	return denied("%s: this token may not act on behalf of that person: ask the operator for a token with that --person", member)
}

// mayName reports whether the caller may name a person in a member of a command. A gateway
// may name any user in "by", because it has authenticated the user. Only the role support
// may name the support desk.
func (c *Caller) mayName(member, person string) bool {
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
