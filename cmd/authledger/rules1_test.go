package main

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"authledger/cmd/internal/node"
	"authledger/domain"
)

// rules1Records is the number of records of testdata/rules1, see its README.
const rules1Records = 287

// unpackLedger copies the data directory in testdata/NAME/ledger.tar.gz into dir.
func unpackLedger(name, dir string) error {
	packed, err := os.Open(filepath.Join("testdata", name, "ledger.tar.gz"))
	if err != nil {
		return err
	}
	defer packed.Close() // only read
	unzipped, err := gzip.NewReader(packed)
	if err != nil {
		return err
	}
	for files := tar.NewReader(unzipped); ; {
		file, err := files.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		path := filepath.Join(dir, filepath.FromSlash(file.Name))
		if file.FileInfo().IsDir() {
			err = os.MkdirAll(path, 0o700)
		} else {
			err = unpackFile(path, files)
		}
		if err != nil {
			return err
		}
	}
}

// unpackRules1 returns a copy of the ledger that rules of version 1 wrote.
func unpackRules1(t *testing.T) (dir string) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "ledger")
	if err := unpackLedger("rules1", dir); err != nil {
		t.Fatal(err)
	}
	return dir
}

// unpackFile writes the contents of one packed file to path.
func unpackFile(path string, contents io.Reader) error {
	data, err := io.ReadAll(contents)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	return os.WriteFile(path, data, 0o600)
}

// TestALedgerOfRules1 checks a ledger that the rules of version 1 wrote: the program verifies it,
// replays it, explains each record by the old rules, and simulates another policy. New commands are
// decided by the current rules.
func TestALedgerOfRules1(t *testing.T) {
	dir := unpackRules1(t)
	command := func(args ...string) string {
		t.Helper()
		var out, errs strings.Builder
		args = append([]string{"--data", dir, "--json"}, args...)
		code := run(t.Context(), args, strings.NewReader(""), &out, &errs, func(string) string { return "" })
		if code != 0 {
			t.Fatalf("authledger %s: got exit code %d, want 0\n%s%s", strings.Join(args, " "), code, &out, &errs)
		}
		return out.String()
	}
	out := command("verify")
	if !strings.Contains(out, `"records":287`) && !strings.Contains(out, `"records": 287`) {
		t.Errorf("verify: got %s, want %d records", out, rules1Records)
	}
	if lines := strings.Count(command("replay"), "\n"); lines != rules1Records {
		t.Errorf("replay: got %d records, want %d", lines, rules1Records)
	}
	command("policy", "what-if", "--preset", "nist-800-63b")
	explainRules1(t, dir)

	// Deadlines of the old ledger are due, so the node may record timers before the
	// command: the sequence number of the verdict is not fixed.
	var verdict struct {
		Seq uint64 `json:"seq"`
	}
	answer := command("do", "login.begin", "user=ann", "attempt=new", "platform=tws")
	if err := json.Unmarshal([]byte(answer), &verdict); err != nil || verdict.Seq <= rules1Records {
		t.Fatalf("verdict on login.begin: got %s (%v), want seq > %d", answer, err, rules1Records)
	}
	seq := strconv.FormatUint(verdict.Seq, 10)
	if record := command("replay", "--from", seq, "--to", seq); !strings.Contains(record, `"arrived":"`) {
		t.Errorf("record %s: got %s, want a member arrived", seq, record)
	}
	command("verify")
	command("why", seq)
}

// explainRules1 explains every record. An explanation decides the command again, and fails if the
// verdicts differ.
func explainRules1(t *testing.T, dir string) {
	t.Helper()
	n, err := node.Open(t.Context(),
		node.Options{Dir: dir, Realm: realmDefault, Name: nodeDefault, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := n.Close(); err != nil {
			t.Error(err)
		}
	}()
	releases := 0
	for seq := uint64(1); seq <= rules1Records; seq++ {
		why, err := n.Queries.Why(context.WithoutCancel(t.Context()), seq, 0)
		if err != nil {
			t.Errorf("why %d: %v", seq, err)
			continue
		}
		r := why.Record
		if r.Command.Rules != 1 || !r.Command.Arrived.IsZero() {
			t.Errorf("record %d: got rules %d and arrival %v, want rules 1 and no arrival", seq, r.Command.Rules,
				r.Command.Arrived)
		}
		if _, ok := r.Command.Data.(*domain.LockoutRelease); ok {
			releases++
		}
	}
	if releases < 2 {
		t.Errorf("got %d released lockouts, want at least 2, to cover A-58", releases)
	}
}
