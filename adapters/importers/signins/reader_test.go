package signins_test

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

	"authledger/adapters/importers/signins"
	"authledger/domain"
)

var update = flag.Bool("update", false, "write the .want files anew: read the difference")

var gatewayNames = []string{"okta", "entra", "keycloak"}

func open(t testing.TB, gateway string, in io.Reader) *signins.Reader {
	t.Helper()
	g, ok := signins.Named(gateway)
	if !ok {
		t.Fatalf("gateway %s: got none, want one", gateway)
	}
	r, err := signins.New(in, g, "")
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// each calls do for every line of a file.
func each(t testing.TB, r *signins.Reader, do func(signins.Line)) {
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

func listing(t testing.TB, r *signins.Reader) string {
	var b strings.Builder
	each(t, r, func(line signins.Line) {
		switch {
		case line.Rejection != nil:
			fmt.Fprintln(&b, line.Number, line.Rejection)
		case line.PassedOver:
			fmt.Fprintln(&b, line.Number, "passed over")
		case line.Unmapped != "":
			fmt.Fprintln(&b, line.Number, "unmapped", line.Unmapped)
		case len(line.Commands) == 0:
			fmt.Fprintln(&b, line.Number, "empty")
		}
		for _, c := range line.Commands {
			report := c.Data.(*domain.LoginReport)
			fmt.Fprintf(&b, "%d %s %s %s %s %s %q %q %q\n", line.Number, c.Source, c.ID,
				c.Time.Format(time.RFC3339Nano),
				report.Outcome, report.Reason, report.User, report.IP, report.UserAgent)
		}
	})
	return b.String()
}

// Each .want file of testdata contains the lines of the .jsonl file beside it: the
// attempts that count (LOGIN-3) and the unattributed attempts (LOGIN-9).
func TestFixtures(t *testing.T) {
	for _, gateway := range gatewayNames {
		t.Run(gateway, func(t *testing.T) {
			got := listing(t, open(t, gateway, bytes.NewReader(fixture(t, gateway))))
			wantFile := filepath.Join("testdata", gateway+".want")
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

func fixture(t testing.TB, gateway string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", gateway+".jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

const login = `{"id":"k","time":1772464145000,"type":"LOGIN","realmId":"main","details":{"username":"carol"}}`

func TestCommand_HasEnvelopeOfImport(t *testing.T) {
	line, err := open(t, "keycloak", strings.NewReader(login)).Next()
	if err != nil || len(line.Commands) != 1 {
		t.Fatalf("got %+v, %v, want one command", line, err)
	}
	c := line.Commands[0]
	if !c.Backfill || c.Caller != "import" || c.Source != "import/keycloak/main" || c.Stamped ||
		c.Time.Location() != time.UTC {
		t.Errorf("command: got %+v, want a backfill of import from import/keycloak/main in UTC", c)
	}
	if !domain.ReservedSource(c.Source) {
		t.Errorf("source %s: got a permitted source, want a reserved one", c.Source)
	}
}

// The operator names an Okta org, because Okta's events do not.
func TestSource_ContainsOrg(t *testing.T) {
	okta, _ := signins.Named("okta")
	for org, want := range map[string]string{"": "import/okta", "acme-prod": "import/okta/acme-prod"} {
		r, err := signins.New(bytes.NewReader(fixture(t, "okta")), okta, org)
		if err != nil {
			t.Fatal(err)
		}
		line, err := r.Next()
		if err != nil || len(line.Commands) != 1 || line.Commands[0].Source != want {
			t.Errorf("org %q: got %+v, %v, want source %s", org, line, err, want)
		}
	}
	for _, org := range []string{"a/b", "a b", strings.Repeat("x", 129)} {
		if _, err := signins.New(nil, okta, org); err == nil {
			t.Errorf("org %q: got no error, want one", org)
		}
	}
}

func TestLinesAreBounded(t *testing.T) {
	largest := login + strings.Repeat(" ", signins.LineBytesMax-len(login))
	for _, c := range []struct {
		name, in string
		whole    bool
	}{
		{"longest permitted line", largest + "\r\n" + login, true},
		{"one byte more", largest + " \n" + login, false},
		{"a mebibyte", strings.Repeat("y", 1<<20) + "\n" + login, false},
		{"after a byte order mark", "\uFEFF" + login + "\n" + login, true},
	} {
		r := open(t, "keycloak", iotest.HalfReader(strings.NewReader(c.in)))
		line, err := r.Next()
		if err != nil || (len(line.Commands) == 1) != c.whole {
			t.Errorf("%s: got %+v, %v, want a command %t", c.name, line, err, c.whole)
		}
		if !c.whole && line.Rejection.Reason != domain.TooLarge {
			t.Errorf("%s: got rejection %v, want %s", c.name, line.Rejection, domain.TooLarge)
		}
		if next, err := r.Next(); err != nil || next.Number != 2 || len(next.Commands) != 1 {
			t.Errorf("%s, next line: got %+v, %v, want the command of line 2", c.name, next, err)
		}
	}
}

func TestReadingFails(t *testing.T) {
	broken := errors.New("disk read error")
	r := open(t, "keycloak", io.MultiReader(strings.NewReader(login+"\n"), iotest.ErrReader(broken)))
	if line, err := r.Next(); err != nil || len(line.Commands) != 1 {
		t.Fatalf("line before the read error: got %+v, %v, want a command", line, err)
	}
	for range 2 {
		if _, err := r.Next(); !errors.Is(err, broken) || !strings.Contains(err.Error(), "line 2") {
			t.Errorf("read error: got %v, want %v at line 2", err, broken)
		}
	}
}

func TestAdoptEmailLogin(t *testing.T) {
	at := time.Date(2026, 3, 2, 15, 9, 0, 0, time.UTC)
	c := signins.AdoptEmailLogin("import/okta", at)
	adopt := c.Data.(*domain.PolicyAdopt)
	if c.Source != "import/okta" || !c.Time.Equal(at) || !c.Backfill || c.Caller != "import" ||
		adopt.By != "import" {
		t.Errorf("command: got %+v, want a backfill of import from import/okta at %v", c, at)
	}
	r := adopt.Check()
	if r != nil || adopt.Policy.Version != "email-login@1" || adopt.Policy.BadName("ann@example.com") != nil {
		t.Errorf("policy: got %+v, %v, want a valid email-login@1 that permits ann@example.com", adopt.Policy, r)
	}
}
