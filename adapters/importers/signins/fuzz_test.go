package signins_test

import (
	"bytes"
	"net/netip"
	"strings"
	"testing"
	"unicode/utf8"

	"authledger/adapters/importers/signins"
	"authledger/domain"
	"authledger/eventstore/wire"
)

// FuzzRead reads a file twice as each gateway's, and passes the commands to the
// reader of commands.
func FuzzRead(f *testing.F) {
	for _, gateway := range gatewayNames {
		f.Add(fixture(f, gateway))
		for line := range bytes.Lines(fixture(f, gateway)) {
			f.Add(line)
		}
	}
	f.Add([]byte("\uFEFF" + `{"event":{"event":{}}}` + "\r\n\n" +
		`{"type":"LOGIN","time":9e999,"details":{"username":"\ud800"}}`))
	f.Fuzz(func(t *testing.T, file []byte) {
		for _, gateway := range gatewayNames {
			each(t, open(t, gateway, bytes.NewReader(file)), func(line signins.Line) { checkLine(t, gateway, line) })
			first := listing(t, open(t, gateway, bytes.NewReader(file)))
			if second := listing(t, open(t, gateway, bytes.NewReader(file))); first != second {
				t.Fatalf("second reading: got\n%s, want\n%s", second, first)
			}
		}
	})
}

func checkLine(t *testing.T, gateway string, line signins.Line) {
	became := len(line.Commands)
	for _, is := range []bool{line.Rejection != nil, line.PassedOver, line.Unmapped != ""} {
		if is {
			became++
		}
	}
	if became > 1 {
		t.Fatalf("line %d: got %d results, want at most 1: %+v", line.Number, became, line)
	}
	if strings.ContainsFunc(line.Unmapped, func(c rune) bool { return c < ' ' || c > '~' }) {
		t.Fatalf("line %d: got unmapped %q, want printable ASCII", line.Number, line.Unmapped)
	}
	for i := range line.Commands {
		checkCommand(t, gateway, &line.Commands[i])
	}
}

// checkCommand fails unless the ledger accepts the command.
func checkCommand(t *testing.T, gateway string, c *domain.Command) {
	if !strings.HasPrefix(c.Source, "import/"+gateway) || !c.Backfill || c.Caller != "import" {
		t.Fatalf("command: got %+v, want a backfill of import from import/%s", c, gateway)
	}
	if wrong := domain.WrongEnvelope(c.Source, domain.SourceBytesMax) +
		domain.WrongEnvelope(c.ID, domain.IDBytesMax); wrong != "" {
		t.Fatalf("command: got %+v, want a valid source and id: %s", c, wrong)
	}
	report := c.Data.(*domain.LoginReport)
	if !utf8.ValidString(report.User) || report.User == "" ||
		strings.ContainsFunc(report.User, func(c rune) bool { return 'A' <= c && c <= 'Z' }) {
		t.Fatalf("user: got %q, want valid UTF-8 without A to Z", report.User)
	}
	if _, err := netip.ParseAddr(report.IP); report.IP != "" && err != nil {
		t.Fatalf("ip: got %q, want an address or \"\"", report.IP)
	}
	again, wrong := wire.ReadTyped("login.report", wire.AppendData(nil, report))
	if wrong != nil || *again.(*domain.LoginReport) != *report {
		t.Fatalf("report after a round trip: got %+v, %v, want %+v", again, wrong, report)
	}
}
