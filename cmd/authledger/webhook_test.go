package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"authledger/adapters/webhooks"
	"authledger/domain"
)

// What is driven again is what was told, to the byte, under the same id, also of a
// record with several events.
func TestWebhookRedriven(t *testing.T) {
	r := newReactingNode(t)
	bodies, gone := make(chan string, 100), new(atomic.Bool)
	gone.Store(true)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		body, err := io.ReadAll(q.Body)
		if err != nil {
			t.Error(err)
		}
		if gone.Load() {
			w.WriteHeader(http.StatusGone)
		}
		bodies <- q.Header.Get("Webhook-Id") + " " + string(body)
	}))
	t.Cleanup(server.Close)
	if _, err := r.endpoints.Add(webhooks.Endpoint{Name: "e", URL: server.URL, AllowPrivate: true, Types: []string{"login.failed", "lockout.started"}}); err != nil {
		t.Fatal(err)
	}
	hear := func(count int) (all []string) {
		t.Helper()
		for range count {
			select {
			case body := <-bodies:
				all = append(all, body)
			case <-time.After(toldWithin):
				t.Fatalf("not told of %d events, but of %q", count, all)
			}
		}
		return all
	}
	r.begin()
	const events = 11 // the tenth failure starts a lockout, too (LOCK-1)
	for i := range 10 {
		c := domain.Command{Source: "gateway/test", ID: fmt.Sprint("a-", i), Stamped: true, Caller: "test", Data: &domain.LoginReport{User: "alice", Outcome: domain.Failed, Reason: "bad_credentials"}}
		if v, err := r.ledger.Do(t.Context(), c); err != nil || v.Status != domain.Accepted {
			t.Fatal(v, err)
		}
	}
	first := hear(events)
	r.scrapes(t, fmt.Sprintf(`authledger_webhook_deliveries_total{endpoint="e",state="failed"} %d`, events))
	gone.Store(false)
	if n, err := webhooks.Redrive(r.options.dir, "e", nil); n != events || err != nil {
		t.Fatal(n, err)
	}
	if again := hear(events); !slices.Equal(again, first) {
		t.Errorf("told again\n%q, want\n%q", again, first)
	}
	if last := first[events-1]; !strings.Contains(last, "_10_1 ") || !strings.Contains(last, `"position":"10.1","entity":"user/alice"`) || !strings.HasPrefix(last, fmt.Sprintf("evt_%.8s_", r.manifest.LedgerID)) {
		t.Error(last)
	}
}

// A new secret signs within the time that docs/webhooks.md says, beside the former, and
// nothing is left out because of it: an attempt that it cuts off is made again.
func TestWebhookRotated(t *testing.T) {
	r := newReactingNode(t)
	signatures := make(chan int, 100)
	h := hear(t, func(q *http.Request) int {
		signatures <- len(strings.Fields(q.Header.Get("Webhook-Signature")))
		return http.StatusOK
	})
	r.add("e", h)
	r.begin()
	r.fail("u0")
	h.wants(t, "u0")
	if n := <-signatures; n != 1 {
		t.Errorf("%d signatures before a rotation", n)
	}
	if _, err := r.endpoints.Rotate("e", false); err != nil {
		t.Fatal(err)
	}
	for n, begun := 1, time.Now(); ; n++ {
		r.fail(fmt.Sprint("u", n))
		h.wantsBehind(t, fmt.Sprint("u", n-1), fmt.Sprint("u", n))
		if <-signatures == 2 {
			return
		}
		if time.Since(begun) > toldWithin {
			t.Fatal("the new secret signs nothing")
		}
	}
}

// Whoever is told no more holds no file open.
func TestWebhookCloses(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(-1)) // the collector would close what nobody has
	r := newReactingNode(t)
	h := hear(t, takes)
	r.add("e", h)
	r.begin()
	r.fail("u1")
	h.wants(t, "u1")
	open := func() (n int) {
		links, err := filepath.Glob("/proc/self/fd/*")
		if err != nil || len(links) == 0 {
			t.Fatal("this system doesn't say which files are open: /proc tells")
		}
		for _, link := range links {
			if to, err := os.Readlink(link); err == nil && strings.HasPrefix(to, filepath.Join(r.options.dir, "webhooks", "e.journal")) {
				n++
			}
		}
		return n
	}
	if n := open(); n != 1 {
		t.Fatalf("%d journals are open, want 1", n)
	}
	if err := r.endpoints.Remove("e"); err != nil {
		t.Fatal(err)
	}
	for begun := time.Now(); open() > 0; <-time.After(reactorsEvery / 100) {
		if time.Since(begun) > toldWithin {
			t.Fatal("a journal stays open")
		}
	}
}
