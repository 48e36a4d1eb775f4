package httpapi

import (
	"bufio"
	"context"
	"fmt"

	"net/http"
	"strings"
	"testing"
	"time"

	"authledger/adapters/tokens/tokenstest"
	"authledger/domain/access"
)

// Each filter of records selects the records that the table lists.
func TestRecords(t *testing.T) {
	s := newTestServer(t)
	s.reportFailures("alice", 3)
	s.reportFailures("bob", 2)
	for query, want := range map[string]string{
		"to=5":                               "1 2 3 4 5",
		"from=2&to=4":                        "2 3 4",
		"to=5&entity=user/bob":               "4 5",
		"to=5&type=login.failed&after=1":     "2 3 4 5",
		"to=5&type=lockout.started":          "",
		"limit=2":                            "1 2",
		"limit=2&after=2":                    "3 4",
		"from=1000":                          "",
		"to=5&limit=1&entity=user/bob":       "4",
		"to=5&asOf=3":                        "1 2 3",
		"to=5&at=2001-01-01T00:00:00Z":       "",
		"follow=false&from=5&to=5&atLeast=5": "5",
	} {
		r := s.get(access.Auditor, "/v1/records?"+query)
		r.want(t, 200)
		if got := seqsOf(r.body); got != want {
			t.Errorf("%s: got records %q, want %q", query, got, want)
		}
	}
	for _, query := range []string{"from=3&to=2", "from=x", "follow=yes", "limit=1001", "entity=a&entity=b",
		"follow=true&asOf=3"} {
		s.get(access.Auditor, "/v1/records?"+query).want(t, 400)
	}
	s.get(access.Auditor, "/v1/records?type=login.reprot").want(t, 400, `did you mean \"login.report\"?`)
	s.get(access.Auditor, "/v1/records?type=lockout.begun").want(t, 400, "unknown type of command or event")
}

func seqsOf(lines string) string {
	var seqs []string
	for line := range strings.Lines(lines) {
		var seq int
		if _, err := fmt.Sscanf(line, `{"seq":%d,`, &seq); err == nil {
			seqs = append(seqs, fmt.Sprint(seq))
		}
	}
	return strings.Join(seqs, " ")
}

// stream is an open stream of server-sent events.
type stream struct {
	t      *testing.T
	lines  *bufio.Scanner
	cancel context.CancelFunc
}

func (s *testServer) follow(t *testing.T, query string, headers ...string) *stream {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	request, err := http.NewRequestWithContext(ctx, "GET", s.url+"/v1/records?follow=true"+query, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+s.token[access.Auditor])
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	answer, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { answer.Body.Close() })
	if answer.StatusCode != 200 || answer.Header.Get("Content-Type") != "text/event-stream" {
		t.Fatalf("follow: got status %s, headers %v, want 200 and text/event-stream", answer.Status, answer.Header)
	}
	return &stream{t, bufio.NewScanner(answer.Body), cancel}
}

// next is the id of the next event, "" at the end.
func (s *stream) next() string {
	for s.lines.Scan() {
		if id, ok := strings.CutPrefix(s.lines.Text(), "id: "); ok {
			if !s.lines.Scan() || s.lines.Text() == "" {
				continue // the id of the end, without an event
			}
			if !strings.HasPrefix(s.lines.Text(), `data: {"seq":`+id+",") {
				s.t.Errorf("event %s: got %s, want the record of that position", id, s.lines.Text())
			}
			return id
		}
	}
	return ""
}

// A stream continues after Last-Event-ID, with each record once.
func TestFollow(t *testing.T) {
	s := newTestServer(t)
	s.reportFailures("alice", 3)
	f := s.follow(t, "&entity=user/alice")
	for _, want := range []string{"1", "2", "3"} {
		if id := f.next(); id != want {
			t.Fatalf("next event: got %s, want %s", id, want)
		}
	}
	s.reportFailures("bob", 2) // records 5 and 6; record 4 is the audit.read of the follower
	s.reportFailures("alice", 1)
	if id := f.next(); id != "7" {
		t.Fatalf("event of alice after record 6: got %s, want 7", id)
	}
	f.cancel()
	s.reportFailures("alice", 2)
	again := s.follow(t, "&entity=user/alice&limit=2", "Last-Event-ID", "7")
	if a, b, end := again.next(), again.next(), again.next(); a != "8" || b != "9" || end != "" {
		t.Errorf("events after Last-Event-ID 7: got %s, %s, %q, want 8, 9 and the end", a, b, end)
	}
	s.request(access.Auditor, "GET", "/v1/records?follow=true", "", "Last-Event-ID", "x").want(t, 400)
}

