//go:build e2e

package browser

import (
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"authledger/cmd/internal/node"
	"authledger/domain"
	"authledger/projections/queries"
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
	submit(t, n, "w-6", &domain.ConfigTokenAdd{Name: "console", Role: "support", Persons: []string{"*"},
		TokenHash: strings.Repeat("0a", 32)})
	submit(t, n, "w-7", &domain.ConfigWebhookAdd{Name: "desk", URL: "https://desk.example/hooks",
		Types: domain.DefaultWebhookTypes(), Secret: "whsec_" + strings.Repeat("A", 43) + "="})
	submit(t, n, "w-4", &domain.SharingRequest{Sharing: "sharing-7", Owner: "olivia", Device: "card-7",
		Requester: "averylongusername0123456789thatfillstherow", Review: true})
}

// walk is an act in the browser: the path of its form, and an expression that fills in the form.
// The path leads to the confirmation if the form has no field.
type walk struct{ name, path, fill string }

// walks returns the acts in an order in which the ledger accepts each of them.
func walks(t *testing.T, n *node.Node) []walk {
	t.Helper()
	locked, err := n.Queries.Lockouts(t.Context(), time.Now(), nil, queries.Page{Limit: 1})
	must(t, err)
	user := locked.Lockouts[0].User
	return []walk{
		{"identity", "/work/identity?user=" + user, `document.getElementById("agent").value = 'agent.ann'`},
		{"token", "/work/token-add", `
			document.getElementById('name').value = 'desk';
			document.querySelector('[value=support]').checked = true;
			document.getElementById('persons').value = 'agent.ann agent.bo';
			document.getElementById('expires').value = '2027-01-01T00:00'`},
		{"webhook", "/work/webhook-add", `
			document.getElementById('name').value = 'audit';
			document.getElementById('url').value = 'https://audit.example/in'`},
		{"rotate", "/work/webhook-rotate?name=desk", `document.querySelector('[name=atOnce]').checked = true`},
		{"redrive", "/work/redrive?name=desk", ""},
		{"adopt", "/work/policy-adopt", `document.querySelector('textarea').value = document
			.querySelector('textarea').value.replace(/"version": ".*"/, '"version": "console@1"')
			.replace(/"failures": \d+/, '"failures": 7')`},
		{"revoke", "/work/token-revoke?name=console", ""},
		{"code", "/work/code?user=olivia&code=challenge-7", `
			document.getElementById("by").value = "agent.ann"`},
		{"lockout", "/work/lockout?user=" + user, `
			document.getElementById("agent").value = "agent.ann"`},
		{"sharing", "/work/sharing?sharing=sharing-7", `
			document.querySelector('[value=approve]').checked = true;
			document.querySelector('textarea').value = 'Both called.\\n<b>OK</b>'`},
	}
}

// press submits the main form of the page, and waits for the next page.
func (w *window) press(t *testing.T) {
	t.Helper()
	evaluate[bool](t, w, `document.body.dataset.left = 'yes';
		document.querySelector('button.main').click(), true`)
	must(t, chromedp.Do(w.ctx, chromedp.WaitVisible(chromedp.CSS("body:not([data-left]) #main"))))
}

func TestActsInBrowser(t *testing.T) {
	n, address := startNode(t)
	addWork(t, n)
	w := openWindow(t, address)
	w.checkPage(t, "work", address+"/work")
	w.checkPage(t, "deliveries", address+"/work/deliveries?name=desk")
	w.checkPage(t, "policy", address+"/work/policy?left=pci-dss-4@1")
	for _, a := range walks(t, n) {
		w.checkPage(t, a.name+"-form", address+a.path)
		if a.fill != "" {
			evaluate[any](t, w, a.fill)
			w.press(t)
			w.checkShown(t, a.name+"-confirm")
		}
		w.press(t)
		w.checkShown(t, a.name+"-outcome")
	}
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
