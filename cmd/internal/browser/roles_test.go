//go:build e2e

package browser

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nkeys"

	"authledger/adapters/natsconn"
	"authledger/adapters/tokens"
	"authledger/domain"
	"authledger/domain/access"
	"authledger/eventstore/natsd"
	"authledger/projections/queries"
)

// walk is an act in the browser: the path of its form, an expression that fills in the form, the role
// of the person, and a role without the right. The path leads to the confirmation if the form has no field.
type walk struct {
	name, path, fill string
	right, wrong     access.Role
	command          string // type of the record; "" for an operation without a record of its own
}

const (
	fillAgent = `document.getElementById('agent').value = 'agent.ann';`
	fillBy    = `document.getElementById('by').value = 'officer.eva';`
	fillCase  = fillBy + `document.getElementById('case').value = 'L-1';`
)

// walks returns the acts in an order in which the ledger accepts each of them.
func walks(t *testing.T, h *host) []walk {
	t.Helper()
	locked, err := h.node.Queries.Lockouts(t.Context(), time.Now(), nil, queries.Page{Limit: 1})
	must(t, err)
	user := locked.Lockouts[0].User
	return []walk{
		{"identity", "/work/identity?user=" + user, fillAgent, access.Support, access.Officer, "identity.verify"},
		{"lockout", "/work/lockout?user=" + user, fillAgent, access.Support, access.Operator, "lockout.release"},
		{"code", "/work/code?user=olivia&code=challenge-7", `document.getElementById('by').value = 'agent.ann'`,
			access.Support, access.Officer, "code.revoke"},
		{"sharing", "/work/sharing?sharing=sharing-7", `
			document.querySelector('[value=approve]').checked = true;
			document.getElementById('officer').value = 'officer.eva';
			document.querySelector('textarea').value = 'Both called.\\n<b>OK</b>'`,
			access.Officer, access.Support, "sharing.review"},
		{"adopt", "/work/policy-adopt", `document.querySelector('textarea').value = document
			.querySelector('textarea').value.replace(/"version": ".*"/, '"version": "console@1"')
			.replace(/"failures": \d+/, '"failures": 7');
			document.getElementById('by').value = 'officer.eva'`, access.Officer, access.Support, "policy.adopt"},
		{"retry", "/work/retry?position=1", "", access.Operator, access.Officer, "login.report"},
		{"drop", "/work/drop?position=2", "", access.Operator, access.Support, ""},
		{"token", "/work/token-add", `
			document.getElementById('name').value = 'desk';
			document.querySelector('[value=support]').checked = true;
			document.getElementById('persons').value = 'agent.ann agent.bo';
			document.getElementById('expires').value = '2027-01-01T00:00'`,
			access.Operator, access.Officer, "config.token_add"},
		{"revoke", "/work/token-revoke?name=late", "", access.Operator, access.Support, "config.token_revoke"},
		{"webhook", "/work/webhook-add", `
			document.getElementById('name').value = 'audit';
			document.getElementById('url').value = 'https://audit.example/in'`,
			access.Operator, access.Officer, "config.webhook_add"},
		{"rotate", "/work/webhook-rotate?name=desk", `document.querySelector('[name=atOnce]').checked = true`,
			access.Operator, access.Support, "config.webhook_rotate"},
		{"redrive", "/work/redrive?name=desk", "", access.Operator, access.Support, ""},
		{"remove", "/work/webhook-remove?name=desk", "", access.Operator, access.Officer,
			"config.webhook_remove"},
		{"hold", "/work/hold?user=olivia", fillCase, access.Officer, access.Support, "person.hold"},
		{"release", "/work/hold-release?user=olivia&case=L-1", fillBy, access.Officer, access.Support,
			"person.release"},
		{"forget", "/work/forget?user=olivia&state=0", fillCase + `
			document.getElementById('typed').value = 'olivia'`, access.Officer, access.Operator, "person.forget"},
	}
}

