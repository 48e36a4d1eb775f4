package console

import (
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"authledger/adapters/httpapi"
	"authledger/adapters/tokens/tokenstest"
	"authledger/domain"
	"authledger/domain/access"
	"authledger/eventstore"
	"authledger/eventstore/memory"
	"authledger/eventstore/seal"
	"authledger/projections"
)

// patience is the maximum time that a test waits for an expected event.
const patience = time.Minute

// testConsole is a console with a ledger in memory and a token of each role.
type testConsole struct {
	t      *testing.T
	server *Server
	ledger *eventstore.Ledger

	manifest eventstore.Manifest

	rows   *projections.Engine
	api    *httpapi.Server
	tokens *tokenstest.Table
	token  map[access.Role]string
	url    string
	ids    int
	now    func() time.Time
	isLate atomic.Bool // answers to commands come too late

	ahead atomic.Int64 // duration by which the clock of the ledger is ahead

	letters testLetters
	tasks   testTasks
	whatIf  testWhatIf
	failing atomic.Int64 // webhook endpoints
}

// newTestConsole returns an open console. Without tokens, each visitor has the role open.
func newTestConsole(t *testing.T, hasTokens bool) *testConsole {
	t.Helper()
	return newConsoleOf(t, hasTokens, eventstore.NewManifest("main", "{}"))
}

// newConsoleOf returns an open console with a new ledger of the manifest.
func newConsoleOf(t *testing.T, hasTokens bool, of eventstore.Manifest) *testConsole {
	t.Helper()
	c := &testConsole{t: t, manifest: of, token: make(map[access.Role]string), now: time.Now}
	c.openLedger()
	clock := func() time.Time { return c.now() }
	api := httpapi.Options{
		Now: clock, Version: "test", Metrics: http.NotFoundHandler(), Log: slog.New(slog.DiscardHandler),
		Observe: httpapi.Observer{
			Request: func(string, int, time.Duration) {}, Command: func(string, string) {},
			Stream: func(int) {},
		},
	}
	o := Options{
		Log: slog.New(slog.DiscardHandler), Observe: api.Observe.Request, Now: clock, NewToken: testToken,
		NewSecret: func(seed [64]byte) string {
			return "whsec_" + base64.StdEncoding.EncodeToString(seed[:32])
		},
	}
	if hasTokens {
		c.addTokens()
		api.Tokens, o.Tokens = c.tokens, c.tokens
	}
	c.api = httpapi.New(api)
	c.api.ServeTasks(&c.tasks)
	c.api.Open(c.ledger, c.rows, nil)
	o.Shared = &lateShared{c.api, &c.isLate}
	c.server = New(o)
	c.server.searchWithin = time.Hour
	c.server.Open(&Node{Ledger: c.ledger, Rows: c.rows, Queries: c.api.Queries(),
		DeadLetters: &c.letters, Deliveries: testDeliveries{}, Facts: c.facts,
		Webhooks: func() (int, int) { return 3, int(c.failing.Load()) }, WhatIf: c.whatIf.run})
	server := httptest.NewServer(c.server)
	t.Cleanup(server.Close)
	t.Cleanup(c.api.Drain)
	c.url = server.URL
	return c
}

func (c *testConsole) addTokens() {
	c.t.Helper()
	c.tokens = tokenstest.New(time.Now)
	for _, role := range access.Roles() {
		text, err := c.tokens.Add(tokenstest.Spec{Name: string(role), Role: role,
			Persons: []string{access.Anyone}, Rate: 1_000_000})
		if err != nil {
			c.t.Fatal(err)
		}
		c.token[role] = text
	}
}

func (c *testConsole) openLedger() {
	c.t.Helper()
	must := func(err error) {
		c.t.Helper()
		if err != nil {
			c.t.Fatal(err)
		}
	}
	master, err := seal.CreateMaster(filepath.Join(c.t.TempDir(), "master"))
	must(err)
	keys, err := seal.Open(c.t.TempDir(), master, seal.Options{Create: true})
	must(err)
	c.rows, err = projections.Open(c.t.TempDir(), projections.Options{Log: slog.New(slog.DiscardHandler)})
	must(err)
	dir := c.t.TempDir()
	must(eventstore.CreateHead(dir, domain.Position{}))
	store := memory.New()
	c.whatIf = testWhatIf{t: c.t, manifest: c.manifest, log: store.Join()}
	c.ledger, err = eventstore.Open(context.Background(), eventstore.Options{
		Dir: dir, Manifest: c.manifest, Store: store, State: c.rows,
		Keys: keys,
		Node: "n1", DiskFreeMin: 1, Log: slog.New(slog.DiscardHandler),
		Now: func() time.Time { return time.Now().Add(time.Duration(c.ahead.Load())) },
	})
	must(err)
	c.t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		for _, err := range []error{c.ledger.Close(ctx), c.rows.Close(), keys.Close()} {
			if err != nil {
				c.t.Error(err)
			}
		}
	})
}

