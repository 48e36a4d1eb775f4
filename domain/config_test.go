package domain

import (
	"strings"
	"testing"
	"time"
)

func tokenAdded(source string) *TokenAdded {
	return &TokenAdded{Source: source, Rate: TokenRateDefault, Expires: epoch.Add(90 * day)}
}

func refusedConfig(reason Reason) then { return then{refused(reason), &ConfigRefused{reason}} }

func TestConfigTokens(t *testing.T) {
	portal := addToken("portal", "1", withSource("gateway/a"), withNKey(firstNKey))
	exists := refusedConfig(AlreadyExists)
	hold(t, IBKRSLS(), []rule{
		{"CFG-1 defaults", nil, when{addToken("portal", "1")}, then{accepted, tokenAdded("gateway/portal")}},
		{"CFG-1 given values", nil, when{addToken("portal", "1", withSource("x"), withExpiry(1),
			func(c *ConfigTokenAdd) { c.Rate = 5 })},
			then{accepted, &TokenAdded{Source: "x", Rate: 5, Expires: epoch.Add(1)}}},
		{"CFG-1 name exists", given{portal}, when{addToken("portal", "2")}, exists},
		{"CFG-1 name differs in case", given{portal}, when{addToken("PORTAL", "2")}, exists},
		{"CFG-1 source exists", given{portal}, when{addToken("b", "2", withSource("gateway/a"))}, exists},
		{"CFG-1 source differs in case", given{portal}, when{addToken("b", "2", withSource("GATEWAY/A"))}, exists},
		{"CFG-1 default source exists", given{addToken("b", "1", withSource("gateway/c"))},
			when{addToken("c", "2")}, exists},
		{"CFG-1 hash exists", given{portal}, when{addToken("b", "1")}, exists},
		{"CFG-1 NATS key exists", given{portal}, when{addToken("b", "2", withNKey(firstNKey))}, exists},
		{"CFG-1 another token", given{portal}, when{addToken("b", "2", withNKey(secondNKey))},
			then{accepted, tokenAdded("gateway/b")}},
		{"CFG-1 expired", nil, when{addToken("portal", "1", withExpiry(0))}, refusedConfig(ExpiryOutOfRange)},
		{"CFG-1 five years", nil, when{addToken("portal", "1", withExpiry(TokenExpiresMax))},
			then{accepted, &TokenAdded{Source: "gateway/portal", Rate: TokenRateDefault,
				Expires: epoch.Add(TokenExpiresMax)}}},
		{"CFG-1 more than five years", nil, when{addToken("portal", "1", withExpiry(TokenExpiresMax+1))},
			refusedConfig(ExpiryOutOfRange)},
		{"CFG-2 revoked", given{portal}, when{revokeToken("portal")}, then{accepted, &TokenRevoked{}}},
		{"CFG-2 unknown", nil, when{revokeToken("portal")}, refusedConfig(UnknownToken)},
		{"CFG-2 other case", given{portal}, when{revokeToken("Portal")}, refusedConfig(UnknownToken)},
		{"CFG-2 twice", given{portal, revokeToken("portal")}, when{revokeToken("portal")},
			refusedConfig(UnknownToken)},
		{"CFG-2 everything is free again", given{portal, revokeToken("portal")}, when{portal},
			then{accepted, tokenAdded("gateway/a")}},
	})
}

func TestConfigWebhooks(t *testing.T) {
	desk := addWebhook("desk", "login.failed")
	until := func(at time.Duration) *WebhookRotated { return &WebhookRotated{FormerUntil: epoch.Add(at)} }
	hold(t, IBKRSLS(), []rule{
		{"CFG-3 types", nil, when{desk}, then{accepted, &WebhookAdded{Types: []string{"login.failed"}}}},
		{"CFG-3 default types", nil, when{addWebhook("desk")},
			then{accepted, &WebhookAdded{Types: DefaultWebhookTypes()}}},
		{"CFG-3 name exists", given{desk}, when{desk}, refusedConfig(AlreadyExists)},
		{"CFG-3 private address in a record of an older program", nil,
			when{send(0, &ConfigWebhookAdd{
				Name: "desk", URL: "https://10.0.0.1/", Types: []string{"*"}, Secret: exampleSecret, By: "olga"})},
			then{accepted, &WebhookAdded{Types: []string{"*"}}}},
		{"CFG-4 former secret", given{desk}, when{rotateWebhook("desk", hour, false)},
			then{accepted, until(25 * hour)}},
		{"CFG-4 at once", given{desk}, when{rotateWebhook("desk", hour, true)}, then{accepted, &WebhookRotated{}}},
		{"CFG-4 unknown", nil, when{rotateWebhook("desk", 0, false)}, refusedConfig(UnknownWebhook)},
		{"CFG-5 removed", given{desk}, when{removeWebhook("desk")}, then{accepted, &WebhookRemoved{}}},
		{"CFG-5 unknown", nil, when{removeWebhook("desk")}, refusedConfig(UnknownWebhook)},
		{"CFG-5 name is free again", given{desk, removeWebhook("desk")}, when{desk},
			then{accepted, &WebhookAdded{Types: []string{"login.failed"}}}},
	})
}

