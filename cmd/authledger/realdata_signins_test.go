//go:build realdata

package main

import (
	"bytes"
	"context"
	"maps"
	"path/filepath"
	"testing"

	"authledger/domain"
)

// realSignIns are single events of real gateways, beside the project. They are
// no history: some are there several times, and one of each file has the id of
// another.
const realSignIns = root + "/../shared/data/panther-identity"

// TestRealDataSignInsImport takes the events of two gateways in, twice, and
// verifies the ledgers.
func TestRealDataSignInsImport(t *testing.T) {
	for _, c := range []struct {
		gateway, file string
		first, second tally
	}{
		{
			"okta", "okta-system-log.jsonl",
			tally{Lines: 88, Commands: 12, Accepted: 3, Duplicates: 8, Invalid: map[domain.Reason]int{"malformed": 53, "id_reused": 1}, SignIns: &signInTally{PassedOver: 18, Unmapped: 5}},
			tally{Lines: 88, Commands: 12, Accepted: 0, Duplicates: 11, Invalid: map[domain.Reason]int{"malformed": 53, "id_reused": 1}, SignIns: &signInTally{PassedOver: 18, Unmapped: 5}},
		},
		{
			"entra", "azure-audit-signin.jsonl",
			tally{Lines: 48, Commands: 15, Accepted: 14, Invalid: map[domain.Reason]int{"id_reused": 1}, SignIns: &signInTally{PassedOver: 33}},
			tally{Lines: 48, Commands: 15, Duplicates: 14, Invalid: map[domain.Reason]int{"id_reused": 1}, SignIns: &signInTally{PassedOver: 33}},
		},
	} {
		dir := filepath.Join(t.TempDir(), c.gateway)
		for _, want := range []*tally{&c.first, &c.second} {
			var got tally
			runJSON(t, &got, "--data", dir, "--json", "import", "--from", c.gateway, filepath.Join(realSignIns, c.file))
			t.Logf("%s: %d lines, %d attempts, %d accepted, %d duplicates, invalid %v, %d passed over, unmapped %v",
				c.gateway, got.Lines, got.Commands, got.Accepted, got.Duplicates, got.Invalid, got.SignIns.PassedOver, got.SignIns.Codes)
			if got.Lines != want.Lines || got.Skipped != 0 || got.Commands != want.Commands || got.Accepted != want.Accepted ||
				got.Duplicates != want.Duplicates || len(got.Refused) != 0 || !maps.Equal(got.Invalid, want.Invalid) ||
				got.SignIns.PassedOver != want.SignIns.PassedOver || got.SignIns.Unmapped != want.SignIns.Unmapped {
				t.Errorf("%s: got %+v %+v", c.gateway, got, got.SignIns)
			}
		}
		var out, errs bytes.Buffer
		if code := run(context.Background(), []string{"--data", dir, "verify"}, nil, &out, &errs, func(string) string { return "" }); code != exitDone {
			t.Errorf("verify: exit %d\n%s%s", code, out.String(), errs.String())
		}
	}
}