// A stream with a last record ends after it, whether or not the filter selects that record.
func TestFollowTo(t *testing.T) {
	s := newTestServer(t)
	s.reportFailures("alice", 2)
	s.reportFailures("bob", 1)
	for _, c := range []struct{ query, last, heard string }{
		{"&to=2", "", "1 2"}, {"&to=3&entity=user/alice", "", "1 2"}, {"&to=3&entity=user/nobody", "", ""},
		{"&to=3", "2", "3"},
	} {
		f := s.follow(t, c.query, "Last-Event-ID", c.last)
		var heard []string
		for id := f.next(); id != ""; id = f.next() {
			heard = append(heard, id)
		}
		if got := strings.Join(heard, " "); got != c.heard || f.lines.Err() != nil {
			t.Errorf("%s after %q: got %q, error %v, want %q", c.query, c.last, got, f.lines.Err(), c.heard)
		}
	}
}

// Many parallel followers receive every record once and in order while records are written.
func TestFollowLive(t *testing.T) {
	s := newTestServer(t)
	const followers, records = 8, 300
	ended := make(chan error, followers)
	for range followers {
		f := s.follow(t, "&type=login.report&limit="+fmt.Sprint(records))
		go func() {
			last, heard := 0, 0
			for id := f.next(); id != ""; id = f.next() {
				seq := 0
				fmt.Sscan(id, &seq)
				if seq <= last {
					ended <- fmt.Errorf("got record %d after record %d, want ascending records", seq, last)
					return
				}
				last, heard = seq, heard+1
			}
			if heard != records {
				ended <- fmt.Errorf("got %d records, want %d", heard, records)
				return
			}
			ended <- nil
		}()
	}
	for i := range records {
		s.submit(access.Gateway, "login.report", fmt.Sprintf(`{"user":"u%d","outcome":"succeeded"}`, i)).
			want(t, 200)
	}
	for range followers {
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
}

// The server sends keep-alive comments on a quiet stream. A revoked token and Drain end a
// stream.
func TestStreamEnds(t *testing.T) {
	s := newTestServer(t)
	s.server.keepAlive = 20 * time.Millisecond
	f := s.follow(t, "&entity=user/nobody")
	for range 2 {
		for f.lines.Scan() && !strings.HasPrefix(f.lines.Text(), ": at ") {
		}
	}
	if !strings.HasPrefix(f.lines.Text(), ": at 1") {
		t.Errorf("quiet stream: got line %q, want a keep-alive comment at 1", f.lines.Text())
	}
	other := s.follow(t, "&entity=user/nobody")
	s.tokens.Remove(string(access.Auditor))
	if f.next() != "" || other.next() != "" {
		t.Error("got a record after the token was revoked, want the end of the stream")
	}
	fresh, err := s.tokens.Add(tokenstest.Spec{Name: "auditor", Role: access.Auditor})
	if err != nil {
		t.Fatal(err)
	}
	s.token[access.Auditor] = fresh
	last := s.follow(t, "&entity=user/nobody")
	s.server.Drain()
	if last.next() != "" {
		t.Error("got a record after Drain, want the end of the stream")
	}
	s.get("", "/readyz").want(t, 503, "stopping")
}

// A client that stops to read delays no command: the server answers all commands before
// the client reads again, and closes the stream of the client.
func TestServerClosesStreamOfSlowReader(t *testing.T) {
	s := newTestServer(t)
	s.server.writeWithin = 200 * time.Millisecond
	stuck := s.follow(t, "")
	const records = 8000
	for i := range records / 100 {
		var events []string
		for j := range 100 {
			data := fmt.Sprintf(`{"user":"u%d","outcome":"failed","reason":"bad_code","userAgent":%q}`,
				j, strings.Repeat("x", 500))
			events = append(events, event(access.Gateway, fmt.Sprint(i, "-", j), "login.report", data))
		}
		batch := "[" + strings.Join(events, ",") + "]"
		s.request(access.Gateway, "POST", "/v1/commands", batch, "Content-Type",
			"application/cloudevents-batch+json").want(t, 200)
	}
	received := 0
	for stuck.lines.Buffer(make([]byte, 1<<20), 1<<20); stuck.next() != ""; {
		received++
	}
	if received >= records {
		t.Errorf("client that did not read for 200 ms: got %d records, want fewer than %d", received, records)
	}
}
