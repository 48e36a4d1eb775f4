package main

import (
	"errors"
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

	"authledger/adapters/httpapi"
	"authledger/adapters/webhooks"
	"authledger/cmd/internal/node"
	"authledger/domain"
	"authledger/eventstore"
	"authledger/eventstore/childtest"
)

// TestWebhook_Redrive checks that a redrive sends each failed event again with the same bytes and
// the same id, also for a record with several events.
func TestWebhook_Redrive(t *testing.T) {
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
	r.addURL("e", server.URL, "login.failed", "lockout.started") // record 1
	receive := func(count int) (all []string) {
		t.Helper()
		for range count {
			select {
			case body := <-bodies:
				all = append(all, body)
			case <-time.After(deliveryTimeout):
				t.Fatalf("timed out: got events %q, want %d", all, count)
			}
		}
		return all
	}
	r.runWebhooks()
	const events = 11 // the tenth failure starts a lockout, too (LOCK-1)
	for i := range 10 {
		c := domain.Command{Source: "gateway/test", ID: fmt.Sprint("a-", i), Stamped: true, Caller: "test",
			Data: &domain.LoginReport{User: "alice", Outcome: domain.Failed, Reason: "bad_credentials"}}
		if v, err := r.Ledger.Do(t.Context(), c); err != nil || v.Status != domain.Accepted {
			t.Fatalf("failed login a-%d: got %+v, %v, want accepted", i, v, err)
		}
	}
	first := receive(events)
	r.wantMetric(t, fmt.Sprintf(`authledger_webhook_deliveries_total{endpoint="e",state="failed"} %d`, events))
	wantDeliveryPages(t, r.Deliveries(), events)
	gone.Store(false)
	if n, err := webhooks.Redrive(r.Options.Dir, "e", nil); n != events || err != nil {
		t.Fatalf("redrive: got %d events, %v, want %d", n, err, events)
	}
	if again := receive(events); !slices.Equal(again, first) {
		t.Errorf("redrive: got events\n%q, want\n%q", again, first)
	}
	last := first[events-1]
	if !strings.Contains(last, "_11_1 ") || !strings.Contains(last, `"position":"11.1","entity":"user/alice"`) ||
		!strings.HasPrefix(last, fmt.Sprintf("evt_%.8s_", r.Manifest.LedgerID)) {
		t.Errorf("last event: got %s, want position 11.1 of user/alice in this ledger", last)
	}
}

// wantDeliveryPages checks that the pages of the deliveries to the endpoint e have each of them once.
func wantDeliveryPages(t *testing.T, d *node.Deliveries, want int) {
	t.Helper()
	seen, after := make(map[string]bool), ""
	for {
		page, err := d.List(t.Context(), httpapi.DeliveryList{Name: "e", After: after, Limit: 4,
			Next: func(position string) string { return position }})
		if err != nil || page.Node != d.Node || len(page.Deliveries) > 4 {
			t.Fatalf("list the deliveries: got %+v, %v, want at most 4 of the node %s", page, err, d.Node)
		}
		for _, each := range page.Deliveries {
			seen[each.ID] = true
		}
		if after = page.Next; after == "" {
			break
		}
	}
	if len(seen) != want {
		t.Errorf("list the deliveries: got %d, want %d", len(seen), want)
	}
	if _, err := d.List(t.Context(), httpapi.DeliveryList{Name: "x"}); !errors.Is(err, eventstore.ErrNoRecord) {
		t.Errorf("deliveries of an unknown endpoint: got %v, want %v", err, eventstore.ErrNoRecord)
	}
}

// TestWebhook_RotatedSecret checks that the node soon signs with the new and the former secret,
// and loses no event: it repeats a delivery attempt that the rotation cancels.
func TestWebhook_RotatedSecret(t *testing.T) {
	r := newReactingNode(t)
	signatures := make(chan int, 100)
	h := startEndpoint(t, func(q *http.Request) int {
		signatures <- len(strings.Fields(q.Header.Get("Webhook-Signature")))
		return http.StatusOK
	})
	r.add("e", h)
	r.runWebhooks()
	r.fail("u0")
	h.wantUser(t, "u0")
	if n := <-signatures; n != 1 {
		t.Errorf("before the rotation: got %d signatures, want 1", n)
	}
	r.configure(&domain.ConfigWebhookRotate{Name: "e", Secret: webhooks.NewSecret()})
	for n, begun := 1, time.Now(); ; n++ {
		r.fail(fmt.Sprint("u", n))
		h.wantUserAfter(t, fmt.Sprint("u", n-1), fmt.Sprint("u", n))
		if <-signatures == 2 {
			return
		}
		if time.Since(begun) > deliveryTimeout {
			t.Fatal("timed out: got no event with two signatures, want one")
		}
	}
}

// TestWebhook_RemovalClosesJournal checks that the node closes the journal of a removed endpoint.
func TestWebhook_RemovalClosesJournal(t *testing.T) {
	childtest.Run(t, func(t *testing.T) {
		debug.SetGCPercent(-1) // the garbage collector would close unreferenced files
		checkJournalClosed(t)
	})
}

func checkJournalClosed(t *testing.T) {
	r := newReactingNode(t)
	h := startEndpoint(t, accepts)
	r.add("e", h)
	r.runWebhooks()
	r.fail("u1")
	h.wantUser(t, "u1")
	open := func() (n int) {
		links, err := filepath.Glob("/proc/self/fd/*")
		if err != nil || len(links) == 0 {
			t.Fatalf("open files of the process: got %d links, %v, want at least 1 in /proc", len(links), err)
		}
		for _, link := range links {
			if to, err := os.Readlink(link); err == nil &&
				strings.HasPrefix(to, filepath.Join(r.Options.Dir, "webhooks", "e.journal")) {
				n++
			}
		}
		return n
	}
	if n := open(); n != 1 {
		t.Fatalf("before the removal: got %d open journals, want 1", n)
	}
	r.remove("e")
	for begun := time.Now(); open() > 0; <-time.After(pollEvery) {
		if time.Since(begun) > deliveryTimeout {
			t.Fatalf("timed out: got %d open journals of the removed endpoint, want 0", open())
		}
	}
}
