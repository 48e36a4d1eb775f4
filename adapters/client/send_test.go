package client

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"authledger/domain"
)

// The error after Patience contains the cause of the last complete attempt.
func TestWhyThereWasNoAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tries := 0
		node := roundTrip(func(r *http.Request) (*http.Response, error) {
			if tries++; tries == 1 {
				return nil, errors.New("no server listens there")
			}
			<-r.Context().Done()
			return nil, r.Context().Err()
		})
		client, err := New(Options{URL: "https://ledger.example", Transport: node, Patience: onceWithin / 2})
		if err != nil {
			t.Fatal(err)
		}
		_, err = client.Do(t.Context(), "x", &domain.LoginReport{User: "alice", Outcome: domain.Succeeded})
		if tries != 2 || !errors.Is(err, ErrUnknown) || !strings.Contains(err.Error(), "no server listens there") {
			t.Errorf("send: got error %v after %d tries, want the cause of the last attempt after 2", err, tries)
		}
	})
}
