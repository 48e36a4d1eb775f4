package domain

import (
	"strings"
	"time"

	"pgregory.net/rapid"
)

// Public keys of NATS users.
const (
	firstNKey  = "UA5WUJ54Z23KILLCUOUNAKTPBVZWKMQVO4O6EQ5GHLAERIMLLHNCTYM5"
	secondNKey = "UDHMYFIH3QO524UVSUOCSCEI6CK23OIEJUNXHVUW43PQMXLIHPKPY3OP"
)

// digest returns a text with the form of a SHA-256, for each character another one.
func digest(of string) string { return strings.Repeat(of, 64) }

// addToken returns the step that adds a gateway's token. Its hash follows from hash.
func addToken(name, hash string, change ...func(*ConfigTokenAdd)) step {
	c := &ConfigTokenAdd{Name: name, Role: "gateway", TokenHash: digest(hash), By: "olga"}
	for _, f := range change {
		f(c)
	}
	return send(0, c)
}

func withSource(source string) func(*ConfigTokenAdd) {
	return func(c *ConfigTokenAdd) { c.Source = source }
}
func withNKey(key string) func(*ConfigTokenAdd) { return func(c *ConfigTokenAdd) { c.NKey = key } }
func withExpiry(after time.Duration) func(*ConfigTokenAdd) {
	return func(c *ConfigTokenAdd) { c.Expires = epoch.Add(after) }
}

func revokeToken(name string) step { return send(0, &ConfigTokenRevoke{Name: name, By: "olga"}) }

func addWebhook(name string, types ...string) step {
	return send(0, &ConfigWebhookAdd{
		Name: name, URL: "https://desk.example/hooks", Types: types, Secret: exampleSecret, By: "olga",
	})
}

func rotateWebhook(name string, at time.Duration, atOnce bool) step {
	return send(at, &ConfigWebhookRotate{Name: name, Secret: exampleSecret, By: "olga", AtOnce: atOnce})
}

func removeWebhook(name string) step { return send(0, &ConfigWebhookRemove{Name: name, By: "olga"}) }

// configure draws a command about few tokens and webhooks, so that names, sources, hashes and keys meet.
func (tr *traveller) configure(t *rapid.T) CommandData {
	name := rapid.SampledFrom([]string{"portal", "Portal", "desk"}).Draw(t, "name")
	hook := strings.ToLower(name)
	kinds := []string{"add", "add", "add", "revoke", "hook", "rotate", "remove"}
	switch rapid.SampledFrom(kinds).Draw(t, "config") {
	case "add":
		return &ConfigTokenAdd{
			Name: name, Role: "gateway", By: "olga",
			Source:    rapid.SampledFrom([]string{"", "a", "A"}).Draw(t, "token source"),
			TokenHash: digest(rapid.SampledFrom([]string{"1", "2", "3"}).Draw(t, "hash")),
			NKey:      rapid.SampledFrom([]string{"", firstNKey, secondNKey}).Draw(t, "nkey"),
		}
	case "revoke":
		return &ConfigTokenRevoke{Name: name, By: "olga"}
	case "hook":
		return &ConfigWebhookAdd{Name: hook, URL: "https://desk.example", Secret: exampleSecret}
	case "rotate":
		return &ConfigWebhookRotate{Name: hook, Secret: exampleSecret, AtOnce: rapid.Bool().Draw(t, "at once")}
	}
	return &ConfigWebhookRemove{Name: hook}
}
