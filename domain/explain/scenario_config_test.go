package explain_test

import (
	"strings"

	"authledger/domain"
)

// configures changes a token and a webhook. The names, sources and hashes are few, so that the commands
// meet those of earlier commands.
func (w *scenario) configures() {
	name, secret := one(w, "desk", "branch"), "whsec_"+strings.Repeat("A", 43)+"="
	switch one(w, "add", "add", "add", "revoke") {
	case "add":
		w.give(&domain.ConfigTokenAdd{Name: name, Role: "gateway", Source: one(w, "", "gateway/a"),
			TokenHash: strings.Repeat(one(w, "0", "1", "2"), 64), By: w.agent()})
	default:
		w.give(&domain.ConfigTokenRevoke{Name: name, By: w.agent()})
	}
	switch one(w, "add", "rotate", "remove") {
	case "add":
		w.give(&domain.ConfigWebhookAdd{Name: name, URL: "https://desk.example", Secret: secret})
	case "rotate":
		w.give(&domain.ConfigWebhookRotate{Name: name, Secret: secret, AtOnce: w.maybe()})
	default:
		w.give(&domain.ConfigWebhookRemove{Name: name, By: w.agent()})
	}
}
