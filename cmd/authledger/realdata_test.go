//go:build realdata

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"authledger/cmd/internal/ingest"
)

// realLog is the path of an sshd log that a real host wrote in 2017.
const realLog = root + "/../shared/data/elastic-authlog/auth.log"

// runJSON runs a command line and decodes its JSON output.
func runJSON(t *testing.T, into any, args ...string) {
	t.Helper()
	var out, errs bytes.Buffer
	code := run(context.Background(), args, strings.NewReader(""), &out, &errs,
		func(string) string { return "" })
	if code != exitDone {
		t.Fatalf("authledger %s: got exit code %d, want 0\n%s", strings.Join(args, " "), code, errs.String())
	}
	if err := json.Unmarshal(out.Bytes(), into); err != nil {
		t.Fatalf("authledger %s: %v\n%s", strings.Join(args, " "), err, out.String())
	}
}

// TestRealDataImport imports the log of a real host twice, and verifies the ledger.
func TestRealDataImport(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "host")
	var first, second ingest.Tally
	runJSON(t, &first, "--data", dir, "--json", "import", "--from", "sshd", "--year", "2017", realLog)
	if first.Commands != 1268 || first.Refused["invalid_character"] != 43 {
		t.Errorf("first import: got %+v, want 1268 attempts, 43 of them refused invalid_character", first)
	}
	before := realRecords(t, dir)
	runJSON(t, &second, "--data", dir, "--json", "import", "--from", "sshd", "--year", "2017", realLog)
	if second.Duplicates != 1268 || len(realRecords(t, dir)) != len(before) {
		t.Errorf("second import: got %+v and %d records, want 1268 duplicates and %d records", second,
			len(realRecords(t, dir)), len(before))
	}
	counted, unattributed, reported := 0, 0, 0
	for _, r := range before {
		switch {
		case r.Events[0].Type == "login.unattributed":
			unattributed++
		case r.Command.Data.Outcome == "succeeded":
			reported++
		case r.Command.Data.Outcome == "failed":
			counted++
		}
	}
	if counted != 711 || unattributed != 331 || reported != 226 {
		t.Errorf("got %d counted failures, %d unattributed, %d reported successes, want 711, 331, 226", counted,
			unattributed, reported)
	}
	var out, errs bytes.Buffer
	code := run(context.Background(), []string{"--data", dir, "verify"}, nil, &out, &errs,
		func(string) string { return "" })
	if code != exitDone {
		t.Errorf("verify: got exit code %d, want 0\n%s%s", code, out.String(), errs.String())
	}
}

// TestRealDataLockouts compares the lockouts of each user with the count of naiveLockouts, which
// reads the lines of the log without code of the ledger (LOCK-1, LOCK-2, LOCK-3, LOCK-4).
func TestRealDataLockouts(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "host")
	var counts ingest.Tally
	runJSON(t, &counts, "--data", dir, "--json", "import", "--from", "sshd", "--year", "2017", realLog)
	recorded := map[string]int{}
	for _, r := range realRecords(t, dir) {
		for _, e := range r.Events {
			if e.Type == "lockout.started" {
				recorded[strings.TrimPrefix(r.Entities[0], "user/")]++
			}
		}
	}
	naive := naiveLockouts(t)
	t.Logf("lockouts: %v", naive)
	if !maps.Equal(recorded, naive) || len(naive) == 0 {
		t.Errorf("lockouts: got %v, want %v of naiveLockouts, at least 1", recorded, naive)
	}
}

type realRecord struct {
	Entities []string
	Command  struct{ Data struct{ Outcome string } }
	Events   []struct{ Type string }
}

func realRecords(t *testing.T, dir string) (records []realRecord) {
	t.Helper()
	var out, errs bytes.Buffer
	code := run(context.Background(), []string{"--data", dir, "replay", "--type", "login.report"}, nil, &out,
		&errs, func(string) string { return "" })
	if code != exitDone {
		t.Fatalf("replay: got exit code %d, want 0\n%s", code, errs.String())
	}
	for line := range strings.Lines(out.String()) {
		var r realRecord
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			t.Fatal(err)
		}
		records = append(records, r)
	}
	return records
}

var (
	realAttempt = regexp.MustCompile(`^(\w{3} [ \d]\d [\d:]{8}) \S+ sshd\[\d+\]: (?:message repeated (\d+) ` +
		`times: \[ )?(Failed password|Accepted \S+) for (invalid user )?(.*) from \S+ port \d+`)
	realName = regexp.MustCompile(`^[a-z_][a-z0-9_.-]{0,63}$`)
)

func naiveLockouts(t *testing.T) map[string]int {
	text, err := os.ReadFile(realLog)
	if err != nil {
		t.Fatal(err)
	}
	lockouts := map[string]int{}
	failures := map[string][]time.Time{}
	until := map[string]time.Time{}
	clock := map[string]time.Time{}
	for line := range strings.Lines(string(text)) {
		m := realAttempt.FindStringSubmatch(line)
		if m == nil || m[4] != "" || !realName.MatchString(m[5]) {
			continue
		}
		at, err := time.Parse("2006 Jan _2 15:04:05", "2017 "+m[1])
		if err != nil {
			t.Fatal(err)
		}
		user, times := m[5], 1
		if m[2] != "" {
			times, _ = strconv.Atoi(m[2])
		}
		for range times {
			now := at
			if now.Before(clock[user]) {
				now = clock[user]
			}
			clock[user] = now
			if end, locked := until[user]; locked && !now.Before(end) {
				delete(until, user)
				failures[user] = nil
			}
			_, locked := until[user]
			switch {
			case strings.HasPrefix(m[3], "Accepted") && !locked:
				failures[user] = nil
			case m[3] == "Failed password" && locked:
				until[user] = now.Add(24 * time.Hour)
			case m[3] == "Failed password":
				recent := []time.Time{now}
				for _, f := range failures[user] {
					if now.Sub(f) <= 24*time.Hour {
						recent = append(recent, f)
					}
				}
				failures[user] = recent
				if len(recent) >= 10 {
					lockouts[user]++
					until[user] = now.Add(24 * time.Hour)
				}
			}
		}
	}
	return lockouts
}
