package console

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"authledger/adapters/console/whatif"
	"authledger/domain/access"
)

func TestWhatIfEndsEarly(t *testing.T) {
	for name, test := range map[string]struct {
		end  func(*testConsole, *visitor, string)
		want string
	}{
		"cancelled by its caller": {func(_ *testConsole, v *visitor, path string) {
			v.post(path+"/cancel", v.values()).want(v.c.t, http.StatusSeeOther)
		}, "cancelled at commit 3 of 8"},
		"cancelled by another officer": {func(c *testConsole, _ *visitor, path string) {
			olga := c.visitorOf("olga", access.Officer)
			olga.post(path+"/cancel", olga.values()).want(c.t, http.StatusSeeOther)
		}, "cancelled at commit 3 of 8"},
		"stopped with the node": {func(c *testConsole, _ *visitor, _ string) { c.api.Drain() },
			"cancelled at commit 3 of 8"},
		"failed": {func(c *testConsole, _ *visitor, _ string) { close(c.whatIf.finish) },
			"The log of the node has the cause"},
	} {
		t.Run(name, func(t *testing.T) {
			c := newTestConsole(t, true)
			c.whatIf.begun, c.whatIf.finish = make(chan struct{}), make(chan struct{})
			c.whatIf.err = errors.New("i/o error on /secret/path")
			v := c.visitor(access.Officer)
			path := v.startWhatIf("policy", strict)
			<-c.whatIf.begun
			test.end(c, v, path)
			c.api.AwaitTasks()
			page := v.get(path)
			if page.want(t, http.StatusOK, test.want); strings.Contains(page.body, "/secret/path") {
				t.Errorf("got the cause on the page, want it in the log only: %s", page.body)
			}
		})
	}
}

func TestWhatIfExpires(t *testing.T) {
	c := newTestConsole(t, true)
	begun := time.Now()
	c.now = func() time.Time { return begun }
	path := c.visitor(access.Officer).startWhatIf("policy", strict)
	c.api.AwaitTasks()
	for _, step := range []struct { // in order of time: the first request after the end deletes the comparison
		after time.Duration
		want  int
	}{
		{whatif.KeptFor, http.StatusOK},
		{whatif.KeptFor + time.Second, http.StatusNotFound},
	} {
		c.now = func() time.Time { return begun.Add(step.after) }
		v := c.visitor(access.Officer)
		for _, request := range []string{path, path + "/live"} {
			v.get(request).want(t, step.want)
		}
	}
	c.visitor(access.Officer).get(path).want(t, http.StatusNotFound, "does not have this comparison", whatIfPath)
}
