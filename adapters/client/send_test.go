package client

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

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

// The client reports each failed attempt with its cause and with the end of the retries.
func TestRetryingReportsAttempts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now()
		cause := errors.New("no server listens there")
		node := roundTrip(func(*http.Request) (*http.Response, error) { return nil, cause })
		var retries []Retry
		o := Options{URL: "https://ledger.example", Transport: node, Patience: time.Second}
		o.Retrying = func(r Retry) { retries = append(retries, r) }
		client, err := New(o)
		if err != nil {
			t.Fatal(err)
		}
		if _, err = client.Ask(t.Context(), http.MethodGet, "/v1/lockouts", nil); !errors.Is(err, ErrUnknown) {
			t.Errorf("got error %v, want %v", err, ErrUnknown)
		}
		if len(retries) < 3 {
			t.Fatalf("got %d reports, want at least 3", len(retries))
		}
		for _, r := range retries {
			if !errors.Is(r.Cause, cause) || r.Wait <= 0 || !r.Until.Equal(begun.Add(time.Second)) {
				t.Errorf("got %+v, want the cause, a wait, and the end after a second", r)
			}
		}
	})
}
