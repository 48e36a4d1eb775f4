package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"authledger/adapters/tokens/tokenstest"
	"authledger/cmd/internal/node"
	"authledger/cmd/internal/nodetest"
	"authledger/domain"
	"authledger/domain/access"
	"authledger/eventstore"
	"authledger/eventstore/seal"
)

// authledger runs the program on a directory and returns its exit code and its output.
func authledger(t *testing.T, dir string, args ...string) (code int, output string) {
	t.Helper()
	var out, errs strings.Builder
	args = append([]string{"--data", dir, "--json"}, args...)
	code = run(t.Context(), args, strings.NewReader(""), &out, &errs, func(string) string { return "" })
	return code, out.String() + errs.String()
}

func wantCode(t *testing.T, want int, message, dir string, args ...string) {
	t.Helper()
	if code, output := authledger(t, dir, args...); code != want || !strings.Contains(output, message) {
		t.Errorf("authledger %s: got exit code %d, want %d and %q\n%s", strings.Join(args, " "), code, want,
			message, output)
	}
}

// newDirectory returns the directory of a new ledger with one login of each user.
func newDirectory(t *testing.T, users ...string) (dir string) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "ledger")
	for _, user := range users {
		wantCode(t, 0, "accepted", dir, "do", "login.report", "user="+user, "outcome=succeeded", "ip=192.0.2.7")
	}
	return dir
}

// unbind removes the id of the ledger from the keys, the head and the projections of a directory, as
// an older version of the program wrote them.
func unbind(t *testing.T, dir string) {
	t.Helper()
	cleared := nodetest.ClearBinding(dir)
	names, err := filepath.Glob(filepath.Join(dir, node.ProjectionsDir, "generation-*", "LEDGER"))
	head, wrong := eventstore.HeadAt(dir)
	if err := errors.Join(err, wrong, cleared, eventstore.CreateHead(dir, head)); err != nil || len(names) != 1 {
		t.Fatalf("unbind %s: got projections %v, %v, want 1", dir, names, err)
	}
	if err := os.Remove(names[0]); err != nil {
		t.Fatal(err)
	}
}

// wantNamed checks that the keys and the projections of a directory contain the id of its ledger.
func wantNamed(t *testing.T, dir string) {
	t.Helper()
	manifest, found, err := eventstore.ReadManifest(dir)
	if err != nil || !found {
		t.Fatalf("manifest of %s: got found %t, %v, want one", dir, found, err)
	}
	master, err := seal.LoadMaster(filepath.Join(dir, node.MasterKeyName))
	if err != nil {
		t.Fatal(err)
	}
	keys, err := seal.Open(filepath.Join(dir, node.KeysDir), master, seal.Options{})
	if err != nil {
		t.Fatal(err)
	}
	b, bound := keys.Binding()
	if err := keys.Close(); err != nil || !bound ||
		domain.Hash(b.Ledger) != eventstore.Genesis(manifest.LedgerID) {
		t.Errorf("ledger of the keys: got %x, bound %t, %v, want %s", b.Ledger, bound, err, manifest.LedgerID)
	}
	names, err := filepath.Glob(filepath.Join(dir, node.ProjectionsDir, "generation-*", "LEDGER"))
	if err != nil || len(names) != 1 {
		t.Fatalf("projections with a ledger id: got %d, %v, want 1", len(names), err)
	}
	name, err := os.ReadFile(names[0])
	if err != nil || !strings.HasPrefix(string(name), manifest.LedgerID+" ") {
		t.Errorf("ledger of the projections: got %q, %v, want %s", name, err, manifest.LedgerID)
	}
}

// TestOlderDirectoryIsTakenOver checks that each command opens a directory of an older version, and
// writes the id of the ledger into its keys and projections after it has verified that they belong
// to the log.
func TestOlderDirectoryIsTakenOver(t *testing.T) {
	for _, args := range [][]string{
		{"verify"}, {"show", "lockouts"}, {"replay"}, {"rebuild"},
		{"do", "login.report", "user=zoe", "outcome=succeeded"},
	} {
		rules1 := unpackRules1(t)
		wantCode(t, 0, "", rules1, args...)
		wantNamed(t, rules1)
		wantCode(t, 0, "", rules1, "verify")

		dir := newDirectory(t, "alice", "bob")
		unbind(t, dir)
		wantCode(t, 0, "", dir, args...)
		wantNamed(t, dir)
		wantCode(t, 0, `"opened":2`, dir, "verify")
	}
	empty := newDirectory(t)
	// without personal data, no record proves that the keys belong to the log
	wantCode(t, 0, "", empty, "do", "login.report", "user=alice", "outcome=succeeded")
	wantNamed(t, empty)
	unbind(t, empty)
	wantCode(t, 0, `"opened":0`, empty, "verify")
	wantNamed(t, empty)
}

// TestForeignPartsOfOlderDirectories checks that commands detect keys, a manifest, projections or a head
// of another ledger in a directory of an older version, whose parts contain no ledger id.
func TestForeignPartsOfOlderDirectories(t *testing.T) {
	commands := [][]string{
		{"verify"}, {"show", "lockouts"}, {"replay"}, {"do", "login.report", "user=zoe", "outcome=succeeded"},
		{"serve", "--listen", "127.0.0.1:0"},
	}
	for _, part := range []struct {
		files   []string
		message string
	}{
		{[]string{node.KeysDir, node.MasterKeyName},
			"can't open the personal data of record 1"},
		{[]string{"ledger.json"}, "ledger.json names another ledger than the log in"},
		{[]string{node.ProjectionsDir}, "authledger rebuild"},
		{[]string{"head"}, "authledger rebuild --head"},
	} {
		dir, other := newDirectory(t, "alice", "bob"), newDirectory(t, "carol", "dan")
		unbind(t, dir)
		unbind(t, other)
		for _, name := range part.files {
			replace(t, filepath.Join(dir, name), filepath.Join(other, name))
		}
		for _, args := range commands {
			if args[0] == "serve" {
				wantServeFault(t, dir, part.message, args...)
				continue
			}
			wantCode(t, 3, part.message, dir, args...)
		}
		switch part.files[0] {
		case node.ProjectionsDir:
			wantCode(t, 0, "", dir, "rebuild")
			wantCode(t, 0, `"opened":2`, dir, "verify")
		case "head":
			if err := os.Remove(filepath.Join(dir, "head")); err != nil {
				t.Fatal(err)
			}
			wantCode(t, 0, "", dir, "rebuild", "--head")
			wantCode(t, 0, `"opened":2`, dir, "verify")
		}
	}
}

