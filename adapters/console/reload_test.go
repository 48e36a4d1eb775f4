package console

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"authledger/adapters/console/sessions"
	"authledger/domain/access"
)

// startVerification starts a verification that runs until the returned function is called.
func (c *testConsole) startVerification() (finish func()) {
	c.t.Helper()
	c.tasks.begun, c.tasks.finish = make(chan struct{}), make(chan struct{})
	operator := c.visitor(access.Operator)
	form := url.Values{"form": {operator.get("/integrity").formToken(c.t)}}
	operator.post("/integrity/verify", form).want(c.t, http.StatusSeeOther)
	<-c.tasks.begun
	return func() {
		close(c.tasks.finish)
		c.api.AwaitTasks()
	}
}

// refresh returns the parts of the header Refresh, "" without one.
func (r reply) refresh() (seconds, path string) {
	seconds, path, _ = strings.Cut(r.header.Get("Refresh"), "; url=")
	return seconds, path
}

func TestReloadsOfIntegrityBecomeRare(t *testing.T) {
	c := newTestConsole(t, true)
	defer c.startVerification()()
	v := c.visitor(access.Dashboard)
	var got []string
	for path := "/integrity"; len(got) < 7; {
		var seconds string
		seconds, path = v.get(path).refresh()
		got = append(got, seconds)
	}
	if want := []string{"2", "4", "8", "16", "32", "60", "60"}; !slices.Equal(got, want) {
		t.Errorf("got reloads after %q seconds, want %q", got, want)
	}
	for _, text := range []string{"", "x", "-5", "0", "99999999999999999999"} {
		seconds, _ := v.get("/integrity?reload=" + text).refresh()
		if seconds != "2" && seconds != "60" {
			t.Errorf("reload=%s: got a reload after %q seconds, want 2 or 60", text, seconds)
		}
	}
}

// TestReloadsDoNotRenewTheSession checks the session after a load at 20 minutes and a second pause.
func TestReloadsDoNotRenewTheSession(t *testing.T) {
	for name, test := range map[string]struct {
		path string // "" for the path that the page loads by itself
		want int
	}{
		"a reload":                {"", http.StatusSeeOther},
		"a reload of unknown age": {"/integrity?reload", http.StatusSeeOther},
		"a load of the person":    {"/integrity", http.StatusOK},
	} {
		t.Run(name, func(t *testing.T) {
			c := newTestConsole(t, true)
			begun := time.Now()
			c.now = func() time.Time { return begun }
			defer c.startVerification()()
			v := c.visitor(access.Dashboard)
			_, path := v.get("/integrity").refresh()
			if test.path != "" {
				path = test.path
			}
			c.now = func() time.Time { return begun.Add(20 * time.Minute) }
			v.get(path).want(t, http.StatusOK)
			c.now = func() time.Time { return begun.Add(sessions.IdleMax + time.Minute) }
			v.get("/integrity").want(t, test.want)
		})
	}
}

// TestRequestsOfTheBrowserDoNotRenewTheSession sends a request at 20 minutes, and checks the session
// after a second pause.
func TestRequestsOfTheBrowserDoNotRenewTheSession(t *testing.T) {
	for name, test := range map[string]struct {
		isOpening bool // the node opens the ledger until 30 minutes
		path      string
		isReload  bool // the request at 20 minutes is the reload of the page at 0 minutes
		purpose   string
		want      string // path of the redirect at 31 minutes, "" for a page
	}{
		"reload while the ledger opens": {isOpening: true, path: "/users/alice", isReload: true, want: "/sign-in"},
		"page while the ledger opens":   {isOpening: true, path: "/users/alice"},
		"style sheet":                   {path: "/assets/console.css", want: "/sign-in"},
		"page loaded in advance":        {path: "/", purpose: "prefetch", want: "/sign-in"},
		"page of the person":            {path: "/"},
	} {
		t.Run(name, func(t *testing.T) {
			c := newTestConsole(t, true)
			begun := time.Now()
			c.now = func() time.Time { return begun }
			node, v, path := c.server.node.Load(), c.visitor(access.Dashboard), test.path
			if test.isOpening {
				c.server.node.Store(nil)
			}
			if test.isReload {
				_, path = v.get(path).refresh()
			}
			c.now = func() time.Time { return begun.Add(20 * time.Minute) }
			if got := v.request("GET", path, nil, "Sec-Purpose", test.purpose); got.status == http.StatusSeeOther {
				t.Fatalf("at 20 minutes: got a redirect to %s, want none", got.header.Get("Location"))
			}
			c.server.Open(node)
			c.now = func() time.Time { return begun.Add(sessions.IdleMax + time.Minute) }
			got, _, _ := strings.Cut(v.get("/").header.Get("Location"), "?")
			if got != test.want {
				t.Errorf("at 31 minutes: got a redirect to %q, want %q", got, test.want)
			}
		})
	}
}

// TestReloadKeepsTheURL follows the reload of a limited page, with its parameters.
func TestReloadKeepsTheURL(t *testing.T) {
	c := newTestConsole(t, true)
	begun := time.Now()
	c.now = func() time.Time { return begun }
	c.populate()
	v := c.visitorWith(0, "desk", access.Support)
	busy := v.get("/users/a%6Cice?family=login&at=2036-01-02T03:04:05Z")
	busy.want(t, http.StatusTooManyRequests)
	seconds, path := busy.refresh()
	want := "/users/a%6Cice?at=2036-01-02T03%3A04%3A05Z&family=login&reload=" + seconds
	if path != want {
		t.Errorf("got a reload of %q, want %q", path, want)
	}
	c.now = func() time.Time { return begun.Add(20 * time.Minute) }
	page := v.get(path)
	page.want(t, http.StatusOK, `name="family" value="login"`)
	if strings.Contains(page.body, "reload") {
		t.Errorf("got the parameter of the reload on the page, want none: %s", page.body)
	}
	c.now = func() time.Time { return begun.Add(sessions.IdleMax + time.Minute) }
	v.get(path).want(t, http.StatusSeeOther)
	if next := v.get(path).header.Get("Location"); strings.Contains(next, "reload") {
		t.Errorf("got a redirect to %q, want none with the parameter of the reload", next)
	}
}

func TestReloadsOfAuditorAreRecordedOnce(t *testing.T) {
	c := newTestConsole(t, true)
	finish := c.startVerification()
	first, second := c.visitor(access.Auditor), c.visitor(access.Auditor)
	for _, step := range []struct {
		name    string
		given   func()
		visitor *visitor
		path    string
		want    int // recorded reads in all
	}{
		{"reload without an earlier view", nil, first, "/integrity?reload=2", 1},
		{"reload", nil, first, "/integrity?reload=4", 1},
		{"load of the person", nil, first, "/integrity", 2},
		{"reload after that load", nil, first, "/integrity?reload=2", 2},
		{"reload in another session", nil, second, "/integrity?reload=2", 3},
		{"reload with the result", finish, first, "/integrity?reload=4", 4},
		{"reload after the result", nil, first, "/integrity?reload=4", 5},
	} {
		if step.given != nil {
			step.given()
		}
		step.visitor.get(step.path).want(t, http.StatusOK)
		got := c.reads()
		if len(got) != step.want || got[0] != "auditor /integrity" {
			t.Errorf("%s: got reads %q, want %d of /integrity", step.name, got, step.want)
		}
	}
}
