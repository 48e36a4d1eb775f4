package main

import (
	"encoding/base64"
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

// webhookSecret is the secret in each configMessages.
const webhookSecret = "correct-horse-battery-staple-0123456789"

// configMessages returns messages that are commands of the configuration, some with mistakes, and
// the type that a refusal names.
func configMessages(caller string) map[string]struct {
	*nats.Msg
	kind string
} {
	const data = `{"name":"siem","url":"https://siem.example.com/","secret":"` + webhookSecret + `"}`
	const event = `{"specversion":"1.0","id":"c-1","source":"operator/operator","type":"config.webhook_add",` +
		`"time":"2026-03-02T15:00:00Z","data":` + data + `}`
	binary := func(kind, body string) *nats.Msg {
		return intakeMessage(caller, "c-1", kind, time.Now(), body)
	}
	body := func(contentType, text string) *nats.Msg {
		m := nats.NewMsg(natsconn.IntakeSubject(realmDefault, caller))
		m.Data = []byte(text)
		if contentType != "" {
			m.Header.Set("content-type", contentType)
		}
		return m
	}
	const structured = "application/cloudevents+json"
	const add, unreadable = "config.webhook_add", "config.*"
	return map[string]struct {
		*nats.Msg
		kind string
	}{
		"binary mode":          {binary(add, data), add},
		"rotation":             {binary("config.webhook_rotate", data), "config.webhook_rotate"},
		"unknown type":         {binary("config.webhook", data), unreadable},
		"percent-encoded type": {binary("config%2Ewebhook_add", data), add},
		"invalid data":         {binary(add, data[:len(data)-1]), add},
		"structured mode":      {body(structured, event), add},
		"escaped type": {body(structured, strings.Replace(event, "config.", `config\u002e`, 1)),
			add},
		"structured mode, no header":  {body("", event), add},
		"structured mode, other type": {body("text/plain", event), add},
		"structured mode, cut body":   {body(structured, event[:len(event)-1]), add},
		"second type": {body(structured, strings.Replace(event, `"type"`, `"type":"login.report","type"`, 1)),
			unreadable},
		"batch": {body("application/cloudevents-batch+json", "["+event+"]"), unreadable},
	}
}

// secretFiles returns the files of the data directory that contain webhookSecret as text or as
// base64, as dead letters contain their payload.
func (s *overNATS) secretFiles(t *testing.T) []string {
	t.Helper()
	files := s.filesWith(t, []byte(webhookSecret))
	for before := range 3 { // bytes before the secret in the first group of base64
		text := base64.StdEncoding.EncodeToString([]byte("..."[:before] + webhookSecret))
		files = append(files, s.filesWith(t, []byte(text[4:len(text)-4]))...)
	}
	return files
}

// wantNothingKept checks that the node stored no dead letter, and that no file contains webhookSecret.
func (s *overNATS) wantNothingKept(t *testing.T) {
	t.Helper()
	if n := s.deadLetterCount(t, s.NATS.DeadLetters(s.Ledger)); n != 0 {
		t.Errorf("dead letters: got %d, want 0", n)
	}
	if files := s.secretFiles(t); len(files) > 0 {
		t.Errorf("files with the secret: got %v, want none", files)
	}
}

// TestIntake_RefusesConfiguration publishes commands of the configuration. The admission refuses
// each before a stream stores it, so that no file contains the secret.
func TestIntake_RefusesConfiguration(t *testing.T) {
	s := serveOverNATS(t)
	for _, name := range []string{"operator", "gateway"} {
		publisher := s.connect(t, name)
		js, err := jetstream.New(publisher.Conn, jetstream.WithDefaultTimeout(natsTimeout))
		if err != nil {
			t.Fatal(err)
		}
		for condition, m := range configMessages(name) {
			_, err := js.PublishMsg(t.Context(), m.Msg)
			refused := (*jetstream.APIError)(nil)
			if !errors.As(err, &refused) || refused.Code != http.StatusBadRequest ||
				!strings.Contains(refused.Description, natsconn.CommandSubject(realmDefault, name, m.kind)) ||
				strings.Contains(refused.Description, webhookSecret) {
				t.Errorf("%s, %s: got %v, want error 400 that names the command subject of %s", name, condition,
					err, m.kind)
			}
		}
	}
	gateway := s.connect(t, "gateway")
	gateway.mustPublish(t, intakeMessage("gateway", "e-1", "login.report", time.Now(),
		`{"user":"config.bob","outcome":"succeeded"}`))
	s.wantRecorded(t, "gateway/gateway", "e-1")
	s.wantNothingKept(t)
}

// TestIntake_RejectsStoredConfiguration stores commands of the configuration in the stream, as a
// NATS server without an admission does. Each dead letter lacks the headers and the payload, and
// a retry does not submit the command.
func TestIntake_RejectsStoredConfiguration(t *testing.T) {
	s := serveOverNATS(t)
	node, deadLetters := s.inside(t), s.NATS.DeadLetters(s.Ledger)
	stored := configMessages("operator")
	for _, m := range stored {
		m.Subject = natsconn.StoredSubject(realmDefault, "operator")
		node.mustPublish(t, m.Msg)
	}
	s.untilDeadLetters(t, deadLetters, len(stored))
	for position := uint64(1); position <= uint64(len(stored)); position++ {
		l, err := deadLetters.Show(t.Context(), position)
		if err != nil || l.Reason != intake.Configuration || len(l.Headers)+len(l.Payload) > 0 ||
			!strings.Contains(l.Detail, "`authledger ") {
			t.Errorf("dead letter %d: got %+v, %v, want the reason %s without the message", position, l, err,
				intake.Configuration)
		}
		v, err := deadLetters.Retry(t.Context(), "operator", position)
		if err != nil || v.Reason != intake.Configuration {
			t.Errorf("retry %d: got %+v, %v, want the reason %s", position, v, err, intake.Configuration)
		}
	}
	if records := s.recorded(t); len(records) > 0 {
		t.Errorf("records: got %v, want none", records)
	}
}
