package main

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"authledger/adapters/intake"
	"authledger/adapters/natsconn"
)

// undecidedMessages returns messages with webhookSecret that the ledger can't decide. Most are
// spellings of a command of the configuration.
func undecidedMessages(caller string) map[string]*nats.Msg {
	const data = `{"name":"siem","url":"https://siem.example.com/","secret":"` + webhookSecret + `"}`
	event := func(kind string) string {
		return `{"specversion":"1.0","id":"c-1","source":"operator/operator","type":"` + kind +
			`","time":"2026-03-02T15:00:00Z","data":` + data + `}`
	}
	binary := func(kind string) *nats.Msg { return intakeMessage(caller, "c-1", kind, time.Now(), data) }
	message := func(body string, headers ...string) *nats.Msg {
		m := nats.NewMsg(natsconn.IntakeSubject(realmDefault, caller))
		m.Data = []byte(body)
		for i := 0; i < len(headers); i += 2 {
			m.Header[headers[i]] = append(m.Header[headers[i]], headers[i+1])
		}
		return m
	}
	const kind, structured, batch = "Content-Type", "application/cloudevents+json",
		"application/cloudevents-batch+json"
	add := event("config.webhook_add")
	escaped := event(`\u0063onfig.webhook_add`)
	renamed := func(name string) *nats.Msg {
		m := binary("config.webhook_add")
		m.Header[name] = m.Header["ce-type"]
		delete(m.Header, "ce-type")
		return m
	}
	all := map[string]*nats.Msg{
		"structured, space":       message(event(" config.webhook_add"), kind, structured),
		"escaped batch":           message("["+escaped+"]", kind, batch),
		"batch and ce-type":       message("["+add+"]", kind, batch, "ce-type", "login.report"),
		"event and ce-type":       message(add, "ce-type", "login.report"),
		"event, permitted type":   message(add, "ce-type", "policy.adopt"),
		"two content types":       message(add, kind, structured, kind, "text/plain", "ce-type", "login.report"),
		"member Type":             message(strings.Replace(add, `"type"`, `"Type"`, 1), kind, structured),
		"header ce_type":          renamed("ce_type"),
		"no type":                 message(data),
		"no JSON":                 message("secret: " + webhookSecret),
		"secret as type":          binary(webhookSecret),
		"type of another command": binary("login.report"),
		"unpermitted command": intakeMessage(caller, "c-2", "login.report", time.Now(),
			`{"user":"bob","outcome":"succeeded","secret":"`+webhookSecret+`"}`),
	}
	for _, name := range []string{"CONFIG.webhook_add", "Config.webhook_add", "confg.webhook_add",
		"webhook_add"} {
		all["structured "+name] = message(event(name), kind, structured)
	}
	for _, name := range []string{"CONFIG.WEBHOOK_ADD", " config.webhook_add", "%63onfig.webhook_add%zz",
		"config%2.webhook_add", `"config.webhook_add`, "%2563onfig.webhook_add", "confg.webhook_add",
		"webhook_add"} {
		all["binary "+name] = binary(name)
	}
	return all
}

// TestIntake_RefusesUndecidedOfOperator publishes messages that the ledger can't decide. The
// admission refuses each message of an operator before a stream stores it, so that no file contains
// the secret.
func TestIntake_RefusesUndecidedOfOperator(t *testing.T) {
	s := serveOverNATS(t)
	js, err := jetstream.New(s.connect(t, "operator").Conn, jetstream.WithDefaultTimeout(natsTimeout))
	if err != nil {
		t.Fatal(err)
	}
	for condition, m := range undecidedMessages("operator") {
		_, err := js.PublishMsg(t.Context(), m)
		refused := (*jetstream.APIError)(nil)
		if !errors.As(err, &refused) || refused.Code != http.StatusBadRequest ||
			strings.Contains(refused.Description, webhookSecret) {
			t.Errorf("%s: got %v, want error 400 without the secret", condition, err)
		}
	}
	s.wantNothingKept(t)
}

// TestIntake_WithholdsUndecidedOfOperator stores messages that the ledger can't decide in the stream,
// as a NATS server without an admission does. Each dead letter of an operator lacks the message.
// The dead letter of a gateway keeps it.
func TestIntake_WithholdsUndecidedOfOperator(t *testing.T) {
	s := serveOverNATS(t)
	node, deadLetters := s.inside(t), s.NATS.DeadLetters(s.Ledger)
	stored := undecidedMessages("operator")
	for _, m := range stored {
		m.Subject = natsconn.StoredSubject(realmDefault, "operator")
		node.mustPublish(t, m)
	}
	typo := intakeMessage("gateway", "e-1", "confg.webhook_add", time.Now(), "{}")
	typo.Subject = natsconn.StoredSubject(realmDefault, "gateway")
	node.mustPublish(t, typo)
	s.untilDeadLetters(t, deadLetters, len(stored)+1)
	last := uint64(len(stored)) + 1
	for position := uint64(1); position < last; position++ {
		l, err := deadLetters.Show(t.Context(), position)
		if err != nil || len(l.Headers)+len(l.Payload) > 0 || strings.Contains(l.Detail, webhookSecret) ||
			!strings.Contains(l.Detail, " bytes, payload SHA-256 ") {
			t.Errorf("dead letter %d: got %+v, %v, want the size and the hash without the message", position, l, err)
		}
		if v, err := deadLetters.Retry(t.Context(), "operator", position); err != nil || v.Reason != l.Reason {
			t.Errorf("retry %d: got %+v, %v, want the reason %s", position, v, err, l.Reason)
		}
	}
	l, err := deadLetters.Show(t.Context(), last)
	if err != nil || string(l.Payload) != "{}" || len(l.Headers) == 0 || l.Reason == intake.Configuration {
		t.Errorf("dead letter of the gateway: got %+v, %v, want the message", l, err)
	}
}
