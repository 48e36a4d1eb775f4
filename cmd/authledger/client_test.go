package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"testing"
	"time"

	"authledger/adapters/client"
	"authledger/adapters/tokens/tokenstest"
	"authledger/cmd/internal/node"
	"authledger/domain"
	"authledger/domain/access"
)

// served is a node in this process, with a token of each role.
type served struct {
	edge   *node.Server
	tokens map[access.Role]string
}

func serveHere(t *testing.T) *served {
	t.Helper()
	dir := t.TempDir()
	log := slog.New(slog.DiscardHandler)
	s := &served{tokens: make(map[access.Role]string)}
	table := tokenstest.New(time.Now)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	var err error
	for _, role := range access.Roles() {
		s.tokens[role], err = table.Add(tokenstest.Spec{Name: string(role), Role: role,
			Rate: testRateMax})
		must(err)
	}
	s.edge, err = node.StartServer(node.ServerOptions{Listen: "127.0.0.1:0", Tokens: table.Table, Log: log,
		Now: time.Now})
	must(err)
	n, err := node.Open(t.Context(), node.Options{Dir: dir, Realm: realmDefault, Name: nodeDefault,
		Log: log, Tokens: table.Table})
	must(err)
	s.edge.ServeNode(n)
	t.Cleanup(func() {
		if err := errors.Join(s.edge.Shutdown(), n.Close()); err != nil {
			t.Error(err)
		}
	})
	return s
}

func (s *served) client(t *testing.T, role access.Role, transport http.RoundTripper) *client.Client {
	t.Helper()
	c, err := client.New(client.Options{URL: s.edge.URL(), Token: s.tokens[role],
		Source: string(role) + "/" + string(role), Transport: transport})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// reportsSent is a number of commands that exceeds one request and one page of records.
const reportsSent = 2500

// followWithin is the timeout of a follower on a network that cuts its connection every few records.
const followWithin = 5 * time.Minute

// TestClient_UnreliableNetwork checks the client on a network that loses requests and responses,
// over HTTP and over NATS:
//   - the ledger records each command once, and the client receives its verdict,
//   - the tenth wrong password locks the user (LOCK-1, LOCK-6),
//   - a follower receives each record once, in order.
func TestClient_UnreliableNetwork(t *testing.T) {
	t.Parallel()
	t.Run("over HTTP", func(t *testing.T) {
		t.Parallel()
		s := serveHere(t)
		checkUnreliable(t, s.client(t, access.Gateway, newTrouble(t)), s.client(t, access.Auditor, newTrouble(t)))
	})
	t.Run("over NATS", func(t *testing.T) {
		t.Parallel()
		s := serveOverNATS(t)
		checkUnreliable(t, s.client(t, "gateway", newCutting(t, s.NATSAddress()).url()),
			s.client(t, "auditor", newCutting(t, s.NATSAddress()).url()))
	})
}

// checkUnreliable submits commands with both clients, and follows them.
func checkUnreliable(t *testing.T, gateway, auditor *client.Client) {
	const users, guesses = 8, 14
	var group sync.WaitGroup
	for u := range users {
		group.Go(func() { guessThrough(t, gateway, fmt.Sprint("u", u), guesses) })
	}
	group.Wait()
	batch := make([]client.Command, reportsSent)
	for i := range batch {
		batch[i] = client.Command{ID: fmt.Sprint("b-", i), Time: time.Now(),
			Data: &domain.LoginReport{User: fmt.Sprint("v", i%50), Outcome: domain.Succeeded}}
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
			t.Fatalf("batch sent twice, command %d: got %+v, then %+v, want an accepted verdict, then its duplicate",
				i, first[i], again[i])
		}
	}
	want := users*(guesses+10) + reportsSent // each login.begin, ten login.finish of each user, each report
	checkFollower(t, auditor, want)
}

// guessThrough reports wrong passwords of one user, one after another. The ledger must allow ten.
func guessThrough(t *testing.T, gateway *client.Client, user string, times int) {
	allowed := 0
	for i := range times {
		login, err := gateway.BeginLogin(t.Context(),
			domain.LoginBegin{User: user, Attempt: fmt.Sprint(user, "-", i)})
		if err != nil {
			t.Error(err)
			return
		}
		if !login.Allowed() {
			if login.Verdict.Reason != "locked_out" || !login.Result.Locked {
				t.Errorf("refused login of %s: got %+v, want the reason locked_out of a locked user", user, login)
			}
			continue
		}
		allowed++
		v, result, err := login.Failed(t.Context(), "bad_credentials")
		if err != nil || !v.Accepted() || result.Remaining != 10-allowed {
			t.Errorf("Failed, %s: got %+v, %+v, %v, want accepted with %d remaining", user, v, result, err, 10-allowed)
		}
	}
	if allowed != 10 {
		t.Errorf("%s: got %d allowed guesses, want 10", user, allowed)
	}
}

// checkFollower follows the log up to the last of want commands of the gateway. Each must arrive
// once.
func checkFollower(t *testing.T, auditor *client.Client, want int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), followWithin)
	defer cancel()
	seen := map[string]bool{}
	last := uint64(0)
	for r, err := range auditor.Follow(ctx, client.Filter{}) {
		if err != nil {
			t.Fatalf("follow after %d records: got error %v, want %d records", len(seen), err, want)
		}
		var body struct {
			Seq     uint64
			Command struct{ ID, Source string }
		}
		if err := json.Unmarshal(r.JSON, &body); err != nil || body.Seq != r.Seq || r.Seq != last+1 {
			t.Fatalf("followed record: got %d, %v, want %d: %s", r.Seq, err, last+1, r.JSON)
		}
		if last = r.Seq; body.Command.Source != "gateway/gateway" {
			continue // an audit.read of the auditor
		}
		if seen[body.Command.ID] {
			t.Fatalf("command %s: got two records, want one", body.Command.ID)
		}
		if seen[body.Command.ID] = true; len(seen) == want {
			break
		}
	}
	newest := uint64(0)
	reports := 0
	for r, err := range auditor.Records(ctx, client.Filter{Type: "login.report"}, last) {
		if err != nil || r.Seq <= newest {
			t.Fatalf("list login.report: got record %d after record %d, %v, want ascending records", r.Seq, newest,
				err)
		}
		newest = r.Seq
		reports++
	}
	if reports != reportsSent || newest != last {
		t.Errorf("got %d reports up to record %d, want %d up to record %d", reports, newest, reportsSent, last)
	}
	again := auditor.Follow(ctx, client.Filter{After: last - 1, Type: "login.report"})
	for r, err := range again {
		if err != nil || r.Seq != last {
			t.Errorf("follow after record %d: got record %d, %v, want %d", last-1, r.Seq, err, last)
		}
		break
	}
}
