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
