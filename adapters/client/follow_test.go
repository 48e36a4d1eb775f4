package client

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// Follow returns an error for an answer that is not a stream of events.
func TestFollowWhatIsNoStream(t *testing.T) {
	for _, kind := range []string{"text/html; charset=utf-8", "application/jsonl", "text/event-streams", ""} {
		client := newEndedClient(t, kind, "<html>welcome to the hotel network\n\n", nil)
		got := 0
		for r, err := range client.Follow(t.Context(), Filter{}) {
			if got++; !errors.Is(err, ErrAnswer) {
				t.Errorf("content type %q: got record %v, error %v, want %v", kind, r, err, ErrAnswer)
			}
		}
		if got != 1 {
			t.Errorf("%q: got %d errors, want 1", kind, got)
		}
	}
}

// The client waits longer before each request to a node whose streams end at once, because
// the node records each request as a read.
func TestFollowOfShortStreams(t *testing.T) {
	const minutes = 10
	for text, most := range map[string]int{"": minutes * 30, "retry: 1000\n\n: at 7\n\n": minutes * 30} {
		synctest.Test(t, func(t *testing.T) {
			times := 0
			client := newEndedClient(t, "text/event-stream", text, &times)
			ctx, cancel := context.WithTimeout(t.Context(), minutes*time.Minute)
			defer cancel()
			for r, err := range client.Follow(ctx, Filter{}) {
				if !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("stream %q: got record %v, error %v, want %v", text, r, err, context.DeadlineExceeded)
				}
			}
			if times > most {
				t.Errorf("%q: got %d requests in %d minutes, want at most %d", text, times, minutes, most)
			}
		})
	}
}

// newEndedClient returns a client of a node that answers each request with the text and ends
// the answer. It adds the number of requests to times, unless times is nil.
func newEndedClient(t *testing.T, kind, text string, times *int) *Client {
	t.Helper()
	client, err := New(Options{URL: "https://ledger.example",
		Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			if times != nil {
				*times++
			}
			w := httptest.NewRecorder()
			respond(200, text, "Content-Type", kind)(w, r)
			return w.Result(), nil
		})})
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// An invalid stream, and one whose record numbers do not increase, is an error. After a
// stream that ends in the middle of an event the client requests that event again.
func TestFollowStreams(t *testing.T) {
	event := func(seq string) string { return "id: " + seq + "\ndata: {\"seq\":" + seq + "}\n\n" }
	for _, c := range []struct {
		says    string
		streams []string
		want    string
		wrong   error
	}{
		{"one after another", []string{event("1"), event("2") + ": at 2\n\n", event("3")}, "1 2 3", nil},
		{"cut off", []string{event("1") + "id: 2\ndata: {\"se", event("2"), event("3")}, "1 2 3", nil},
		{"no blank line", []string{event("1") + "id: 2\ndata: {\"seq\":2}\n", event("2"), event("3")},
			"1 2 3", nil},
		{"a repeated number", []string{event("1") + event("1")}, "1", ErrAnswer},
		{"decreasing numbers", []string{event("2"), event("1")}, "2", ErrAnswer},
		{"a missing number", []string{"data: {}\n\n"}, "", ErrAnswer},
		{"an invalid number", []string{"id: x\ndata: {}\n\n"}, "", ErrAnswer},
		{"a line without an end", []string{"data: " + strings.Repeat("x", recordMax)}, "", ErrAnswer},
	} {
		t.Run(c.says, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				node := &script{}
				for _, text := range c.streams {
					node.answers = append(node.answers, respond(200, text, "Content-Type", "text/event-stream"))
				}
				client, err := New(Options{URL: "https://ledger.example", Transport: node})
				if err != nil {
					t.Fatal(err)
				}
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				var got []string
				for r, err := range client.Follow(ctx, Filter{}) {
					if err != nil {
						if !errors.Is(err, c.wrong) || c.wrong == nil {
							t.Errorf("end of the streams: got error %v, want %v", err, c.wrong)
						}
						break
					}
					if got = append(got, fmt.Sprint(r.Seq)); r.Seq == 3 {
						break
					}
				}
				if got := strings.Join(got, " "); got != c.want {
					t.Errorf("records: got %s, want %s", got, c.want)
				}
			})
		})
	}
}

// TestReadCutAnywhere cuts a stream after each byte. The follower must return only the complete events.
func TestReadCutAnywhere(t *testing.T) {
	text := "retry: 1000\n\nid: 19\ndata: {\"seq\":19}\n\n: at 20\n\nid: 21\ndata: {\"seq\":21}\n\nid: " +
		"2154\ndata: {\"seq\":2154}\n\n"
	for cut := range len(text) + 1 {
		var want, got []uint64
		for _, seq := range []uint64{19, 21, 2154} {
			if strings.Contains(text[:cut], fmt.Sprintf("{\"seq\":%d}\n\n", seq)) {
				want = append(want, seq)
			}
		}
		err := read(strings.NewReader(text[:cut]), 18, func() {}, func(r Record) bool {
			got = append(got, r.Seq)
			return true
		})
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("stream cut after %q: got records %d, error %v, want %d", text[:cut], got, err, want)
		}
	}
}

// Follow returns an error if it reaches no node within Patience. It waits for a node that
// it has reached before.
func TestFollow_UnreachableNode(t *testing.T) {
	for reached, want := range map[bool]error{false: ErrUnknown, true: context.DeadlineExceeded} {
		synctest.Test(t, func(t *testing.T) {
			times := 0
			client, err := New(Options{URL: "https://ledger.example",
				Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
					if times++; times == 1 && reached {
						w := httptest.NewRecorder()
						respond(200, "retry: 1000\n\n", "Content-Type", "text/event-stream; charset=utf-8")(w, r)
						return w.Result(), nil
					}
					return nil, errors.New("connection refused")
				})})
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), 10*DefaultPatience)
			defer cancel()
			for r, err := range client.Follow(ctx, Filter{}) {
				if !errors.Is(err, want) || times > 200 {
					t.Errorf("node reached before %t: got %v, %v after %d requests, want %v after at most 200", reached, r,
						err, times, want)
				}
			}
		})
	}
}

// FuzzRead checks that no stream makes the reader panic, or return record numbers that do
// not increase.
func FuzzRead(f *testing.F) {
	f.Add("id: 1\ndata: {}\n\n: at 1\n\nid: 2\ndata: x\n\n")
	f.Add("id: 1\nid: 2\ndata:\n\n\n\ndata: y\n\n")
	f.Fuzz(func(t *testing.T, text string) {
		last := uint64(0)
		err := read(strings.NewReader(text), 0, func() {}, func(r Record) bool {
			if r.Seq <= last {
				t.Errorf("got record %d after record %d, want ascending records", r.Seq, last)
			}
			last = r.Seq
			return true
		})
		if err != nil && !errors.Is(err, ErrAnswer) {
			t.Errorf("read the stream: got error %v, want none or %v", err, ErrAnswer)
		}
	})
}
