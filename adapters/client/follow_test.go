package client

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"
)

// Whatever else answers in the place of a node is told of, and not followed: a page
// has no event in it, and no end.
func TestFollowWhatIsNoStream(t *testing.T) {
	for _, kind := range []string{"text/html; charset=utf-8", "application/jsonl", "text/event-streams", ""} {
		asks := ended(t, kind, "<html>welcome to the hotel network\n\n", nil)
		heard := 0
		for r, err := range asks.Follow(t.Context(), Filter{}) {
			if heard++; !errors.Is(err, ErrAnswer) {
				t.Errorf("%q: %v, %v", kind, r, err)
			}
		}
		if heard != 1 {
			t.Errorf("%q: it ended after %d", kind, heard)
		}
	}
}

// A node whose streams end at once is asked ever more rarely: each asking is a reading
// that it records.
func TestFollowOfShortStreams(t *testing.T) {
	const minutes = 10
	for text, most := range map[string]int{"": minutes * 30, "retry: 1000\n\n: at 7\n\n": minutes * 30} {
		synctest.Test(t, func(t *testing.T) {
			times := 0
			asks := ended(t, "text/event-stream", text, &times)
			ctx, cancel := context.WithTimeout(t.Context(), minutes*time.Minute)
			defer cancel()
			for r, err := range asks.Follow(ctx, Filter{}) {
				if !errors.Is(err, context.DeadlineExceeded) {
					t.Error(r, err)
				}
			}
			if times > most {
				t.Errorf("%q: asked %d times in %d minutes, want at most %d", text, times, minutes, most)
			}
		})
	}
}

// ended is a client whose node answers with a text, and that is all, counting how often.
func ended(t *testing.T, kind, text string, times *int) *Client {
	t.Helper()
	asks, err := New(Options{URL: "https://ledger.example", Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
		if times != nil {
			*times++
		}
		w := httptest.NewRecorder()
		says(200, text, "Content-Type", kind)(w, r)
		return w.Result(), nil
	})})
	if err != nil {
		t.Fatal(err)
	}
	return asks
}
