package httpapi

import (
	"strings"
	"testing"
	"time"

	"authledger/domain"
	"authledger/domain/access"
	"authledger/eventstore/wire"
)

// webhookSecret is base64 of zeros.
var webhookSecret = "whsec_" + strings.Repeat("A", 43) + "="

// The lists show tokens and webhooks to an operator only, without hashes and secrets, by page.
func TestConfigLists(t *testing.T) {
	s := newTestServer(t)
	hash := strings.Repeat("ab", 32)
	for _, c := range []domain.CommandData{
		&domain.ConfigTokenAdd{Name: "Desk", Role: "support", TokenHash: hash, Persons: []string{"ann"},
			By: "operator"},
		&domain.ConfigTokenAdd{Name: "aaa", Role: "gateway", TokenHash: strings.Repeat("cd", 32)},
		&domain.ConfigTokenAdd{Name: "gone", Role: "gateway", TokenHash: strings.Repeat("ef", 32)},
		&domain.ConfigTokenRevoke{Name: "gone"},
		&domain.ConfigWebhookAdd{Name: "hook", URL: "https://desk.example", Secret: webhookSecret},
	} {
		s.submit(access.Operator, c.CommandType(), string(wire.AppendData(nil, c))).want(t, 200)
	}
	for _, c := range []struct {
		path string
		want []string
	}{
		{"/v1/tokens", []string{`{"tokens":[{"name":"aaa"`, `"more":false`,
			`{"name":"Desk","role":"support","source":"support/Desk","persons":["ann"]`}},
		{"/v1/tokens?limit=1", []string{`{"name":"aaa"`, `"more":true`}},
		{"/v1/webhooks", []string{`{"webhooks":[{"name":"hook","url":"https://desk.example","types":["lockout.`}},
	} {
		r := s.get(access.Operator, c.path)
		r.want(t, 200)
		for _, want := range c.want {
			if !strings.Contains(r.body, want) {
				t.Errorf("%s: got %s, want %s in it", c.path, r.body, want)
			}
		}
		for _, secret := range []string{hash, "whsec_", "gone"} {
			if strings.Contains(r.body, secret) {
				t.Errorf("%s: got %s, want no %s", c.path, r.body, secret)
			}
		}
	}
	first := s.get(access.Operator, "/v1/tokens?limit=1").body
	_, rest, _ := strings.Cut(first, `"next":"`)
	next, _, _ := strings.Cut(rest, `"`)
	r := s.get(access.Operator, "/v1/tokens?limit=1&after="+next)
	if !strings.HasPrefix(r.body, `{"tokens":[{"name":"Desk"`) {
		t.Errorf("page after %q: got %s, want the token Desk", next, r.body)
	}
	for _, role := range access.Roles() {
		if role != access.Operator {
			s.get(role, "/v1/tokens").want(t, 403)
			s.get(role, "/v1/webhooks").want(t, 403)
		}
	}
}

// An endpoint in a private network is a problem, unless its command has allowPrivate.
func TestWebhookInPrivateNetwork(t *testing.T) {
	s := newTestServer(t)
	data := `{"name":"hook","url":"https://10.0.0.1/","secret":"` + webhookSecret + `"`
	s.submit(access.Operator, "config.webhook_add", data+`}`).want(t, 422, "bad_field", "allowPrivate")
	if at := s.rows.Position().Seq; at != 0 {
		t.Errorf("got %d records, want none", at)
	}
	s.submit(access.Operator, "config.webhook_add", data+`,"allowPrivate":true}`).want(t, 200, "accepted")
}

// No reader reveals the secret of a webhook.
func TestRevealShowsNoSecret(t *testing.T) {
	s := newTestServer(t)
	s.submit(access.Operator, "config.webhook_add",
		`{"name":"hook","url":"https://desk.example","secret":"`+webhookSecret+`"}`).want(t, 200)
	r := s.get(access.Auditor, "/v1/records/1?reveal=true&purpose=case-7")
	r.want(t, 200)
	if strings.Contains(r.body, webhookSecret) || !strings.Contains(r.body, `"personal":"sealed"`) {
		t.Errorf("revealed record: got %s, want the secret sealed", r.body)
	}
}

// EndStreams ends the quiet streams of a revoked token at once, and no other stream.
func TestEndStreams(t *testing.T) {
	s := newTestServer(t)
	s.server.keepAlive = time.Hour
	revoked := s.follow(t, "&entity=user/nobody")
	s.tokens.Remove(string(access.Auditor))
	s.server.EndStreams(string(access.Support))
	s.server.EndStreams(string(access.Auditor))
	if line := revoked.next(); line != "" {
		t.Errorf("stream of the revoked token: got %q, want its end", line)
	}
}
