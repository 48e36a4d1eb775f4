//go:build e2e

package browser

import (
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"authledger/cmd/internal/node"
	"authledger/domain"
)

// submit records a command that support, a gateway or an operator could send.
func submit(t *testing.T, n *node.Node, id string, data domain.CommandData) {
	t.Helper()
	verdict, err := n.Ledger.Do(t.Context(), domain.Command{
		Source: "gateway/portal", ID: id, Time: time.Now().UTC(), Stamped: true, Caller: "test", Data: data,
	})
	must(t, err)
	if verdict.Status != domain.Accepted {
		t.Fatalf("%s: got %s %s, want accepted", data.CommandType(), verdict.Reason, verdict.Detail)
	}
}

// addWork records a sharing request that waits for an officer.
func addWork(t *testing.T, n *node.Node) {
	t.Helper()
	fingerprint := strings.Repeat("a", 64)
	submit(t, n, "w-1", &domain.IdentityRecord{User: "olivia", Fingerprint: fingerprint})
	submit(t, n, "w-2", &domain.IdentityRecord{User: "averylongusername0123456789thatfillstherow",
		Fingerprint: fingerprint})
	submit(t, n, "w-3", &domain.DeviceActivate{User: "olivia", Device: "card-7",
		Class: "digital_security_card_plus", Method: "portal"})
	submit(t, n, "w-5", &domain.CodeIssue{User: "olivia", Code: "challenge-7", Kind: "challenge",
		Device: "card-7"})
	submit(t, n, "w-4", &domain.SharingRequest{Sharing: "sharing-7", Owner: "olivia", Device: "card-7",
		Requester: "averylongusername0123456789thatfillstherow", Review: true})
}

// TestActsWithoutScripts checks that an act needs no script.
func TestActsWithoutScripts(t *testing.T) {
	n, address := startNode(t)
	addWork(t, n)
	w := openWindow(t, address)
	w.show(t, address+"/", 768, "light", "en")
	must(t, disableScripts(w))
	must(t, chromedp.Do(w.ctx,
		chromedp.Navigate(address+"/work/sharing?sharing=sharing-7"),
		chromedp.Click(chromedp.CSS("[value=reject]")),
		chromedp.Click(chromedp.CSS("button.main")),
		chromedp.WaitVisible(chromedp.CSS("[formaction]")),
		chromedp.Click(chromedp.CSS("button.main")),
		chromedp.WaitVisible(chromedp.CSS(".badge.good")),
	))
}
