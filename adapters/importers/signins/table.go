package signins

import (
	"slices"
	"strings"

	"authledger/domain"
)

// Gateway is an identity provider whose events can be read.
type Gateway struct {
	name string
	rows []Row
	// read finds what counts in an event, false if it is of a type that tells of
	// no sign-in.
	read func(object) (signIn, bool, *domain.Rejection)
}

// Row says what an event of a gateway becomes.
type Row struct {
	Event   string // its type or category; "*" is any other
	Code    string // how it ended, in the gateway's words; "*" is any other, "-" none
	Outcome domain.Outcome
	Reason  string // of a failure, LOGIN-3
	Why     string
}

const (
	anyOther = "*" // each event, or each code, that no other row names
	noCode   = "-" // of an event that says none
)

// The reasons that the tables use (LOGIN-3, A-10).
const (
	badCredentials  = "bad_credentials"
	badCode         = "bad_code"
	cancelled       = "cancelled"
	codeNotReceived = "code_not_received"
	gatewayError    = "gateway_error"
)

var gateways = []*Gateway{
	{name: "okta", rows: oktaRows, read: readOkta},
	{name: "entra", rows: entraRows, read: readEntra},
	{name: "keycloak", rows: keycloakRows, read: readKeycloak},
}

// Named returns the gateway of a name: okta, entra or keycloak.
func Named(name string) (*Gateway, bool) {
	i := slices.IndexFunc(gateways, func(g *Gateway) bool { return g.name == name })
	if i < 0 {
		return nil, false
	}
	return gateways[i], true
}

// Rows is the gateway's table, the caller's to keep. A row that names its event
// goes before one for any other, and a code that is named before any other.
func (g *Gateway) Rows() []Row { return slices.Clone(g.rows) }

// Becomes says what the ledger hears: succeeded, failed with a reason, or
// nothing.
func (r *Row) Becomes() string {
	switch r.Outcome {
	case domain.Succeeded:
		return "succeeded"
	case domain.Failed:
		return "failed, " + r.Reason
	}
	return "nothing"
}

// needsName reports whether the attempt is worth nothing without who made it.
func (r *Row) needsName() bool {
	return r.Reason != cancelled && r.Reason != codeNotReceived && r.Reason != gatewayError
}

// lookUp returns the row of an event, nil if the table has none.
func (g *Gateway) lookUp(s *signIn) *Row {
	code := strings.Join(s.code, " ")
	for _, key := range [][2]string{{s.event, code}, {s.event, anyOther}, {anyOther, code}} {
		for i := range g.rows {
			if g.rows[i].Event == key[0] && g.rows[i].Code == key[1] {
				return &g.rows[i]
			}
		}
	}
	return nil
}

// codeWordMost bounds what is shown of a word of a code.
const codeWordMost = 64

// shown is an event without a row, for people to read. What could be anything,
// such as a sentence about somebody, is left out.
func (s *signIn) shown() string {
	shown := s.shownWord(s.event)
	for _, word := range s.code {
		shown += " " + s.shownWord(word)
	}
	return shown
}

func (s *signIn) shownWord(word string) string {
	switch {
	case word == unknownActor:
		return word
	case domain.WrongID(word) != "", len(word) > codeWordMost, strings.EqualFold(word, s.name):
		return "(text)"
	}
	return word
}
