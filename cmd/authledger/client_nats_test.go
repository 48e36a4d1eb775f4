package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"authledger/access"
	"authledger/adapters/client"
	"authledger/domain"
)

func (s *overNATS) client(t *testing.T, name, url string) *client.Client {
	t.Helper()
	c, err := client.New(client.Options{URL: url, NATS: client.NATS{Name: name, Seed: s.keyOf(t, name)}, Source: name + "/" + name})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// Over NATS the client does what it does over HTTP, also while the node is stopped and
// started: each command is recorded once, and who follows hears each record once.
func TestClientOverNATS(t *testing.T) {
	s := serveOverNATS(t)
	url := "nats://" + s.natsAddress()
	gateway, auditor := s.client(t, "gateway", url), s.client(t, "auditor", url)
	login, err := gateway.BeginLogin(t.Context(), domain.LoginBegin{User: "alice", Attempt: "a-1"})
	if err != nil || !login.Allowed() {
		t.Fatalf("%+v %v", login, err)
	}
	if v, _, err := login.Succeeded(t.Context(), "", ""); err != nil || !v.Accepted() {
		t.Fatalf("%+v %v", v, err)
	}
	v, _, err := gateway.RequestWithdrawal(t.Context(), domain.WithdrawalRequest{Withdrawal: "w-1", Account: "acc", User: "alice", Amount: "1.00", Currency: "USD", Device: "none"})
	if err != nil || v.Status != domain.Refused {
		t.Fatalf("%+v %v", v, err)
	}
	if v, err := gateway.Do(t.Context(), "x", &domain.LoginReport{User: "alice", Outcome: "perhaps"}); err != nil || v.Status != domain.Invalid {
		t.Fatalf("%+v %v", v, err)
	}
	var refused *client.Problem
	for _, err := range gateway.Records(t.Context(), client.Filter{}, 0) {
		if !errors.As(err, &refused) || refused.Status != http.StatusForbidden {
			t.Fatalf("a gateway reads records: %v", err)
		}
	}
	commands := make([]client.Command, 600)
	for i := range commands {
		commands[i] = client.Command{ID: fmt.Sprint("b-", i), Time: time.Now(), Data: &domain.LoginReport{User: fmt.Sprint("v", i%50), Outcome: domain.Succeeded}}
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	heard := make(chan error, 1)
	go func() { heard <- follow(ctx, auditor, len(commands)+10) }()
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
			t.Fatalf("%+v", again[i])
		}
	}
	for i := range 10 {
		if _, err := gateway.Do(ctx, fmt.Sprint("after-", i), &domain.LoginReport{User: "alice", Outcome: domain.Succeeded}); err != nil {
			t.Fatal(err)
		}
	}
	if err := <-heard; err != nil {
		t.Error(err)
	}
	if reads := s.count(t, "audit.read"); reads > 2 {
		t.Errorf("following is recorded %d times, want once, or again after the restart (A-48)", reads)
	}
}

// follow hears reports, each once and in order.
func follow(ctx context.Context, c *client.Client, reports int) error {
	last := uint64(0)
	for r, err := range c.Follow(ctx, client.Filter{Type: "login.report"}) {
		if err != nil {
			return err
		}
		if r.Seq <= last {
			return fmt.Errorf("%d behind %d", r.Seq, last)
		}
		last = r.Seq
		if reports--; reports == 0 {
			return nil
		}
	}
	return errors.New("it ended")
}

// restartAt stops the node and starts it where it was.
func (s *overNATS) restartAt(t *testing.T, url string) {
	t.Helper()
	s.restart(t, nodeOptions{log: quietLog, nats: &natsOptions{listen: url[len("nats://"):]}})
}

func (s *overNATS) count(t *testing.T, kind string) (n int) {
	t.Helper()
	for r, err := range s.ledger.Records(t.Context(), 1, s.rows.Position().Seq, false) {
		if err != nil {
			t.Fatal(err)
		}
		if r.Command.Data.CommandType() == kind {
			n++
		}
	}
	return n
}

// A reading goes on only for whose it is, and where it is the same question.
func TestReadingGoesOn(t *testing.T) {
	s := serveOverNATS(t)
	s.add(t, access.Spec{Name: "other", Role: access.Auditor})
	ask := func(name, body string) (status, reading string) {
		t.Helper()
		m, err := s.connect(t, name).Request("ledger.main.ask."+name+".records", []byte(body), natsPatience)
		if err != nil {
			t.Fatal(err)
		}
		return m.Header.Get("Nats-Service-Error-Code"), m.Header.Get("Reading")
	}
	status, reading := ask("auditor", `{"entity":"user/alice"}`)
	if status != "" || reading != "1" {
		t.Fatalf("%s, reading %s", status, reading)
	}
	for _, c := range []struct{ name, body, status string }{
		{"auditor", `{"entity":"user/alice","reading":1,"after":0,"limit":5}`, ""},
		{"auditor", `{"entity":"user/bob","reading":1}`, "400"},
		{"auditor", `{"reading":1}`, "400"},
		{"auditor", `{"entity":"user/alice","reading":7}`, "404"},
		{"auditor", `{"entity":"user/alice","reading":1,"reveal":true,"purpose":"x"}`, "400"},
		{"other", `{"entity":"user/alice","reading":1}`, "400"},
	} {
		if status, _ := ask(c.name, c.body); status != c.status {
			t.Errorf("%s %s: %s", c.name, c.body, status)
		}
	}
	if n := s.count(t, "audit.read"); n != 1 {
		t.Errorf("%d readings are recorded, want 1", n)
	}
}
