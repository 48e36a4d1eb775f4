package console

import (
	"bufio"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"authledger/domain"
	"authledger/domain/access"
)

// openStream opens a stream and returns its lines. The headers are name, value, name, value …
func (v *visitor) openStream(path string, headers ...string) *bufio.Scanner {
	v.c.t.Helper()
	r, err := http.NewRequestWithContext(v.c.t.Context(), "GET", v.c.url+path, nil)
	if err != nil {
		v.c.t.Fatal(err)
	}
	for name, value := range v.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	answer, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		v.c.t.Fatal(err)
	}
	v.c.t.Cleanup(func() { answer.Body.Close() })
	if got := answer.Header.Get("Content-Type"); answer.StatusCode != http.StatusOK ||
		got != "text/event-stream" {
		v.c.t.Fatalf("stream: got %d %s, want 200 text/event-stream", answer.StatusCode, got)
	}
	lines := bufio.NewScanner(answer.Body)
	lines.Buffer(nil, 1<<20)
	return lines
}

func TestLiveSendsNewRecords(t *testing.T) {
	c := newTestConsole(t, true)
	c.server.liveEvery = time.Millisecond
	c.populate()
	lines := c.visitor(access.Dashboard).openStream("/live")
	verdict := c.do(0, &domain.LoginReport{User: "carol", Outcome: "succeeded", Platform: "tws"})
	for lines.Scan() {
		if strings.Contains(lines.Text(), "Record ") {
			return
		}
	}
	t.Errorf("got the end of the stream %v, want an event with record %d", lines.Err(), verdict.Seq)
}

// TestLiveSendsMissedRecords checks that a browser that connects again gets the records that were committed
// meanwhile, although no further record is committed.
func TestLiveSendsMissedRecords(t *testing.T) {
	c := newTestConsole(t, true)
	c.server.liveEvery, c.server.liveCheck = time.Millisecond, time.Hour
	missed := c.do(0, login("carol"))
	v := c.visitor(access.Dashboard)
	lines := v.openStream("/live", lastEventID, fmt.Sprint(missed.Seq-1))
	rowsOf(t, lines, fmt.Sprint("Record ", missed.Seq))
	if got := v.request("GET", "/live", nil, lastEventID, "x"); got.status != http.StatusBadRequest {
		t.Errorf("an id that is no position: got %d, want 400", got.status)
	}
}

func TestLiveEndsWithTheSession(t *testing.T) {
	c := newTestConsole(t, true)
	c.server.liveEvery = time.Millisecond
	c.populate()
	lines := c.visitor(access.Dashboard).openStream("/live")
	c.tokens.Remove("dashboard")
	for i := 0; lines.Scan(); i++ {
		c.do(0, &domain.LoginReport{User: "carol", Outcome: "succeeded", Platform: "tws"})
		if i == 10_000 {
			t.Fatal("got 10000 lines after the revocation, want the end of the stream")
		}
	}
}

func TestLiveOfAuditorIsRecordedOnce(t *testing.T) {
	c := newTestConsole(t, true)
	c.server.liveEvery = time.Millisecond
	c.populate()
	lines := c.visitor(access.Auditor).openStream("/live")
	for events := 0; events < 3 && lines.Scan(); {
		c.do(0, &domain.LoginReport{User: "carol", Outcome: "succeeded", Platform: "tws"})
		if strings.HasPrefix(lines.Text(), "id: ") {
			events++
		}
	}
	if got := c.reads(); len(got) != 1 || got[0] != "auditor /live" {
		t.Errorf("got reads %q, want one of /live", got)
	}
}
