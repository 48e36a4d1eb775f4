//go:build e2e

package browser

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"authledger/adapters/tokens"
	"authledger/domain"
)

// await evaluates an expression in the page until its value is true.
func (w *window) await(t *testing.T, expression string) {
	t.Helper()
	for !evaluate[bool](t, w, expression) {
		if w.ctx.Err() != nil {
			t.Fatalf("got no true value of %s", expression)
		}
	}
}

// awaitFault waits until the browser reports a fault that contains a text.
func (w *window) awaitFault(t *testing.T, part string) {
	t.Helper()
	for !strings.Contains(strings.Join(w.takeFaults(), "\n"), part) {
		evaluate[bool](t, w, `true`)
	}
}

// state is an expression that reports whether the page shows the message about a state of its stream.
func state(name string) string {
	return fmt.Sprintf(`document.querySelector('#stream [data-state=%s]').checkVisibility()`, name)
}

// logIn records a login and returns the number of its record.
func logIn(t *testing.T, h *host, id string) uint64 {
	t.Helper()
	verdict, err := h.node.Ledger.Do(t.Context(), domain.Command{
		Source: "gateway/portal", ID: id, Time: time.Now().UTC(),
		Data: &domain.LoginReport{User: id, Outcome: "succeeded", Platform: "tws"},
	})
	must(t, err)
	return verdict.Seq
}

// livePage is a page with a stream. The expression start starts the stream, and shows, with the number of
// a record, reports whether the page shows it.
type livePage struct{ name, path, start, shows string }

// livePages are the pages with a stream. The page of a comparison has another test.
var livePages = []livePage{
	{"overview", "/", `true`, `document.getElementById('position').textContent.startsWith('Record %d ')`},
	{"records", "/records?type=login.report", `(document.querySelector('#follow button').click(), true)`,
		`[...document.querySelectorAll('#rows tbody th')].some(e => e.textContent === '%d')`},
}

// TestLivePagesConnectAgain stops the node and starts it again at the same address. Each live page shows
// since when the node does not answer, goes on after an answer 503, and then shows a record that was
// committed while the page was not connected.
func TestLivePagesConnectAgain(t *testing.T) {
	dir := t.TempDir()
	h := &host{listen: "127.0.0.1:0"}
	h.start(t, dir)
	windows := make([]*window, len(livePages))
	each := func(do func(w *window, live livePage)) {
		for i, live := range livePages {
			do(windows[i], live)
		}
	}
	for i, live := range livePages {
		windows[i] = openWindow(t, h.address)
		windows[i].show(t, h.address+live.path, 1280, "light", "en")
		windows[i].await(t, live.start)
	}
	before := logIn(t, h, "before")
	each(func(w *window, live livePage) { w.await(t, fmt.Sprintf(live.shows, before)) })

	h.stop(t)
	each(func(w *window, live livePage) {
		w.await(t, state("lost"))
		for _, l := range looks {
			l.language = "en"
			w.checkLayout(t, "lost-"+live.name, l)
		}
		const since = `/since \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC/.test(document.getElementById('stream').innerText)`
		if !evaluate[bool](t, w, since) {
			t.Errorf("%s: got no instant since which the node does not answer", live.name)
		}
	})
	h.listenAgain(t)
	each(func(w *window, _ livePage) { w.awaitFault(t, "status of 503") })

	h.open(t, dir)
	missed := logIn(t, h, "missed")
	h.server.ServeNode(h.node)
	each(func(w *window, live livePage) {
		w.await(t, fmt.Sprintf(live.shows, missed))
		if evaluate[bool](t, w, state("lost")) {
			t.Errorf("%s, after the node answers again: got a message about a lost node, want none", live.name)
		}
	})
}

// TestLivePagesLeadToSignIn revokes the token of the session of a live page.
func TestLivePagesLeadToSignIn(t *testing.T) {
	h := &host{listen: "127.0.0.1:0", tokens: tokens.NewTable(time.Now)}
	h.start(t, t.TempDir())
	text, hash := tokens.New()
	submit(t, h.node, "t-1", &domain.ConfigTokenAdd{Name: "ann", Role: "auditor", TokenHash: hash})
	w := openWindow(t, h.address)
	w.show(t, h.address+"/records?type=login.report", 1280, "light", "en")
	must(t, chromedp.Do(w.ctx, chromedp.SendKeys(chromedp.ID("token"), text+"\r")))
	w.await(t, `document.getElementById('follow')?.hidden === false`) // the script has run
	w.await(t, livePages[1].start)
	w.await(t, fmt.Sprintf(livePages[1].shows, logIn(t, h, "before")))

	submit(t, h.node, "t-2", &domain.ConfigTokenRevoke{Name: "ann"})
	w.await(t, state("ended"))
	w.checkShown(t, "ended-records", looks...)
	must(t, chromedp.Do(w.ctx, chromedp.Click("#stream [data-state=ended] a")))
	must(t, chromedp.Do(w.ctx, chromedp.WaitVisible(chromedp.ID("token"))))
	want := "/records?type=login.report"
	if got := evaluate[string](t, w, `document.querySelector('[name=next]').value`); got != want {
		t.Errorf("page after the sign-in: got %s, want %s", got, want)
	}
	w.checkPage(t, "sign-in", h.address+"/sign-in")
}