// do decides a command that was sent some time ago, and returns its verdict.
func (c *testConsole) do(ago time.Duration, data domain.CommandData) domain.Verdict {
	c.t.Helper()
	c.ids++
	verdict, err := c.ledger.Do(c.t.Context(), domain.Command{
		Source: "gateway/portal", ID: fmt.Sprint("k-", c.ids), Time: time.Now().Add(-ago).UTC(),
		Caller:   "test",
		Backfill: true, Data: data,
	})
	if err != nil || verdict.Status == domain.Invalid {
		c.t.Fatalf("%s: got %v %s %s, want a record", data.CommandType(), err, verdict.Reason, verdict.Detail)
	}
	return verdict
}

// populate records a locked user with devices and codes, and a user who shares a device.
func (c *testConsole) populate() {
	c.t.Helper()
	hour := time.Hour
	c.do(20*hour, &domain.IdentityRecord{User: "alice", Fingerprint: strings.Repeat("a", 64)})
	c.do(20*hour, &domain.DeviceActivate{User: "alice", Device: "card-1", Class: "digital_security_card_plus",
		Method: "portal"})
	c.do(19*hour, &domain.DeviceRename{User: "alice", Device: "card-1", Label: hostile})
	c.do(18*hour, &domain.IdentityVerify{User: "bob", Agent: "ann", Channel: "phone"})
	c.do(18*hour, &domain.CodeIssue{User: "bob", Code: "pass-1", Kind: "temp_passcode", Agent: "ann"})
	c.do(17*hour, &domain.SharingRequest{Sharing: "s-1", Requester: "carol", Owner: "alice",
		Device: "card-1"})
	c.do(16*hour, &domain.WithdrawalRequest{
		Withdrawal: "w-1", Account: "U1", User: "alice", Device: "card-1", Amount: "1234567.89",
		Currency: "USD",
	})
	for i := range 10 {
		c.do(hour-time.Duration(i)*time.Minute, &domain.LoginReport{
			User: "alice", Outcome: "failed", Reason: "bad_credentials", Platform: "tws", IP: "192.0.2.7",
		})
	}
	c.do(2*time.Minute, &domain.LoginReport{User: "bob", Outcome: "succeeded", Platform: "tws"})
}

// hostile is a label with markup and with characters that reverse the direction of text.
const hostile = "<script>alert(1)</script>\"'&"

// visitor is a browser with its cookies.
type visitor struct {
	c        *testConsole
	cookies  map[string]string
	language string
}

// visitor returns a browser that has signed in with a token of the role, or has not for "".
func (c *testConsole) visitor(role access.Role) *visitor {
	c.t.Helper()
	v := &visitor{c: c, cookies: make(map[string]string), language: "en"}
	if role != "" {
		if got := v.signIn(c.token[role]); got.status != http.StatusSeeOther {
			c.t.Fatalf("sign in as %s: got %d %s, want 303", role, got.status, got.body)
		}
	}
	return v
}

// visitorOf returns a browser that has signed in with a new token of a person.
func (c *testConsole) visitorOf(name string, role access.Role, persons ...string) *visitor {
	c.t.Helper()
	text, err := c.tokens.Add(tokenstest.Spec{Name: name, Role: role, Persons: persons, Rate: 1_000_000})
	if err != nil {
		c.t.Fatal(err)
	}
	v := c.visitor("")
	if got := v.signIn(text); got.status != http.StatusSeeOther {
		c.t.Fatalf("sign in as %s: got %d %s, want 303", name, got.status, got.body)
	}
	return v
}

// signIn submits the form of the sign-in.
func (v *visitor) signIn(token string) reply {
	v.c.t.Helper()
	form := v.get("/sign-in").formToken(v.c.t)
	return v.post("/sign-in", url.Values{"form": {form}, "token": {token}, "next": {"/"}})
}

// reply is the answer to a request.
type reply struct {
	status int
	header http.Header
	body   string
}

func (v *visitor) get(path string) reply { return v.request("GET", path, nil) }

func (v *visitor) post(path string, form url.Values, headers ...string) reply {
	return v.request("POST", path, form, headers...)
}

// request sends a request, follows no redirect, and stores the cookies of the answer. The headers
// are name, value, name, value …
func (v *visitor) request(method, path string, form url.Values, headers ...string) reply {
	v.c.t.Helper()
	r, err := http.NewRequestWithContext(v.c.t.Context(), method, v.c.url+path,
		strings.NewReader(form.Encode()))
	if err != nil {
		v.c.t.Fatal(err)
	}
	r.Header.Set("Accept-Language", v.language)
	if method == "POST" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Origin", v.c.url)
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
	defer answer.Body.Close() // only read from
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		v.c.t.Fatal(err)
	}
	for _, c := range answer.Cookies() {
		if v.cookies[c.Name] = c.Value; c.MaxAge < 0 {
			delete(v.cookies, c.Name)
		}
	}
	if strings.HasPrefix(answer.Header.Get("Content-Type"), "text/html") {
		checkIDs(v.c.t, method+" "+path, string(text))
	}
	return reply{answer.StatusCode, answer.Header, string(text)}
}

var formTokens = regexp.MustCompile(`name="form" value="([^"]+)"`)

// formToken returns the token of the first form of a page.
func (r reply) formToken(t *testing.T) string {
	t.Helper()
	found := formTokens.FindStringSubmatch(r.body)
	if found == nil {
		t.Fatalf("got no form in %s, want one", r.body)
	}
	return found[1]
}
