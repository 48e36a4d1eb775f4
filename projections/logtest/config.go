package logtest

import (
	"strings"

	"authledger/domain"
)

// secret is the secret of every webhook, base64 of zeros.
const secret = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="

// onConfig draws a command of one of the config.* types. The names are few, so that the commands
// meet tokens and webhooks of earlier commands.
func (c *Generator) onConfig(kind string) domain.CommandData {
	name := Pick(c, "desk", "desk", "branch")
	if kind == "config.webhook_rotate" && c.sent["config.webhook_add"] == 0 {
		kind = "config.webhook_add"
	}
	switch kind {
	case "config.token_add":
		return &domain.ConfigTokenAdd{
			Name: name, Role: Pick(c, "gateway", "auditor"), Source: Pick(c, "", "gateway/a", "gateway/a"), By: "operator",
			TokenHash: strings.Repeat(Pick(c, "0", "1", "2"), 64), Persons: Pick(c, nil, []string{"ann", "bo"}),
		}
	case "config.token_revoke":
		return &domain.ConfigTokenRevoke{Name: name, By: "operator"}
	case "config.webhook_add":
		return &domain.ConfigWebhookAdd{Name: name, URL: "https://desk.example/hooks", Secret: secret, By: "operator"}
	case "config.webhook_rotate":
		return &domain.ConfigWebhookRotate{Name: name, Secret: secret, AtOnce: c.IntN(2) == 0}
	}
	return &domain.ConfigWebhookRemove{Name: name}
}