// press submits the main form of the page, and waits for the next page.
func (w *window) press(t *testing.T) {
	t.Helper()
	evaluate[bool](t, w, `document.body.dataset.left = 'yes';
		document.querySelector('button.main').click(), true`)
	must(t, chromedp.Do(w.ctx, chromedp.WaitVisible(chromedp.CSS("body:not([data-left]) #main"))))
}

// signIn opens a window, and signs in with a new token of a role.
func signIn(t *testing.T, h *host, role access.Role) *window {
	t.Helper()
	text, hash := tokens.New()
	add := &domain.ConfigTokenAdd{Name: string(role), Role: string(role), TokenHash: hash, Rate: 100_000}
	if role == access.Support || role == access.Officer {
		add.Persons = []string{access.Anyone}
	}
	submit(t, h.node, "token-"+string(role), add)
	w := openWindow(t, h.address)
	w.show(t, h.address+"/sign-in", 1280, "light", "en")
	must(t, chromedp.Do(w.ctx, chromedp.SendKeys(chromedp.ID("token"), text+"\r")))
	must(t, chromedp.Do(w.ctx, chromedp.WaitVisible(chromedp.CSS(".who"))))
	return w
}

// addLetters publishes intake messages of a caller without a token, which become dead letters. Then the
// caller gets a token, so that a retry succeeds.
func addLetters(t *testing.T, h *host) {
	t.Helper()
	conn, err := nats.Connect("", nats.InProcessServer(h.node.LogServer), nats.UserInfo(natsd.NodeUser, ""))
	must(t, err)
	defer conn.Close()
	js, err := jetstream.New(conn)
	must(t, err)
	for i := range 2 {
		_, err = js.PublishMsg(t.Context(), &nats.Msg{
			Subject: natsconn.IntakeSubject(realm, "late"), Data: []byte(`{"user":"olivia","outcome":"succeeded"}`),
			Header: nats.Header{
				"ce-specversion": {"1.0"}, "ce-id": {fmt.Sprint("late-", i)}, "ce-source": {"gateway/late"},
				"ce-type": {"login.report"}, "ce-time": {time.Now().UTC().Format(time.RFC3339Nano)},
			},
		})
		must(t, err)
	}
	letters := h.node.NATS.DeadLetters(h.node.Ledger)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for stored := 0; stored < 2; {
		page, err := letters.List(ctx, 0, 10)
		must(t, err)
		stored = len(page.Items)
	}
	pair, err := nkeys.CreateUser()
	must(t, err)
	key, err := pair.PublicKey()
	must(t, err)
	_, hash := tokens.New()
	submit(t, h.node, "late", &domain.ConfigTokenAdd{Name: "late", Role: "gateway", NKey: key, TokenHash: hash})
}

// addEndpoint adds a webhook endpoint that answers 410 to the first event, and 500 to the next one.
func addEndpoint(t *testing.T, h *host) {
	t.Helper()
	var requests atomic.Int64
	endpoint := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if requests.Add(1) == 1 {
			w.WriteHeader(http.StatusGone)
			return
		}
		w.WriteHeader(http.StatusInternalServerError)
	}))
	t.Cleanup(endpoint.Close)
	submit(t, h.node, "endpoint", &domain.ConfigWebhookAdd{Name: "desk", URL: endpoint.URL, AllowPrivate: true,
		Types: []string{"login.failed"}, Secret: "whsec_" + strings.Repeat("A", 43) + "="})
	for i := range 2 {
		submit(t, h.node, fmt.Sprint("failed-", i), &domain.LoginReport{User: "olivia", Outcome: "failed",
			Reason: "bad_credentials", Platform: "tws"})
	}
}

