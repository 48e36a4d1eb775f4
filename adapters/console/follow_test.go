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

// login is a login of a user, for a stream that follows logins.
func login(user string) *domain.LoginReport {
	return &domain.LoginReport{User: user, Outcome: "succeeded", Platform: "tws"}
}

// rowsOf returns the text of a stream up to a line with the part.
func rowsOf(t *testing.T, lines *bufio.Scanner, part string) (text string) {
	t.Helper()
	for lines.Scan() {
		if text += lines.Text() + "\n"; strings.Contains(lines.Text(), part) {
			return text
		}
	}
	t.Fatalf("got the end of the stream %v after %s, want a line with %q", lines.Err(), text, part)
	return text
}

func TestFollowSendsRecordsOfTheFilter(t *testing.T) {
	c := newTestConsole(t, true)
	c.server.liveEvery = time.Millisecond
	c.populate()
	lines := c.visitor(access.Auditor).openStream("/records/live?entity=user/carol&type=login.report")
	c.do(0, login("zoe"))
	c.do(0, login("carol"))
	if text := rowsOf(t, lines, "user=<bdi>carol"); strings.Contains(text, "zoe") {
		t.Errorf("got %s, want no record of another user", text)
	}
	if got := c.reads(); len(got) != 1 || !strings.HasPrefix(got[0], "auditor /records/live?entity=") {
		t.Errorf("got reads %q, want one of the stream", got)
	}
}

func TestFollowGoesOnAfterAPosition(t *testing.T) {
	c := newTestConsole(t, true)
	c.server.liveEvery = time.Millisecond
	first := c.do(0, login("carol"))
	c.do(0, login("dora"))
	path := fmt.Sprintf("/records/live?type=login.report&after=%d", first.Seq)
	text := rowsOf(t, c.visitor(access.Auditor).openStream(path), "user=<bdi>dora")
	if strings.Contains(text, "carol") {
		t.Errorf("got %s, want no record up to the position", text)
	}
}

// TestFollowHasAtMostOnePage checks that an event has as many rows as a page, and states that it left
// records out.
func TestFollowHasAtMostOnePage(t *testing.T) {
	c := newTestConsole(t, true)
	c.server.liveEvery = time.Millisecond
	for i := range exploreShown + 1 {
		c.do(0, login(fmt.Sprint("user", i)))
	}
	text := rowsOf(t, c.visitor(access.Auditor).openStream("/records/live?type=login.report&after=0"), "user1<")
	if got := strings.Count(text, "<tr>"); got != exploreShown || !strings.Contains(text, "data-skipped") {
		t.Errorf("got %d rows, want %d and the mark of left out records: %s", got, exploreShown, text)
	}
}

func TestFollowNeedsTheRight(t *testing.T) {
	c := newTestConsole(t, true)
	c.visitor(access.Support).get("/records/live").want(t, http.StatusForbidden)
	c.visitor("").get("/records/live").want(t, http.StatusUnauthorized)
	c.visitor(access.Auditor).get("/records/live?after=x").want(t, http.StatusBadRequest)
}

// TestIdleStreamsEndAtOnce checks that an idle stream ends with its token and with its session, and that
// the stream of another session stays open.
func TestIdleStreamsEndAtOnce(t *testing.T) {
	for _, test := range []struct {
		name string
		end  func(c *testConsole, v *visitor)
	}{
		{"revoked token", func(c *testConsole, _ *visitor) {
			c.tokens.Remove(string(access.Auditor))
			c.server.EndStreams(string(access.Auditor))
		}},
		{"sign-out", func(c *testConsole, v *visitor) {
			v.post("/sign-out", map[string][]string{"form": {v.get("/").formToken(c.t)}})
		}},
	} {
		for _, path := range []string{"/live", "/records/live"} {
			t.Run(test.name+path, func(t *testing.T) {
				c := newTestConsole(t, true)
				c.server.liveEvery = time.Hour
				other := c.visitor(access.Dashboard)
				stays := other.openStream("/live")
				v := c.visitor(access.Auditor)
				lines := v.openStream(path)
				test.end(c, v)
				for lines.Scan() {
					continue
				}
				if !stays.Scan() || stays.Text() == "" {
					t.Errorf("stream of another session: got the end %v, want its first line", stays.Err())
				}
				c.server.EndStreams(string(access.Dashboard))
			})
		}
	}
}
