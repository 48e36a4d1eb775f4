package sshd_test

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"authledger/adapters/importers/sshd"
	"authledger/domain"
)

var update = flag.Bool("update", false, "write the .want files anew: read the difference")

func newYork(t testing.TB) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

func open(t testing.TB, log io.Reader, year int, zone *time.Location) *sshd.Reader {
	t.Helper()
	r, err := sshd.New(log, year, zone)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// each reads the whole log.
func each(t tester, r *sshd.Reader, do func(sshd.Line)) {
	t.Helper()
	for {
		line, err := r.Next()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		do(line)
	}
}

func listing(t testing.TB, r *sshd.Reader) string {
	var b strings.Builder
	each(t, r, func(line sshd.Line) {
		switch {
		case line.Rejection != nil:
			fmt.Fprintln(&b, line.Number, line.Rejection)
		case len(line.Commands) == 0:
			fmt.Fprintln(&b, line.Number, "skipped")
		}
		for _, c := range line.Commands {
			report := c.Data.(*domain.LoginReport)
			reason := report.Reason
			if reason == "" {
				reason = "-"
			}
			fmt.Fprintf(&b, "%d %s %s %s %s %q %q\n", line.Number, c.ID, c.Time.Format(time.RFC3339Nano),
				report.Outcome, reason, report.User, report.IP)
		}
	})
	return b.String()
}

// Each .want file of testdata contains the results of the .log file beside it.
func TestFixtures(t *testing.T) {
	logs, err := filepath.Glob("testdata/*.log")
	if err != nil || len(logs) == 0 {
		t.Fatalf("fixtures: got %d files, %v, want at least 1", len(logs), err)
	}
	for _, log := range logs {
		t.Run(filepath.Base(log), func(t *testing.T) {
			data, err := os.ReadFile(log)
			if err != nil {
				t.Fatal(err)
			}
			got := listing(t, open(t, bytes.NewReader(data), 2023, newYork(t)))
			wantFile := strings.TrimSuffix(log, ".log") + ".want"
			if *update {
				if err := os.WriteFile(wantFile, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(wantFile)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

const login = " h sshd[1]: Failed password for root from 192.0.2.1 port 22 ssh2\n"

func TestCommand_HasEnvelopeOfImport(t *testing.T) {
	r := open(t, strings.NewReader("Mar  7 08:00:00"+login), 2023, time.UTC)
	if r.Source() != "" {
		t.Errorf("source before the first line: got %q, want \"\"", r.Source())
	}
	line, err := r.Next()
	if err != nil || len(line.Commands) != 1 {
		t.Fatalf("got %+v, %v, want one command", line, err)
	}
	c := line.Commands[0]
	if !c.Backfill || c.Caller != "import" || c.Source != r.Source() || c.Stamped ||
		c.Time.Location() != time.UTC {
		t.Errorf("command: got %+v, want a backfill of import from %s in UTC", c, r.Source())
	}
}

// The digest in the source is the beginning of the SHA-256 of the first line, so that an operator
// can check it with sha256sum.
func TestSource_IsHashOfFirstLine(t *testing.T) {
	const want = "import/sshd/2c26b46b68ffc68f" // SHA-256 of "foo"
	for _, log := range []string{"foo", "foo\n", "foo\nMar  7 08:00:00" + login} {
		r := open(t, strings.NewReader(log), 2023, time.UTC)
		each(t, r, func(sshd.Line) {})
		if r.Source() != want {
			t.Errorf("log %q: got source %s, want %s", log, r.Source(), want)
		}
	}
	r := open(t, strings.NewReader("bar\n"), 2023, time.UTC)
	each(t, r, func(sshd.Line) {})
	if r.Source() == want {
		t.Errorf("source of a log with another first line: got %s, want a different source", want)
	}
}

func TestGrownLog_KeepsEarlierLines(t *testing.T) {
	data, err := os.ReadFile("testdata/day.log")
	if err != nil {
		t.Fatal(err)
	}
	whole := listing(t, open(t, bytes.NewReader(data), 2023, time.UTC))
	for at, b := range data {
		if b != '\n' {
			continue
		}
		part := listing(t, open(t, bytes.NewReader(data[:at+1]), 2023, time.UTC))
		if !strings.HasPrefix(whole, part) {
			t.Fatalf("first %d bytes: got lines\n%s\nwant the first lines of the whole log", at+1, part)
		}
	}
}

func TestLinesAreBounded(t *testing.T) {
	pad := func(n int) string {
		const end = " from 192.0.2.1 port 22 ssh2"
		start := "Mar  7 08:00:00 h sshd[1]: Failed password for "
		return start + strings.Repeat("x", n-len(start)-len(end)) + end
	}
	for _, c := range []struct {
		name, line string
		whole      bool
	}{
		{"longest permitted line", pad(sshd.LineBytesMax), true},
		{"one byte more", pad(sshd.LineBytesMax + 1), false},
		{"a mebibyte", pad(1 << 20), false},
		{"several buffers exactly", pad(2 * (sshd.LineBytesMax + 1)), false},
	} {
		for _, end := range []string{"", "\n", "\nMar  7 08:00:01" + login} {
			r := open(t, strings.NewReader(c.line+end), 2023, time.UTC)
			line, err := r.Next()
			if err != nil {
				t.Fatalf("%s: %v", c.name, err)
			}
			if whole := len(line.Commands) == 1; whole != c.whole {
				t.Errorf("%s: got a command %t, want %t", c.name, whole, c.whole)
			}
			if !c.whole && line.Rejection.Reason != domain.TooLarge {
				t.Errorf("%s: got rejection %v, want %s", c.name, line.Rejection, domain.TooLarge)
			}
			each(t, r, func(next sshd.Line) {
				if next.Number != 2 || len(next.Commands) != 1 {
					t.Errorf("%s, next line: got %+v, want the command of line 2", c.name, next)
				}
			})
			if want := sourceOf(c.line); r.Source() != want {
				t.Errorf("%s: got source %s, want %s", c.name, r.Source(), want)
			}
		}
	}
}

func TestRepetitions_UpToMaximum(t *testing.T) {
	log := fmt.Sprintf("Mar  7 08:00:00 h sshd[1]: message repeated %d times: [ Accepted password for "+
		"bob from 192.0.2.1 port 22 ssh2]\n", sshd.RepetitionsMax)
	r := open(t, strings.NewReader(log), 2023, time.UTC)
	line, err := r.Next()
	if err != nil || len(line.Commands) != sshd.RepetitionsMax {
		t.Fatalf("repeated message: got %d commands, %v, want %d", len(line.Commands), err, sshd.RepetitionsMax)
	}
	last := line.Commands[sshd.RepetitionsMax-1]
	if last.ID != "1.10000" {
		t.Errorf("last repetition: got id %s, want 1.10000", last.ID)
	}
	if last.Data == line.Commands[0].Data {
		t.Error("first and last repetition: got shared data, want data of their own")
	}
}

func TestCounts(t *testing.T) {
	data, err := os.ReadFile("testdata/day.log")
	if err != nil {
		t.Fatal(err)
	}
	r := open(t, bytes.NewReader(append(data, "Mar  7 08:00:00 h sshd[1]: Failed password for\n"+
		"Mar  7 08:00:00 h sshd[1]: Failed password for root\n"...)), 2023, time.UTC)
	each(t, r, func(sshd.Line) {})
	got, want := r.Counts(), (sshd.Counts{Lines: 15, Logins: 8, Attempts: 10, Skipped: 6, Rejected: 1})
	if got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestReadingFails(t *testing.T) {
	broken := errors.New("disk read error")
	log := io.MultiReader(strings.NewReader("Mar  7 08:00:00"+login), iotest.ErrReader(broken))
	r := open(t, log, 2023, time.UTC)
	if line, err := r.Next(); err != nil || len(line.Commands) != 1 {
		t.Fatalf("line before the read error: got %+v, %v, want a command", line, err)
	}
	for range 2 {
		if _, err := r.Next(); !errors.Is(err, broken) || !strings.Contains(err.Error(), "line 2") {
			t.Errorf("read error: got %v, want %v at line 2", err, broken)
		}
	}
}

func TestNew_RejectsInvalidYearAndZone(t *testing.T) {
	for _, year := range []int{-1, 17, 1969, 10_000} {
		if _, err := sshd.New(strings.NewReader(""), year, time.UTC); err == nil {
			t.Errorf("New with the year %d: got no error, want one", year)
		}
	}
	if _, err := sshd.New(strings.NewReader(""), 2023, nil); err == nil {
		t.Error("New without a zone: got no error, want one")
	}
}

// A reader without a year ends at the first attempt whose time shows no year. It accepts lines
// without an attempt.
func TestReaderWithoutAYear(t *testing.T) {
	const attempt = "host sshd[7]: Failed password for alice from 192.0.2.7 port 4022 ssh2\n"
	r := open(t,
		strings.NewReader("Mar 29 10:42:44 host cron[1]: started\n2026-03-29T10:42:45Z "+attempt+"Mar 29 10:42:46 "+
			attempt+"2026-03-29T10:42:47Z "+attempt), 0, time.UTC)
	for _, want := range []int{0, 1} {
		if line, err := r.Next(); err != nil || len(line.Commands) != want || line.Rejection != nil {
			t.Fatalf("got %+v, %v, want %d commands", line, err, want)
		}
	}
	for range 2 {
		if line, err := r.Next(); !errors.Is(err, sshd.ErrNoYear) || !strings.Contains(err.Error(), "line 3") {
			t.Fatalf("attempt without a year: got %+v, %v, want ErrNoYear of line 3", line, err)
		}
	}
}

func TestAdoptPOSIXHost(t *testing.T) {
	at := time.Date(2017, 3, 27, 13, 8, 9, 0, time.UTC)
	c := sshd.AdoptPOSIXHost("import/sshd/0", at)
	adopt := c.Data.(*domain.PolicyAdopt)
	if c.Source != "import/sshd/0" || c.ID != "policy" || !c.Time.Equal(at) || !c.Backfill ||
		c.Caller != "import" || adopt.By != "import" {
		t.Errorf("command: got %+v, want a backfill of import from import/sshd/0 at %v", c, at)
	}
	r := adopt.Check()
	if r != nil || adopt.Policy.Version != domain.POSIXHost().Version || adopt.Policy.BadName("root") != nil {
		t.Errorf("policy: got %+v, %v, want a valid posix-host that permits root", adopt.Policy, r)
	}
}