// TestActsInBrowser submits each act once with the right role, and is refused with a wrong one. The node has
// dead letters, and an endpoint with a failed and a pending delivery.
func TestActsInBrowser(t *testing.T) {
	h := &host{listen: "127.0.0.1:0", tokens: tokens.NewTable(time.Now), isFull: true}
	h.start(t, t.TempDir())
	importDay(t, h.node)
	addWork(t, h.node)
	addLetters(t, h)
	addEndpoint(t, h)
	windows := make(map[access.Role]*window)
	for _, role := range []access.Role{access.Support, access.Officer, access.Operator} {
		windows[role] = signIn(t, h, role)
		windows[role].checkPage(t, "work-"+string(role), h.address+"/work")
	}
	operator := windows[access.Operator]
	deliveries := h.address + "/work/deliveries?name=desk"
	operator.show(t, deliveries, 1280, "light", "en")
	for _, answer := range []string{"HTTP 410", "HTTP 500"} {
		for !evaluate[bool](t, operator, `document.body.innerText.includes("`+answer+`")`) {
			operator.show(t, deliveries, 1280, "light", "en")
		}
	}
	operator.checkPage(t, "deliveries", deliveries)
	windows[access.Officer].checkPage(t, "policy", h.address+"/work/policy?left=pci-dss-4@1")
	for _, a := range walks(t, h) {
		checkRefused(t, h, &a, windows[a.wrong])
		checkAct(t, h, &a, windows[a.right])
	}
}

// checkRefused checks that a person without the right gets neither the form nor the act.
func checkRefused(t *testing.T, h *host, a *walk, w *window) {
	t.Helper()
	w.show(t, h.address+a.path, 1280, "light", "en")
	isRefused := `document.title.startsWith('No right to this page')`
	if title := evaluate[string](t, w, `document.title`); !evaluate[bool](t, w, isRefused) {
		t.Errorf("%s of a %s: got the page %q, want a refusal", a.name, a.wrong, title)
	}
	if a.name == "identity" {
		w.checkShown(t, "forbidden", looks...)
	}
	before := h.node.Rows.Stored().Seq
	path, query, _ := strings.Cut(a.path, "?")
	must(t, chromedp.Do(w.ctx, chromedp.Navigate(h.address+"/work")))
	evaluate[bool](t, w, fmt.Sprintf(`(() => {
		document.body.dataset.left = 'yes';
		const form = document.createElement('form');
		form.method = 'post';
		form.action = %q;
		const fields = new URLSearchParams(%q);
		fields.set('form', document.querySelector('[name=form]').value);
		fields.set('id', 'planted-1');
		for (const [name, value] of fields) {
			const field = document.createElement('input');
			Object.assign(field, {name, value});
			form.append(field);
		}
		document.body.append(form);
		form.submit();
		return true;
	})()`, path+"/submit", query))
	must(t, chromedp.Do(w.ctx, chromedp.WaitVisible(chromedp.CSS("body:not([data-left]) #main"))))
	after := h.node.Rows.Stored().Seq
	if title := evaluate[string](t, w, `document.title`); !evaluate[bool](t, w, isRefused) || after != before {
		t.Errorf("%s by a %s: got the page %q and %d records, want a refusal", a.name, a.wrong, title, after-before)
	}
	w.takeFaults() // the browser reports the status 403
}

// checkAct fills in the form of an act, confirms the act, and checks each page and the record.
func checkAct(t *testing.T, h *host, a *walk, w *window) {
	t.Helper()
	w.checkPage(t, a.name+"-form", h.address+a.path)
	if a.fill != "" {
		evaluate[any](t, w, a.fill)
		w.press(t)
		w.checkShown(t, a.name+"-confirm", looks[0], looks[2], looks[4])
	}
	w.press(t)
	w.checkShown(t, a.name+"-outcome", looks[0], looks[2])
	if !evaluate[bool](t, w, `Boolean(document.querySelector('.badge.big.good'))`) {
		t.Errorf("%s: got %s, want an accepted act", a.name, evaluate[string](t, w, `document.body.innerText`))
	}
	if a.command == "" {
		return
	}
	r, err := h.node.Ledger.Record(t.Context(), h.node.Rows.Stored().Seq)
	must(t, err)
	if got := r.Command.Data.CommandType(); got != a.command {
		t.Errorf("%s: got a record of %s, want %s", a.name, got, a.command)
	}
}
