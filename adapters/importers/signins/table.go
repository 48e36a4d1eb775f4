package signins

import (
	"slices"
	"strings"

	"authledger/domain"
)

// Gateway is an identity provider with a table of its events.
type Gateway struct {
	name string
	rows []Row
	// read returns the attempt that an event describes, and false for a type of event
	// that is not a sign-in.
	read func(object) (signIn, bool, *domain.Rejection)
}

// Row maps an event of a gateway to its result.
type Row struct {
	Event   string // the type or category of the event; "*" is any other type or category
	Code    string // the result in the gateway's words; "*" is any other result, "-" a missing result
	Outcome domain.Outcome
	Reason  string // the reason of a failure (LOGIN-3); without an outcome the [Kind]
	Why     string
}

const (
	anyOther = "*" // an event or code without a row of its own
	noCode   = "-" // code of an event without a code
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

// Named returns the gateway with a name: okta, entra or keycloak.
func Named(name string) (*Gateway, bool) {
	i := slices.IndexFunc(gateways, func(g *Gateway) bool { return g.name == name })
	if i < 0 {
		return nil, false
	}
	return gateways[i], true
}

// Rows returns a copy of the gateway's table. A row for a named event precedes a row
// for any other event. A row for a named code precedes a row for any other code.
func (g *Gateway) Rows() []Row { return slices.Clone(g.rows) }

// Becomes returns the recorded result: succeeded, failed with a reason, or nothing
// with the [Kind] under which the event is counted.
func (r *Row) Becomes() string {
	switch r.Outcome {
	case domain.Succeeded:
		return "succeeded"
	case domain.Failed:
		return "failed, " + r.Reason
	}
	return "nothing, " + r.Reason
}

// needsName reports whether an attempt without a user name is rejected. Other attempts
// without a user name are passed over, because they do not count.
func (r *Row) needsName() bool {
	return r.Reason != cancelled && r.Reason != codeNotReceived && r.Reason != gatewayError
}

// lookUp returns the row of an event, or nil.
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

// codeWordMost is the maximum length of a displayed word of a code.
const codeWordMost = 64

// shown formats an event without a row for people. It omits words that can be free
// text, because they can contain a name.
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
