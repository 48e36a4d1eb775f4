package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"authledger/access"
	"authledger/adapters/client"
	"authledger/domain"
)

// served is a node in this process, with a token of each role.
type served struct {
	edge   *edge
	tokens map[access.Role]string
}

func serveHere(t *testing.T) *served {
	t.Helper()
	dir := t.TempDir()
	log := slog.New(slog.DiscardHandler)
	s := &served{tokens: make(map[access.Role]string)}
	path := filepath.Join(dir, tokensName)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	var err error
	for _, role := range access.Roles() {
		s.tokens[role], err = access.OpenTokens(path, time.Now).Add(access.Spec{Name: string(role), Role: role, Rate: benchRateMax})
		must(err)
	}
	s.edge, err = startEdge(edgeOptions{listen: "127.0.0.1:0", tokens: path, log: log, now: time.Now})
	must(err)
	n, err := openNode(t.Context(), nodeOptions{dir: dir, realm: realmDefault, name: nodeDefault, log: log})
	must(err)
	s.edge.serve(n)
	t.Cleanup(func() {
		if err := errors.Join(s.edge.drain(), n.close()); err != nil {
			t.Error(err)
		}
	})
	return s
}

func (s *served) client(t *testing.T, role access.Role, transport http.RoundTripper) *client.Client {
	t.Helper()
	c, err := client.New(client.Options{URL: s.edge.url(), Token: s.tokens[role], Source: string(role) + "/" + string(role), Transport: transport})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// reportsGiven is more than one request takes, and than one page tells.
const reportsGiven = 2500

// followWithin bounds following over a network that cuts off every few records.
const followWithin = 5 * time.Minute

// Whatever the network loses, the client's commands are recorded once and get their
// verdict, guesses stop at the tenth (LOCK-1, LOCK-6), and who follows hears each
// record once, in order: over HTTP, and over NATS.
func TestClientInTrouble(t *testing.T) {
	t.Run("over HTTP", func(t *testing.T) {
		s := serveHere(t)
		inTrouble(t, s.client(t, access.Gateway, newTrouble(t)), s.client(t, access.Auditor, newTrouble(t)))
	})
	t.Run("over NATS", func(t *testing.T) {
		s := serveOverNATS(t)
		inTrouble(t, s.client(t, "gateway", newCutting(t, s.natsAddress()).url()),
			s.client(t, "auditor", newCutting(t, s.natsAddress()).url()))
	})
}

func inTrouble(t *testing.T, gateway, auditor *client.Client) {
	const users, guesses = 8, 14
	var group sync.WaitGroup
	for u := range users {
		group.Go(func() { guessThrough(t, gateway, fmt.Sprint("u", u), guesses) })
	}
	group.Wait()
	batch := make([]client.Command, reportsGiven)
	for i := range batch {
		batch[i] = client.Command{ID: fmt.Sprint("b-", i), Time: time.Now(), Data: &domain.LoginReport{User: fmt.Sprint("v", i%50), Outcome: domain.Succeeded}}
	}
	first, err := gateway.Batch(t.Context(), batch)
	if err != nil {
		t.Fatal(err)
	}
	again, err := gateway.Batch(t.Context(), batch)
	if err != nil {
		t.Fatal(err)
	}
	for i := range batch {
		if !first[i].Accepted() || !again[i].Duplicate || first[i].Seq != again[i].Seq {
			t.Fatalf("%+v\n%+v", first[i], again[i])
		}
	}
	want := users*(guesses+10) + reportsGiven // each begin, each finish of one that was let, each report
	followed(t, auditor, want)
}

// guessThrough tries wrong passwords of one user, one after another.
func guessThrough(t *testing.T, gateway *client.Client, user string, times int) {
	let := 0
	for i := range times {
		login, err := gateway.BeginLogin(t.Context(), domain.LoginBegin{User: user, Attempt: fmt.Sprint(user, "-", i)})
		if err != nil {
			t.Error(err)
			return
		}
		if !login.Allowed() {
			if login.Verdict.Reason != "locked_out" || !login.Result.Locked {
				t.Errorf("%+v", login)
			}
			continue
		}
		let++
		v, result, err := login.Failed(t.Context(), "bad_credentials")
		if err != nil || !v.Accepted() || result.Remaining != 10-let {
			t.Error(v, result, err)
		}
	}
	if let != 10 {
		t.Errorf("%s: %d guesses were let through", user, let)
	}
}

// followed reads all records of gateways.
func followed(t *testing.T, auditor *client.Client, want int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), followWithin)
	defer cancel()
	seen := map[string]bool{}
	last := uint64(0)
	for r, err := range auditor.Follow(ctx, client.Filter{}) {
		if err != nil {
			t.Fatal(len(seen), want, err)
		}
		var body struct {
			Seq     uint64
			Command struct{ ID, Source string }
		}
		if err := json.Unmarshal(r.JSON, &body); err != nil || body.Seq != r.Seq || r.Seq != last+1 {
			t.Fatalf("record %d behind %d: %v %s", r.Seq, last, err, r.JSON)
		}
		if last = r.Seq; body.Command.Source != "gateway/gateway" {
			continue // the auditor reads
		}
		if seen[body.Command.ID] {
			t.Fatalf("%s is there twice", body.Command.ID)
		}
		if seen[body.Command.ID] = true; len(seen) == want {
			break
		}
	}
	told := uint64(0)
	reports := 0
	for r, err := range auditor.Records(ctx, client.Filter{Type: "login.report"}, last) {
		if err != nil || r.Seq <= told {
			t.Fatal(r.Seq, told, err)
		}
		told = r.Seq
		reports++
	}
	if reports != reportsGiven || told != last {
		t.Errorf("%d reports up to %d, want %d up to %d", reports, told, reportsGiven, last)
	}
	again := auditor.Follow(ctx, client.Filter{After: last - 1, Type: "login.report"})
	for r, err := range again {
		if err != nil || r.Seq != last {
			t.Error(r.Seq, last, err)
		}
		break
	}
}
