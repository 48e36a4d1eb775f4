package client

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"authledger/domain"
)

// If the verdicts of a batch do not fit one answer, the client sends smaller requests, down
// to one command. Decided commands become duplicates.
func TestBatchWithLargeVerdicts(t *testing.T) {
	for fits, want := range map[int]error{3: nil, 0: &Problem{}} {
		recorded := make(map[string]bool)
		client, err := New(Options{URL: "https://ledger.example", Source: "gateway/g",
			Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
				var given []struct{ ID string }
				if err := json.NewDecoder(r.Body).Decode(&given); err != nil {
					return nil, err
				}
				verdicts := make([]string, len(given))
				for i, c := range given {
					verdicts[i] = fmt.Sprintf(`{"id":%q,"type":"login.report","status":"accepted","duplicate":%t}`, c.ID,
						recorded[c.ID])
					recorded[c.ID] = true
				}
				w := httptest.NewRecorder()
				if len(given) > fits {
					respond(413, "{}")(w, r)
				} else {
					respond(200, "["+strings.Join(verdicts, ",")+"]")(w, r)
				}
				return w.Result(), nil
			})})
		if err != nil {
			t.Fatal(err)
		}
		commands := make([]Command, 50)
		for i := range commands {
			commands[i] = Command{ID: fmt.Sprint(i), Time: time.Now(),
				Data: &domain.LoginReport{User: "alice", Outcome: domain.Succeeded}}
		}
		verdicts, err := client.Batch(t.Context(), commands)
		if want == nil && (err != nil || len(verdicts) != len(commands) || !verdicts[0].Duplicate) {
			t.Errorf("batch: got %d verdicts, error %v, want %d, the first a duplicate", len(verdicts), err,
				len(commands))
		}
		if p := (*Problem)(nil); want != nil && (!errors.As(err, &p) || len(verdicts) > 0) {
			t.Errorf("batch: got %d verdicts, error %v, want none and a problem", len(verdicts), err)
		}
	}
}