func wantServeFault(t *testing.T, dir, message string, args ...string) {
	t.Helper()
	var out, errs strings.Builder
	code := run(t.Context(), append([]string{"--data", dir}, args...), strings.NewReader(""), &out, &errs,
		func(string) string { return "" })
	if code != 3 || !strings.Contains(errs.String(), message) {
		t.Errorf("authledger serve: exit code %d, want 3 and %q\n%s", code, message, &errs)
	}
}

func replace(t *testing.T, to, from string) {
	t.Helper()
	info, err := os.Stat(from)
	if err != nil {
		t.Fatal(err)
	}
	err = os.RemoveAll(to)
	if err == nil && info.IsDir() {
		err = nodetest.CopyDirectory(to, from)
	} else if err == nil {
		var data []byte
		if data, err = os.ReadFile(from); err == nil {
			err = os.WriteFile(to, data, 0o600)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
}

// TestRevealWithoutKey checks that revealing personal data with a missing key is a problem, over HTTP
// and over NATS. A query without reveal shows the data as sealed, so that it does not disclose the
// missing key.
func TestRevealWithoutKey(t *testing.T) {
	s := serveOverNATS(t)
	bearer := make(map[access.Role]string)
	for _, role := range []access.Role{access.Auditor, access.Support, access.Officer} {
		bearer[role] = s.add(t, tokenstest.Spec{Name: "http-" + string(role), Role: role, Rate: testRateMax})
	}
	report := func(id, user string) {
		if _, err := s.Ledger.Do(t.Context(),
			domain.Command{ID: id, Source: "gateway/x", Stamped: true,
				Data: &domain.LoginReport{User: user, Outcome: domain.Succeeded, IP: "192.0.2.7"}}); err != nil {
			t.Fatal(err)
		}
	}
	report("e-1", "alice")
	report("e-2", "bob")
	s.stop(t)
	nodetest.DamageKey(t, s.dir, 2)
	s.start(t, node.Options{Log: quietLog, DropDamagedKeys: true}) // the operator accepts the loss of bob's key

	get := func(role access.Role, path string) (int, string) {
		request, err := http.NewRequest(http.MethodGet, s.edge.URL()+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Authorization", "Bearer "+bearer[role])
		answer, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		body, err := io.ReadAll(answer.Body)
		if err != nil {
			t.Fatal(err)
		}
		return answer.StatusCode, string(body)
	}
	const reveal = "reveal=true&purpose=case+7"
	for _, c := range []struct {
		role    access.Role
		path    string
		status  int
		message string
	}{
		{access.Auditor, "/v1/records/1?" + reveal, 200, `"personal":{"ip":"192.0.2.7"}`},
		{access.Auditor, "/v1/records/2?" + reveal, 500, "/problems/key-missing"},
		{access.Auditor, "/v1/records/2", 200, `"personal":"sealed"`},
		{access.Auditor, "/v1/records?to=2&" + reveal, 500, "sealed data of record 2 is missing"},
		{access.Auditor, "/v1/records?to=2", 200, `"personal":"sealed"`},
		{access.Support, "/v1/users/alice/timeline?" + reveal, 200, "192.0.2.7"},
		{access.Support, "/v1/users/bob/timeline?" + reveal, 500, "/problems/key-missing"},
		{access.Support, "/v1/users/bob/timeline", 200, `"personal":"sealed"`},
		{access.Officer, "/v1/users/bob/timeline?" + reveal, 403, "may not reveal"},
		{access.Officer, "/v1/users/bob/timeline", 200, `"personal":"sealed"`},
	} {
		if status, body := get(c.role, c.path); status != c.status || !strings.Contains(body, c.message) ||
			status >= 400 && strings.Contains(body, `"sealed"`) {
			t.Errorf("%s %s: %d %s, want %d and %s", c.role, c.path, status, body, c.status, c.message)
		}
	}
	support := s.connect(t, "support")
	for user, want := range map[string]string{"alice": "", "bob": "500"} {
		answer, err := support.Request("ledger.main.query.support.timeline",
			fmt.Appendf(nil, `{"user":%q,"reveal":true,"purpose":"case 7"}`, user), natsTimeout)
		if err != nil {
			t.Fatal(err)
		}
		status := answer.Header.Get("Nats-Service-Error-Code")
		if status != want || strings.Contains(string(answer.Data), "/problems/key-missing") != (want != "") {
			t.Errorf("over NATS, %s: %s %s, want status %q", user, status, answer.Data, want)
		}
	}
	var problem struct {
		Type   string
		Detail string
	}
	_, body := get(access.Auditor, "/v1/records/2?"+reveal)
	if err := json.Unmarshal([]byte(body), &problem); err != nil ||
		!strings.Contains(problem.Detail, "authledger verify") {
		t.Errorf("%s: %v, want a problem that names authledger verify", body, err)
	}
}
