package interop

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"testing"
	"time"

	cloudevents "github.com/cloudevents/sdk-go/v2"
	"github.com/cloudevents/sdk-go/v2/binding"
	cehttp "github.com/cloudevents/sdk-go/v2/protocol/http"
)

const portalSource = "gateway/portal"

// modes are the two modes in which the SDK sends one event.
var modes = map[string]func(context.Context) context.Context{
	"binary":     binding.WithForceBinary,
	"structured": binding.WithForceStructured,
}

// sdkClient returns the SDK's client for the commands of a node.
func (n *node) sdkClient(token string) cloudevents.Client {
	n.t.Helper()
	c, err := cloudevents.NewClientHTTP(cloudevents.WithTarget(n.url("/v1/commands")),
		cloudevents.WithHeader("Authorization", "Bearer "+token))
	if err != nil {
		n.t.Fatal(err)
	}
	return c
}

// loginReport returns an event of now that reports a failed login.
func loginReport(t *testing.T, id, user string) cloudevents.Event {
	t.Helper()
	e := cloudevents.NewEvent()
	e.SetID(id)
	e.SetSource(portalSource)
	e.SetType("login.report")
	e.SetTime(time.Now())
	err := e.SetData(cloudevents.ApplicationJSON,
		map[string]string{"user": user, "outcome": "failed", "reason": "bad_credentials"})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// verdict is the part of a verdict that the tests read.
type verdict struct {
	ID        string `json:"id"`
	Status    string `json:"status"`
	Reason    string `json:"reason"`
	Duplicate bool   `json:"duplicate"`
}

func TestCloudEventsSendIsAcknowledged(t *testing.T) {
	n := startNode(t)
	client := n.sdkClient(n.token("portal", "gateway"))
	for mode, force := range modes {
		ctx := force(t.Context())
		if result := client.Send(ctx, loginReport(t, "send 1 "+mode, "alice")); !cloudevents.IsACK(result) {
			t.Errorf("%s: Send: got %v, want an acknowledgement", mode, result)
		}
		invalid := loginReport(t, "send 2 "+mode, "alice")
		invalid.SetType("login.magic")
		if result := client.Send(ctx, invalid); !cloudevents.IsNACK(result) || cloudevents.IsACK(result) {
			t.Errorf("%s: Send of an invalid command: got %v, want NACK", mode, result)
		}
	}
}

func TestCloudEventsRequestIsAnsweredByAnEvent(t *testing.T) {
	n := startNode(t)
	client := n.sdkClient(n.token("portal", "gateway"))
	for mode, force := range modes {
		ctx := force(t.Context())
		sent := loginReport(t, "request-"+mode, "alice")
		for _, duplicate := range []bool{false, true} {
			answer, result := client.Request(ctx, sent)
			if !cloudevents.IsACK(result) || cloudevents.IsNACK(result) || answer == nil {
				t.Fatalf("%s: Request: got %v, %v, want an event and an acknowledgement", mode, answer, result)
			}
			var v verdict
			if err := answer.DataAs(&v); err != nil {
				t.Fatalf("%s: data of the answer: %v", mode, err)
			}
			if want := (verdict{ID: sent.ID(), Status: "accepted", Duplicate: duplicate}); v != want {
				t.Errorf("%s: got %+v, want %+v", mode, v, want)
			}
			if answer.Type() != "login.report.verdict" || answer.Source() != "ledger/main" ||
				answer.ID() != portalSource+"/"+sent.ID() || answer.Time().IsZero() {
				t.Errorf("%s: got attributes %v, want those of the verdict on %s", mode, answer.Context, sent.ID())
			}
			if err := answer.Validate(); err != nil {
				t.Errorf("%s: the answer is no valid event: %v", mode, err)
			}
		}
	}
}

// The SDK treats an answer that is not an event as an acknowledgement for every status, so a problem
// must be an event, too.
func TestCloudEventsRequestOfRefusedRequestIsNoAcknowledgement(t *testing.T) {
	n := startNode(t)
	token := n.token("portal", "gateway")
	invalid, foreign := loginReport(t, "invalid", "alice"), loginReport(t, "foreign", "alice")
	invalid.SetType("login.magic")
	foreign.SetSource("gateway/other")
	for _, test := range []struct {
		name, token string
		event       cloudevents.Event
		status      int
	}{
		{"invalid command", token, invalid, http.StatusUnprocessableEntity},
		{"source of another caller", token, foreign, http.StatusForbidden},
		{"unknown token", "al_0_unknown", loginReport(t, "unknown", "alice"), http.StatusUnauthorized},
	} {
		for mode, force := range modes {
			answer, result := n.sdkClient(test.token).Request(force(t.Context()), test.event)
			var status *cehttp.Result
			if !errors.As(result, &status) || status.StatusCode != test.status || cloudevents.IsACK(result) ||
				!cloudevents.IsNACK(result) {
				t.Errorf("%s, %s: got %v, want NACK with status %d", test.name, mode, result, test.status)
			}
			if answer == nil || answer.Type() != "command.problem" ||
				answer.DataContentType() != "application/problem+json" {
				t.Errorf("%s, %s: got %v, want an event of type command.problem", test.name, mode, answer)
			}
		}
	}
}

func TestCloudEventsBatchIsAnsweredInOrder(t *testing.T) {
	n := startNode(t)
	token := n.token("portal", "gateway")
	invalid := loginReport(t, "batch 2", "alice")
	invalid.SetType("login.magic")
	events := []cloudevents.Event{loginReport(t, "batch 1", "alice"), invalid, loginReport(t, "batch 3", "bob")}
	request, err := cehttp.NewHTTPRequestFromEvents(t.Context(), n.url("/v1/commands"), events)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+token)
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	var verdicts []verdict
	if err := json.NewDecoder(answer.Body).Decode(&verdicts); err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("got %d, error %v, want 200 and verdicts", answer.StatusCode, err)
	}
	want := []verdict{{ID: "batch 1", Status: "accepted"},
		{ID: "batch 2", Status: "invalid", Reason: "unknown_type"}, {ID: "batch 3", Status: "accepted"}}
	if len(verdicts) != len(want) {
		t.Fatalf("got %+v, want %+v", verdicts, want)
	}
	for i := range want {
		if verdicts[i] != want[i] {
			t.Errorf("verdict %d: got %+v, want %+v", i, verdicts[i], want[i])
		}
	}
}
