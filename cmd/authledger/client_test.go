package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
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

// Whatever the network loses, the client's commands are recorded once and get their
// verdict, guesses stop at the tenth (LOCK-1, LOCK-6), and who follows hears each
// record once, in order.
func TestClientInTrouble(t *testing.T) {
	const users, guesses = 8, 14
	s := serveHere(t)
	gateway := s.client(t, access.Gateway, newTrouble(t))
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
	s.followed(t, want)
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

// followed reads all records of gateways through a troubled network.
func (s *served) followed(t *testing.T, want int) {
	t.Helper()
	auditor := s.client(t, access.Auditor, newTrouble(t))
	ctx, cancel := context.WithTimeout(t.Context(), answerWithin)
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

// docs/gateway, which docs/client.md shows, is built and asked as a browser would.
func TestExampleGateway(t *testing.T) {
	s := serveHere(t)
	url := startGateway(t, s)
	login := func(password string) int {
		request, err := http.NewRequestWithContext(t.Context(), "POST", url+"/login", nil)
		if err != nil {
			t.Fatal(err)
		}
		request.SetBasicAuth("alice", password)
		answer, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		return answer.StatusCode
	}
	if got := login("right"); got != 200 {
		t.Errorf("the right password: %d", got)
	}
	gateway := s.client(t, access.Gateway, nil)
	if v, err := gateway.Do(t.Context(), "d", &domain.DeviceActivate{User: "alice", Device: "d-1", Class: "gold", Method: "portal"}); err != nil || !v.Accepted() {
		t.Fatal(v, err)
	}
	for id, want := range map[string]int{"w-1": 200, "": 403} {
		if got := withdraw(t, url, id); got != want {
			t.Errorf("withdrawal %q: %d, want %d", id, got, want)
		}
	}
	for range 10 {
		if got := login("wrong"); got != 403 {
			t.Errorf("a wrong password: %d", got)
		}
	}
	if got := login("right"); got != 403 {
		t.Errorf("the right password of a locked user: %d", got)
	}
	http.DefaultClient.CloseIdleConnections()
}

func withdraw(t *testing.T, gateway, id string) int {
	t.Helper()
	answer, err := http.PostForm(gateway+"/withdraw", url.Values{"id": {id}, "account": {"A-1"}, "user": {"alice"}, "device": {"d-1"}, "amount": {"100.00"}})
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	return answer.StatusCode
}

// startGateway builds and starts the example, and returns where it listens.
func startGateway(t *testing.T, s *served) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "gateway")
	if out, err := exec.Command("go", "build", "-o", program, "../../docs/gateway").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	c := exec.Command(program, "127.0.0.1:0")
	c.Env = append(os.Environ(), "AUTHLEDGER_SERVER="+s.edge.url(), "AUTHLEDGER_TOKEN="+s.tokens[access.Gateway], "DEMO_PASSWORD=right")
	says, err := c.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = c.Process.Kill() // it may have ended
		_ = c.Wait()
	})
	lines := bufio.NewScanner(says)
	for lines.Scan() {
		if _, address, ok := strings.Cut(lines.Text(), "listening on "); ok {
			go func() { _, _ = io.Copy(io.Discard, says) }()
			return "http://" + address
		}
	}
	t.Fatal("the gateway ended")
	return ""
}

// docs/client.md shows the example as it is, which has less than 100 lines (issue 5).
func TestExampleIsShown(t *testing.T) {
	page, err := os.ReadFile("../../docs/client.md")
	if err != nil {
		t.Fatal(err)
	}
	program, err := os.ReadFile("../../docs/gateway/main.go")
	if err != nil {
		t.Fatal(err)
	}
	lines := slices.Collect(bytes.Lines(program))
	if len(lines) >= 100 {
		t.Errorf("%d lines", len(lines))
	}
	login := program[bytes.Index(program, []byte("func (g *gateway) login")):bytes.Index(program, []byte("func right"))]
	if !bytes.Contains(page, bytes.TrimSpace(login)) {
		t.Error("docs/client.md does not show the login of docs/gateway/main.go as it is")
	}
}
