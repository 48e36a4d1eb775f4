package domain

import (
	"strings"
	"time"
)

// Defaults and limits of tokens.
const (
	TokenRateDefault    = 10_000              // commands, requests or intake messages a second
	TokenRateMax        = 1_000_000           // commands, requests or intake messages a second
	TokenExpiresDefault = 90 * 24 * time.Hour // after the creation
	TokenExpiresMax     = 5 * 366 * 24 * time.Hour
	TokenPersonsMax     = 1_000
)

// ConfigTokenAdd admits the holder of a token (CFG-1). The ledger never has the token itself,
// only its SHA-256.
type ConfigTokenAdd struct {
	Name      string
	Role      string
	Source    string // the only source of the caller's commands; "" for role/name
	TokenHash string // SHA-256 of the text of the token, in hexadecimal digits
	NKey      string // public NATS key of the caller, "" for a caller that uses HTTP only
	Rate      int64  // 0 for [TokenRateDefault]
	Expires   time.Time
	By        string
	Persons   []string // persons for whom the caller may act; [AnyPerson] for all
}

// AnyPerson permits a token to act for every person.
const AnyPerson = "*"

func (c *ConfigTokenAdd) CommandType() string        { return "config.token_add" }
func (c *ConfigTokenAdd) onBehalf() (string, string) { return "by", c.By }
func (c *ConfigTokenAdd) Members(v Visitor) {
	v.Text("name", &c.Name, tokenNameForm)
	v.Text("role", &c.Role, roleForm)
	v.Text("source", &c.Source, tokenSourceForm)
	v.Text("tokenHash", &c.TokenHash, tokenHashForm)
	v.Text("nkey", &c.NKey, nkeyForm)
	v.Count("rate", &c.Rate, Form{Most: TokenRateMax})
	v.Instant("expires", &c.Expires, Free)
	v.Text("by", &c.By, idForm.optional())
	v.Texts("persons", &c.Persons)
}

// Check checks the members that depend on one another, and the persons.
func (c *ConfigTokenAdd) Check() *Rejection {
	if c.NKey != "" && strings.Contains(c.Name, ".") {
		return &Rejection{BadField, "name", "want no dot in the name of a token with an nkey, because dots separate the parts of NATS subjects"}
	}
	if len(c.Persons) > TokenPersonsMax {
		return &Rejection{BadField, "persons", "want at most 1000 persons"}
	}
	for _, p := range c.Persons {
		if wrong := wrongID(p); p != AnyPerson && (wrong != "" || p[0] == '-') {
			return &Rejection{BadField, "persons", "want ids of persons, which do not begin with -, or *"}
		}
	}
	return nil
}

// source returns the source of the caller's commands.
func (c *ConfigTokenAdd) source() string {
	if c.Source != "" {
		return c.Source
	}
	return c.Role + "/" + c.Name
}

func (c *ConfigTokenAdd) decide(d *deciding) error {
	if err := d.addSystem(SystemConfig); err != nil {
		return err
	}
	added := TokenAdded{Source: c.source(), Rate: c.Rate, Expires: c.Expires}
	if added.Rate == 0 {
		added.Rate = TokenRateDefault
	}
	if added.Expires.IsZero() {
		added.Expires = d.Time.Add(TokenExpiresDefault)
	}
	taken := d.takenBy(&added)
	switch {
	case taken != "":
		d.refuseConfig(AlreadyExists, taken)
	case d.configSize().Tokens >= TokensMax:
		d.refuseConfig(TooMany, "the ledger has the maximum number of tokens")
	case !added.Expires.After(d.Time) || added.Expires.Sub(d.Time) > TokenExpiresMax:
		d.refuseConfig(ExpiryOutOfRange, "want an expiry after the time of the command and within five years")
	default:
		d.accept(&added)
	}
	return nil
}

// takenBy returns which part of the new token another token has, "" if no part is taken.
func (d *deciding) takenBy(added *TokenAdded) string {
	c := d.command.Data.(*ConfigTokenAdd)
	if d.item(TokenKey(c.Name)) != nil {
		return "a token has this name, or a name that differs only in case"
	}
	for _, k := range tokenClaims(added.Source, c.TokenHash, c.NKey) {
		if d.item(k) != nil {
			return "another token has this " + k.Owner
		}
	}
	return ""
}

// TokenAdded is the event that the holder of the command's token is admitted. It has the values
// that the command may leave out.
type TokenAdded struct {
	Source  string
	Rate    int64
	Expires time.Time
}

func (e *TokenAdded) EventType() string { return "config.token_added" }
func (e *TokenAdded) Members(v Visitor) {
	v.Text("source", &e.Source, Need)
	v.Count("rate", &e.Rate, Form{Need: true, Most: TokenRateMax})
	v.Instant("expires", &e.Expires, Need)
}
func (e *TokenAdded) causedBy(c CommandData) bool {
	_, ok := c.(*ConfigTokenAdd)
	return ok
}
func (e *TokenAdded) evolve(f *fold) {
	c := f.command.Data.(*ConfigTokenAdd)
	f.put(TokenKey(c.Name), &Token{
		Name: c.Name, Role: c.Role, Source: e.Source, Hash: c.TokenHash, NKey: c.NKey,
		Rate: e.Rate, Made: f.at, Expires: e.Expires, Persons: c.Persons,
	})
	for _, k := range tokenClaims(e.Source, c.TokenHash, c.NKey) {
		f.put(k, &TokenClaim{Token: c.Name})
	}
	f.resize(1, 0)
}

// ConfigTokenRevoke revokes a token (CFG-2).
type ConfigTokenRevoke struct{ Name, By string }

func (c *ConfigTokenRevoke) CommandType() string        { return "config.token_revoke" }
func (c *ConfigTokenRevoke) onBehalf() (string, string) { return "by", c.By }
func (c *ConfigTokenRevoke) Members(v Visitor) {
	v.Text("name", &c.Name, tokenNameForm)
	v.Text("by", &c.By, idForm.optional())
}

func (c *ConfigTokenRevoke) decide(d *deciding) error {
	if err := d.addSystem(SystemConfig); err != nil {
		return err
	}
	if t, ok := d.item(TokenKey(c.Name)).(*Token); !ok || t.Name != c.Name {
		d.refuseConfig(UnknownToken, "no token has this name")
		return nil
	}
	d.accept(&TokenRevoked{})
	return nil
}

// TokenRevoked is the event that the token of the command was revoked.
type TokenRevoked struct{}

func (e *TokenRevoked) EventType() string { return "config.token_revoked" }
func (e *TokenRevoked) Members(Visitor)   {}
func (e *TokenRevoked) causedBy(c CommandData) bool {
	_, ok := c.(*ConfigTokenRevoke)
	return ok
}
func (e *TokenRevoked) evolve(f *fold) {
	key := TokenKey(f.command.Data.(*ConfigTokenRevoke).Name)
	t, ok := f.item(key).(*Token)
	if !ok {
		return
	}
	f.put(key, nil)
	for _, k := range tokenClaims(t.Source, t.Hash, t.NKey) {
		f.put(k, nil)
	}
	f.resize(-1, 0)
}
