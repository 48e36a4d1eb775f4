package intake

import (
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nkeys"

	"authledger/adapters/tokens/tokenstest"
	"authledger/domain"
	"authledger/domain/access"
)

// TestReadCommand_ID sends one value of ce-id in binary mode. The NATS service has the same
// test, TestCommandID_BareAndCloudEvent.
func TestReadCommand_ID(t *testing.T) {
	body := []byte(`{"user":"alice","outcome":"failed","reason":"cancelled"}`)
	for value, want := range map[string]string{
		"n-1": "n-1", "a%20b": "a b", "n%2D1": "n-1", `"q-1"`: "q-1", `"a\"b"`: `a"b`, "%E2%82%AC": "€",
		"100%": "", `"open`: "",
	} {
		event := nats.Header{"ce-id": {value}, "ce-specversion": {"1.0"}, "CE-Source": {"gateway/portal"},
			"ce-type": {"login%2Ereport"}, "ce-time": {"2026-03-02t12:00:00z"}}
		command, rejection := readCommand(event, body)
		got := command.ID
		if rejection != nil {
			got = ""
		}
		if got != want {
			t.Errorf("ce-id %s: got id %q, rejection %v, want %q", value, got, rejection, want)
		}
	}
}

// TestPermit_TokenOfSameName checks that a new token does not authorize the messages of a
// revoked token with the same name, and that a retry by the operator submits them.
func TestPermit_TokenOfSameName(t *testing.T) {
	now := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	file := tokenstest.New(func() time.Time { return now })
	key, err := nkeys.CreateUser()
	if err != nil {
		t.Fatal(err)
	}
	public, err := key.PublicKey()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.Add(tokenstest.Spec{Name: "portal", Role: access.Gateway, NKey: public}); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name     string
		stored   time.Time
		isDenied bool
	}{
		{"stored an hour before the token", now.Add(-time.Hour), true},
		{"stored a second before the token, by another clock", now.Add(-time.Second), false},
		{"stored after the token", now.Add(time.Hour), false},
	} {
		command := domain.Command{Source: "gateway/portal",
			Data: &domain.LoginReport{User: "alice", Outcome: domain.Succeeded}}
		rejection, err := permit(file, "portal", test.stored, &command, false)
		if err != nil || (rejection != nil) != test.isDenied || rejection != nil && rejection.Reason != Denied {
			t.Errorf("%s: new message: got %+v, %v, want denied %t", test.name, rejection, err, test.isDenied)
		}
		if rejection, err := permit(file, "portal", test.stored, &command, true); err != nil || rejection != nil {
			t.Errorf("%s: retry: got %+v, %v, want no rejection", test.name, rejection, err)
		}
	}
}
