package main

import (
	"fmt"

	"authledger/adapters/tokens"
	"authledger/adapters/webhooks"
	"authledger/domain/access"
)

// useOwnSecrets adds a token and a webhook with a secret, uses the token, replaces the secret, and reads
// both in all ways. The secrets of the ledger itself must be absent, too.
func (c *canaryNode) useOwnSecrets(n int) {
	token, hash := tokens.New()
	first, second := webhooks.NewSecret(), webhooks.NewSecret()
	c.secrets = append(c.secrets, token, first, second)
	name := fmt.Sprint("own-", n)
	submit := func(kind, data string) {
		c.ask(access.Operator, "POST", "/v1/commands/"+kind, data, "application/json", "Idempotency-Key",
			kind+name, 0)
	}
	submit("config.token_add", `{"name":"`+name+`","role":"auditor","tokenHash":"`+hash+`"}`)
	submit("config.webhook_add", `{"name":"`+name+`","url":"https://desk.example","secret":"`+first+`"}`)
	submit("config.webhook_add", `{"name":"`+name+`","url":"https://desk.example","secret":"`+second+`","x":1}`)
	submit("config.webhook_rotate", `{"name":"`+name+`","secret":"`+second+`"}`)
	const records = "/v1/records?entity=system/config"
	for _, path := range []string{records, records + "&reveal=true&purpose=p", "/v1/policy",
		"/v1/tokens", "/v1/webhooks"} {
		c.ask(access.Operator, "GET", path, "", "", "", "", 0)
		c.ask(access.Auditor, "GET", path, "", "", "", "", 0)
		c.ask(access.Gateway, "GET", path, "", "", "Authorization", "Bearer "+token, 0)
	}
	submit("config.token_revoke", `{"name":"`+name+`"}`)
	c.ask(access.Gateway, "GET", "/v1/policy", "", "", "Authorization", "Bearer "+token, 0)
}
