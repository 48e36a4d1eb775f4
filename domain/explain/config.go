package explain

import (
	"strconv"

	"authledger/domain"
)

var configCommands = []commandKind{
	command[*domain.ConfigTokenAdd]{
		text: func(_ *domain.Record, c *domain.ConfigTokenAdd) string {
			return requester(c.By) + " requested to admit the token " + c.Name + " with the role " + c.Role
		},
		sought: func(*domain.ConfigTokenAdd) []string { return []string{configSizeFact} },
	},
	command[*domain.ConfigTokenRevoke]{text: func(_ *domain.Record, c *domain.ConfigTokenRevoke) string {
		return requester(c.By) + " requested to revoke the token " + c.Name
	}},
	command[*domain.ConfigWebhookAdd]{
		text: func(_ *domain.Record, c *domain.ConfigWebhookAdd) string {
			return requester(c.By) + " requested to add the webhook " + c.Name + " at " + c.URL
		},
		sought: func(*domain.ConfigWebhookAdd) []string { return []string{configSizeFact} },
	},
	command[*domain.ConfigWebhookRotate]{text: func(_ *domain.Record, c *domain.ConfigWebhookRotate) string {
		return requester(c.By) + " requested to replace the secret of the webhook " + c.Name
	}},
	command[*domain.ConfigWebhookRemove]{text: func(_ *domain.Record, c *domain.ConfigWebhookRemove) string {
		return requester(c.By) + " requested to remove the webhook " + c.Name
	}},
}

// requester returns the person of a command that need not name one.
func requester(by string) string {
	if by == "" {
		return "the caller"
	}
	return person(by)
}

var configEvents = []eventKind{
	event[*domain.TokenAdded]{text: func(_ *domain.Event, data *domain.TokenAdded, _ string) string {
		return "the holder of the token is admitted until " + stamp(data.Expires) + ", with the source " + data.Source
	}},
	event[*domain.TokenRevoked]{text: func(*domain.Event, *domain.TokenRevoked, string) string {
		return "the holder of the token is no longer admitted"
	}},
	event[*domain.WebhookAdded]{text: func(*domain.Event, *domain.WebhookAdded, string) string {
		return "the webhook receives the events of the records from this record on"
	}},
	event[*domain.WebhookRotated]{text: func(_ *domain.Event, data *domain.WebhookRotated, _ string) string {
		if data.FormerUntil.IsZero() {
			return "only the new secret signs the deliveries"
		}
		return "the new secret signs the deliveries, and until " + stamp(data.FormerUntil) + " the former secret signs them, too"
	}},
	event[*domain.WebhookRemoved]{text: func(*domain.Event, *domain.WebhookRemoved, string) string {
		return "the webhook receives no more events"
	}},
}

// FactClaim states which token has a source, a hash or a NATS key.
type FactClaim struct{ Member, Value, Token string }

// Members lists the members of the state.
func (c *FactClaim) Members(v domain.Visitor) {
	v.Text("member", &c.Member, domain.Need)
	v.Text("value", &c.Value, domain.Need)
	v.Text("token", &c.Token, domain.Need)
}

var configFactKinds = []factKind{
	fact[*domain.Token]{
		name: tokenFact, empty: func() domain.Data { return new(domain.Token) },
		text: func(_ *Fact, s *domain.Token) string {
			return "The token " + s.Name + " with the role " + s.Role + " existed before."
		},
		restore: func(to *States, _ *Fact, s *domain.Token) { to.items[domain.TokenKey(s.Name)] = s },
	},
	fact[*FactClaim]{
		name: tokenClaimFact, empty: func() domain.Data { return new(FactClaim) },
		text: func(_ *Fact, s *FactClaim) string {
			return "The token " + s.Token + " had the " + s.Member + " " + s.Value + "."
		},
		restore: func(to *States, _ *Fact, s *FactClaim) {
			to.items[domain.ItemKey{Kind: domain.TokenClaimItem, Owner: s.Member, ID: s.Value}] = &domain.TokenClaim{Token: s.Token}
		},
	},
	fact[*domain.Webhook]{
		name: webhookFact, empty: func() domain.Data { return new(domain.Webhook) },
		text: func(_ *Fact, s *domain.Webhook) string {
			return "The webhook " + s.Name + " at " + s.URL + " existed before."
		},
		restore: func(to *States, _ *Fact, s *domain.Webhook) { to.items[domain.WebhookKey(s.Name)] = s },
	},
	fact[*domain.ConfigSize]{
		name: configSizeFact, empty: func() domain.Data { return new(domain.ConfigSize) },
		text: func(_ *Fact, s *domain.ConfigSize) string {
			return "The ledger had " + strconv.FormatInt(s.Tokens, 10) + " tokens and " + strconv.FormatInt(s.Webhooks, 10) + " webhooks."
		},
		restore: func(to *States, _ *Fact, s *domain.ConfigSize) {
			to.items[domain.ItemKey{Kind: domain.ConfigSizeItem}] = s
		},
	},
}
