//go:build realdata

package main

import (
	"bytes"
	"context"
	"maps"
	"path/filepath"
	"testing"

	"authledger/cmd/internal/ingest"
	"authledger/domain"
)

// realSignIns is a directory with unrelated events of real gateways. Some events are repeated, and
// in each file one event has the id of a different event.
const realSignIns = root + "/../shared/data/panther-identity"

// TestRealDataSignInsImport imports the events of two gateways, each twice into one ledger, and
// verifies the ledgers.
func TestRealDataSignInsImport(t *testing.T) {
	for _, c := range []struct {
		gateway, file string
		first, second ingest.Tally
	}{
		{
			"okta", "okta-system-log.jsonl",
			ingest.Tally{Lines: 88, Commands: 12, Accepted: 3, Duplicates: 8,
				Invalid: map[domain.Reason]int{"malformed": 53, "id_reused": 1},
				SignIns: &ingest.SignInTally{PassedOver: 18, Unmapped: 5}},
			ingest.Tally{Lines: 88, Commands: 12, Accepted: 0, Duplicates: 11,
				Invalid: map[domain.Reason]int{"malformed": 53, "id_reused": 1},
				SignIns: &ingest.SignInTally{PassedOver: 18, Unmapped: 5}},
		},
		{
			"entra", "azure-audit-signin.jsonl",
			ingest.Tally{Lines: 48, Commands: 14, Accepted: 13, Invalid: map[domain.Reason]int{"id_reused": 1},
				SignIns: &ingest.SignInTally{PassedOver: 34}},
			ingest.Tally{Lines: 48, Commands: 14, Duplicates: 13, Invalid: map[domain.Reason]int{"id_reused": 1},
				SignIns: &ingest.SignInTally{PassedOver: 34}},
		},
	} {
		dir := filepath.Join(t.TempDir(), c.gateway)
		for _, want := range []*ingest.Tally{&c.first, &c.second} {
			var got ingest.Tally
			runJSON(t, &got, "--data", dir, "--json", "import", "--from", c.gateway,
				filepath.Join(realSignIns, c.file))
			t.Logf("%s: %d lines, %d attempts, %d accepted, %d duplicates, invalid %v, %d passed over, unmapped %v",
				c.gateway, got.Lines, got.Commands, got.Accepted, got.Duplicates, got.Invalid, got.SignIns.PassedOver,
				got.SignIns.Codes)
			if got.Lines != want.Lines || got.Skipped != 0 || got.Commands != want.Commands ||
				got.Accepted != want.Accepted ||
				got.Duplicates != want.Duplicates || len(got.Refused) != 0 || !maps.Equal(got.Invalid, want.Invalid) ||
				got.SignIns.PassedOver != want.SignIns.PassedOver || got.SignIns.Unmapped != want.SignIns.Unmapped {
				t.Errorf("%s: got %+v %+v, want %+v", c.gateway, got, got.SignIns, want)
			}
		}
		var out, errs bytes.Buffer
		code := run(context.Background(), []string{"--data", dir, "verify"}, nil, &out, &errs,
			func(string) string { return "" })
		if code != exitDone {
			t.Errorf("%s, verify: got exit code %d, want 0\n%s%s", c.gateway, code, out.String(), errs.String())
		}
	}
}
