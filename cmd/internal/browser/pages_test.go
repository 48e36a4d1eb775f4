//go:build e2e

package browser

import (
	"fmt"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"authledger/cmd/internal/loadgen"
	"authledger/cmd/internal/node"
	"authledger/domain"
	"authledger/projections/queries"
)

// pages returns the pages that the tests open, by name.
func pages(t *testing.T, n *node.Node) map[string]string {
	t.Helper()
	locked, err := n.Queries.Lockouts(t.Context(), time.Now(), nil, queries.Page{Limit: 1})
	must(t, err)
	if len(locked.Lockouts) == 0 {
		t.Fatal("got no locked user on the generated day, want one")
	}
	user := locked.Lockouts[0].User
	newest := func(e domain.Entity) uint64 {
		found, err := n.Queries.Newest(t.Context(), queries.Back{Entity: e, Limit: 1, Scan: 1})
		must(t, err)
		return found.Records[0].Seq
	}
	return map[string]string{
		"overview":   "/",
		"locked":     "/users/" + user,
		"borrower":   "/users/" + loadgen.Borrower,
		"account":    "/accounts/" + loadgen.LimitedAccount,
		"withdrawal": fmt.Sprint("/records/", newest(domain.AccountEntity(loadgen.LimitedAccount))),
		"login":      fmt.Sprint("/records/", newest(domain.UserEntity(user))),
		"records":    "/records?type=login.failed",
		"past":       fmt.Sprint("/users/", user, "?asOf=", newest(domain.UserEntity(user))-1),
		"integrity":  "/integrity",
		"rare":       "/records?reason=no_such_reason",
		"unknown":    "/users/nobody",
		"invalid":    "/users/Nobody%20",
		"empty":      "/?asOf=0",
	}
}

func TestPagesInBrowser(t *testing.T) {
	n, address := startNode(t)
	w := openWindow(t, address)
	for name, path := range pages(t, n) {
		w.checkPage(t, name, address+path)
	}
	w.show(t, address+"/", 1280, "light", "en")
	must(t, chromedp.Do(w.ctx, chromedp.SendKeys(chromedp.ID("q"), "nosuchuser\r")))
	w.await(t, `location.pathname === '/search'`)
	w.checkShown(t, "found", looks...)
}

func TestOverviewIsLive(t *testing.T) {
	n, address := startNode(t)
	w := openWindow(t, address)
	w.show(t, address+"/", 1280, "light", "en")
	must(t, chromedp.Do(w.ctx, chromedp.WaitVisible(chromedp.ID("position"))))
	verdict, err := n.Ledger.Do(t.Context(), domain.Command{
		Source: "gateway/portal", ID: "live", Time: time.Now().UTC(),
		Data: &domain.LoginReport{User: "liveuser", Outcome: "succeeded", Platform: "tws"},
	})
	must(t, err)
	want := fmt.Sprint("Record ", verdict.Seq)
	for got := ""; ; {
		if got = evaluate[string](t, w, `document.getElementById('position').textContent`); len(got) >= len(want) &&
			got[:len(want)] == want {
			break
		}
		if w.ctx.Err() != nil {
			t.Fatalf("got %q, want %q", got, want)
		}
	}
	if faults := w.takeFaults(); len(faults) > 0 {
		t.Errorf("got faults %q, want none", faults)
	}
}

// TestRecordsAreFollowed checks that a record of the filter appears on the page, also after a pause.
func TestRecordsAreFollowed(t *testing.T) {
	n, address := startNode(t)
	w := openWindow(t, address)
	w.show(t, address+"/records?type=login.report", 1280, "light", "en")
	press := chromedp.Click("#follow button")
	first := `document.querySelector('#rows tbody tr th').textContent`
	for i, user := range []string{"followed", "paused"} {
		must(t, chromedp.Do(w.ctx, press)) // begins, and then begins again after the pause
		if i > 0 {
			must(t, chromedp.Do(w.ctx, press))
		}
		verdict, err := n.Ledger.Do(t.Context(), domain.Command{
			Source: "gateway/portal", ID: user, Time: time.Now().UTC(),
			Data: &domain.LoginReport{User: user, Outcome: "succeeded", Platform: "tws"},
		})
		must(t, err)
		for evaluate[string](t, w, first) != fmt.Sprint(verdict.Seq) {
			if w.ctx.Err() != nil {
				t.Fatalf("got no row of record %d", verdict.Seq)
			}
		}
		w.screenshot(t, "follow-"+user)
	}
	if faults := w.takeFaults(); len(faults) > 0 {
		t.Errorf("got faults %q, want none", faults)
	}
}

func TestPagesWithoutScripts(t *testing.T) {
	_, address := startNode(t)
	w := openWindow(t, address)
	w.show(t, address+"/", 768, "light", "en")
	must(t, disableScripts(w))
	must(t, chromedp.Do(w.ctx, chromedp.Navigate(address+"/")))
	must(t, chromedp.Do(w.ctx, chromedp.SendKeys(chromedp.ID("q"), loadgen.Borrower+"\r")))
	must(t, chromedp.Do(w.ctx, chromedp.WaitVisible(chromedp.ID("timeline"))))
}
