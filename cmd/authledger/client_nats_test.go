package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"authledger/adapters/client"
	"authledger/adapters/tokens/tokenstest"
	"authledger/cmd/internal/node"
	"authledger/domain"
	"authledger/domain/access"
)

func (s *overNATS) client(t *testing.T, name, url string) *client.Client {
	t.Helper()
	c, err := client.New(client.Options{URL: url, NATS: client.NATS{Name: name, Seed: s.keyOf(t, name)},
		Source: name + "/" + name})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// TestClientOverNATS_Restart checks that the client works over NATS as over HTTP, also while the
// node restarts: each command is recorded once, and a follower receives each record once.
func TestClientOverNATS_Restart(t *testing.T) {
	s := serveOverNATS(t)
	url := "nats://" + s.NATSAddress()
	gateway, auditor := s.client(t, "gateway", url), s.client(t, "auditor", url)
	login, err := gateway.BeginLogin(t.Context(), domain.LoginBegin{User: "alice", Attempt: "a-1"})
	if err != nil || !login.Allowed() {
		t.Fatalf("BeginLogin of alice: got %+v, %v, want an allowed login", login, err)
	}
	if v, _, err := login.Succeeded(t.Context(), "", ""); err != nil || !v.Accepted() {
		t.Fatalf("Succeeded: got %+v, %v, want an accepted verdict", v, err)
	}
	v, _, err := gateway.RequestWithdrawal(t.Context(),
		domain.WithdrawalRequest{Withdrawal: "w-1", Account: "acc", User: "alice", Amount: "1.00", Currency: "USD",
			Device: "none"})
	if err != nil || v.Status != domain.Refused {
		t.Fatalf("RequestWithdrawal with an unknown device: got %+v, %v, want a refused verdict", v, err)
	}
	if v, err := gateway.Do(t.Context(), "x",
		&domain.LoginReport{User: "alice", Outcome: "perhaps"}); err != nil || v.Status != domain.Invalid {
		t.Fatalf("Do with the outcome perhaps: got %+v, %v, want an invalid verdict", v, err)
	}
	var refused *client.Problem
	for _, err := range gateway.Records(t.Context(), client.Filter{}, 0) {
		if !errors.As(err, &refused) || refused.Status != http.StatusForbidden {
			t.Fatalf("records for a gateway: got error %v, want status 403", err)
		}
	}
	commands := make([]client.Command, 600)
	for i := range commands {
		commands[i] = client.Command{ID: fmt.Sprint("b-", i), Time: time.Now(),
			Data: &domain.LoginReport{User: fmt.Sprint("v", i%50), Outcome: domain.Succeeded}}
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- follow(ctx, auditor, len(commands)+10) }()
	if _, err := gateway.Batch(ctx, commands); err != nil {
		t.Fatal(err)
	}
	s.restartAt(t, url)
	again, err := gateway.Batch(ctx, commands)
	if err != nil {
		t.Fatal(err)
	}
	for i := range again {
		if !again[i].Duplicate {
			t.Fatalf("repeated command %d: got %+v, want a duplicate", i, again[i])
		}
	}
	for i := range 10 {
		if _, err := gateway.Do(ctx, fmt.Sprint("after-", i),
			&domain.LoginReport{User: "alice", Outcome: domain.Succeeded}); err != nil {
			t.Fatal(err)
		}
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
	if reads := s.count(t, "audit.read"); reads > 2 {
		t.Errorf("audit.read of the follower: got %d records, want 1, or 2 with the restart (A-48)", reads)
	}
}

// follow receives records until it has received a number of login.report commands. It returns an
// error unless each record arrives once and in order.
func follow(ctx context.Context, c *client.Client, reports int) error {
	last := uint64(0)
	for r, err := range c.Follow(ctx, client.Filter{Type: "login.report"}) {
		if err != nil {
			return err
		}
		if r.Seq <= last {
			return fmt.Errorf("got record %d after record %d, want ascending records", r.Seq, last)
		}
		last = r.Seq
		if reports--; reports == 0 {
			return nil
		}
	}
	return errors.New("the stream ended early")
}

// restartAt restarts the node at the same address.
func (s *overNATS) restartAt(t *testing.T, url string) {
	t.Helper()
	s.restart(t, node.Options{Log: quietLog, NATS: &node.NATSOptions{Listen: url[len("nats://"):]}})
}

func (s *overNATS) count(t *testing.T, kind string) (n int) {
	t.Helper()
	for r, err := range s.Ledger.Records(t.Context(), 1, s.Rows.Position().Seq, false) {
		if err != nil {
			t.Fatal(err)
		}
		if r.Command.Data.CommandType() == kind {
			n++
		}
	}
	return n
}

// TestReadSessionContinues checks that a caller can continue only its own read session, and only with
// the query of that session.
func TestReadSessionContinues(t *testing.T) {
	s := serveOverNATS(t)
	s.add(t, tokenstest.Spec{Name: "other", Role: access.Auditor})
	ask := func(name, body string) (status, session string) {
		t.Helper()
		m, err := s.connect(t, name).Request("ledger.main.query."+name+".records", []byte(body), natsTimeout)
		if err != nil {
			t.Fatal(err)
		}
		return m.Header.Get("Nats-Service-Error-Code"), m.Header.Get("Read-Session")
	}
	status, session := ask("auditor", `{"entity":"user/alice"}`)
	if status != "" || session != "1" {
		t.Fatalf("records: got error %q and session %q, want session 1", status, session)
	}
	for _, c := range []struct{ name, body, status string }{
		{"auditor", `{"entity":"user/alice","readSession":1,"after":0,"limit":5}`, ""},
		{"auditor", `{"entity":"user/bob","readSession":1}`, "400"},
		{"auditor", `{"readSession":1}`, "400"},
		{"auditor", `{"entity":"user/alice","readSession":7}`, "404"},
		{"auditor", `{"entity":"user/alice","readSession":1,"reveal":true,"purpose":"x"}`, "400"},
		{"other", `{"entity":"user/alice","readSession":1}`, "400"},
	} {
		if status, _ := ask(c.name, c.body); status != c.status {
			t.Errorf("records %s as %s: got error %q, want %q", c.body, c.name, status, c.status)
		}
	}
	if n := s.count(t, "audit.read"); n != 1 {
		t.Errorf("audit.read: got %d records, want 1", n)
	}
}
