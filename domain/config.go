package domain

import (
	"strings"
	"unicode"
)

// SystemConfig is the entity of the config.* commands.
const SystemConfig Entity = "system/config"

// Limits of the configuration of a realm.
const (
	TokensMax   = 10_000
	WebhooksMax = 64
)

// ConfigSize is the item with the number of tokens and webhooks of the realm. Its key has no id.
type ConfigSize struct{ Tokens, Webhooks int64 }

func (s *ConfigSize) item() {}
func (s *ConfigSize) Members(v Visitor) {
	v.Count("tokens", &s.Tokens, Need)
	v.Count("webhooks", &s.Webhooks, Need)
}

// configSizeKey is the key of the one [ConfigSize].
var configSizeKey = ItemKey{Kind: ConfigSizeItem}

// configSize returns the numbers after the events so far.
func (f *fold) configSize() ConfigSize {
	if s, ok := f.item(configSizeKey).(*ConfigSize); ok {
		return *s
	}
	return ConfigSize{}
}

// resize adds to the numbers of tokens and webhooks.
func (f *fold) resize(tokens, webhooks int64) {
	s := f.configSize()
	f.put(configSizeKey, &ConfigSize{s.Tokens + tokens, s.Webhooks + webhooks})
}

// ConfigRefused is the event that a config.* command was refused.
type ConfigRefused struct{ Reason Reason }

func (e *ConfigRefused) EventType() string { return "config.refused" }
func (e *ConfigRefused) Members(v Visitor) { v.Text("reason", (*string)(&e.Reason), Need) }

func (d *deciding) refuseConfig(reason Reason, detail string) {
	d.refuse(reason, detail, &ConfigRefused{reason})
}

// IsConfig reports whether a command type changes the configuration of the realm. The sealed
// members of such a command are secrets of the ledger: no reader may reveal them.
func IsConfig(commandType string) bool { return strings.HasPrefix(commandType, "config.") }

// foldCase returns s in one case. Two texts that [strings.EqualFold] considers equal have the
// same result.
func foldCase(s string) string {
	return strings.Map(func(r rune) rune {
		first := r
		for other := unicode.SimpleFold(r); other != r; other = unicode.SimpleFold(other) {
			first = min(first, other)
		}
		return first
	}, s)
}