// CFG-1, CFG-3: at the maximum an addition is refused, and after a removal the next one is accepted.
func TestConfig_IsBounded(t *testing.T) {
	l := newLedger(IBKRSLS())
	l.Put(configSizeKey, &ConfigSize{Tokens: TokensMax - 1, Webhooks: WebhooksMax - 1})
	for _, s := range []struct {
		step step
		want Reason
	}{
		{addToken("a", "1"), ""}, {addToken("b", "2"), TooMany}, {revokeToken("a"), ""}, {addToken("b", "2"), ""},
		{addWebhook("a"), ""}, {addWebhook("b"), TooMany}, {removeWebhook("a"), ""}, {addWebhook("b"), ""},
	} {
		c := s.step(l)
		if d := l.do(*c); d.Reason != s.want {
			t.Errorf("%s: got reason %q, want %q", c.Data.CommandType(), d.Reason, s.want)
		}
	}
}

// CFG-4: the states name the records of the secrets, not the secrets.
func TestConfigWebhook_NamesTheRecordsOfItsSecrets(t *testing.T) {
	l := newLedger(IBKRSLS())
	check := func(secret, former int64) {
		t.Helper()
		w := l.items[WebhookKey("desk")].(*Webhook)
		if w.AddedAt != 1 || w.SecretAt != secret || w.FormerAt != former {
			t.Errorf("records of the webhook: got %d, %d, %d, want 1, %d, %d", w.AddedAt, w.SecretAt, w.FormerAt,
				secret, former)
		}
		if strings.Contains(writeJSON(w), "whsec_") {
			t.Error("state of the webhook: got a secret, want none")
		}
	}
	l.do(*addWebhook("desk")(l))
	check(1, 0)
	l.do(*rotateWebhook("desk", 0, false)(l))
	check(2, 1)
	l.do(*rotateWebhook("desk", 0, true)(l))
	check(3, 0)
}

func TestConfigForms(t *testing.T) {
	for _, c := range []struct {
		form  Form
		text  string
		valid bool
	}{
		{tokenNameForm, "portal", true}, {tokenNameForm, "-x", false}, {tokenNameForm, "a b", false},
		{tokenNameForm, strings.Repeat("x", 64), true}, {tokenNameForm, strings.Repeat("x", 65), false},
		{roleForm, "operator", true}, {roleForm, "local", false}, {roleForm, "open", false},
		{tokenSourceForm, "gateway/a", true}, {tokenSourceForm, "System", false}, {tokenSourceForm, "timer", false},
		{tokenSourceForm, " Local/x", false}, {tokenSourceForm, "import/x", false},
		{tokenHashForm, digest("a"), true}, {tokenHashForm, digest("A"), false}, {tokenHashForm, "a", false},
		{nkeyForm, firstNKey, true}, {nkeyForm, firstNKey[:55] + "A", false},
		{nkeyForm, "U" + secondNKey[2:], false},
		{nkeyForm, "S" + firstNKey[1:], false}, {nkeyForm, strings.ToLower(firstNKey), false},
		{secretForm, exampleSecret, true}, {secretForm, "whsec_AAAA", false},
		{secretForm, exampleSecret[6:], false},
		{webhookNameForm, "desk_1", true}, {webhookNameForm, "Desk", false}, {webhookNameForm, "../x", false},
		{webhookURLForm, "https://desk.example:8443/hooks?x=1", true},
		{webhookURLForm, "http://desk.example", true},
		{webhookURLForm, "ftp://desk.example", false}, {webhookURLForm, "https://", false},
		{webhookURLForm, "https://u:p@desk.example", false}, {webhookURLForm, "https://desk.example/#x", false},
		{webhookURLForm, "https://desk.example:0", false}, {webhookURLForm, "desk.example", false},
	} {
		if wrong := c.form.Wrong(c.text); (wrong == "") != c.valid {
			t.Errorf("%q: got %q, want valid %t", c.text, wrong, c.valid)
		}
	}
}

func TestConfigChecks(t *testing.T) {
	many := make([]string, TokenPersonsMax+1)
	for i := range many {
		many[i] = "ann"
	}
	for field, c := range map[string]interface{ Check() *Rejection }{
		"name":    &ConfigTokenAdd{Name: "a.b", NKey: firstNKey},
		"persons": &ConfigTokenAdd{Persons: many},
		"url":     &ConfigWebhookAdd{URL: "http://desk.example"},
		"types":   &ConfigWebhookAdd{URL: "https://desk.example", Types: []string{"login.refused:not_locked"}},
		"": &ConfigWebhookAdd{URL: "http://127.0.0.1", AllowPrivate: true,
			Types: []string{"*", "login.refused:locked_out"}},
	} {
		switch wrong := c.Check(); {
		case field == "" && wrong != nil:
			t.Errorf("valid command: got %v, want no rejection", wrong)
		case field != "" && (wrong == nil || wrong.Field != field || wrong.Reason != BadField):
			t.Errorf("invalid %s: got %v, want bad_field", field, wrong)
		}
	}
	for _, person := range []string{"", "-ann", "a b"} {
		if wrong := (&ConfigTokenAdd{Persons: []string{person}}).Check(); wrong == nil {
			t.Errorf("person %q: got no rejection, want one", person)
		}
	}
}
