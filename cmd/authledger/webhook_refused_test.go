package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"authledger/domain"
)

// TestWebhookSendsRepeatedAttemptsInFlight checks that an endpoint with the default types receives
// each login that the ledger refuses because the user's open attempts reach their limit, and no
// login that the ledger refuses for another reason.
func TestWebhookSendsRepeatedAttemptsInFlight(t *testing.T) {
	const openAttempts = 10 // maximum number of a user's open attempts, by the default policy
	r := newReactingNode(t)
	type event struct {
		Type, Position, Entity string
		Data                   struct{ Reason domain.Reason }
	}
	events := make(chan event, 100)
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, q *http.Request) {
		var e event
		if err := json.NewDecoder(q.Body).Decode(&e); err != nil {
			t.Error(err)
		}
		events <- e
	}))
	t.Cleanup(server.Close)
	r.addURL("desk", server.URL) // record 1
	r.runWebhooks()
	begin := func(id, attempt string, want domain.Reason) {
		t.Helper()
		c := domain.Command{Source: "gateway/test", ID: id, Stamped: true, Caller: "test",
			Data: &domain.LoginBegin{User: "alice", Attempt: attempt, Platform: "tws"}}
		if v, err := r.Ledger.Do(t.Context(), c); err != nil || v.Reason != want {
			t.Fatalf("begin of %s: got %+v, %v, want reason %q", attempt, v, err, want)
		}
	}
	for i := range openAttempts {
		begin(fmt.Sprint("b-", i), fmt.Sprint("a-", i), "")
	}
	begin("again", "a-0", domain.AttemptOpen) // record 12, which the endpoint does not select
	for i := range 2 {
		begin(fmt.Sprint("refused-", i), fmt.Sprint("refused-", i), domain.AttemptsInFlight)
		want := event{Type: "login.refused", Position: fmt.Sprintf("%d.0", openAttempts+3+i), Entity: "user/alice"}
		want.Data.Reason = domain.AttemptsInFlight
		select {
		case got := <-events:
			if got != want {
				t.Errorf("event of the endpoint: got %+v, want %+v", got, want)
			}
		case <-time.After(deliveryTimeout):
			t.Fatalf("timed out: got no event, want %+v", want)
		}
	}
}
