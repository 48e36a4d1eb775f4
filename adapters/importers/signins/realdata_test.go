//go:build realdata

package signins_test

import (
	"bytes"
	"maps"
	"os"
	"path/filepath"
	"testing"

	"authledger/adapters/importers/signins"
	"authledger/domain"
)

// exported finds a real file beside the module. With the build tag it must be
// there: a run that shows nothing must not pass.
func exported(t *testing.T, file string) []byte {
	t.Helper()
	path := filepath.Join("..", "..", "..", "..", "shared", "data", "panther-identity", file)
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("reading the real events: %v: put them there, or run without the tag realdata", err)
	}
	return data
}

// The counts of real events of two gateways. Of Okta's 88, 47 have members that a data warehouse
// renamed, and 6 have no time; of the others two sign-ins have no outcome, one has no reason, and
// two contradict themselves. Of Entra's successes one is not interactive.
func TestRealDataSignIns(t *testing.T) {
	for _, c := range []struct {
		gateway, file string
		want          map[string]int
	}{
		{"okta", "okta-system-log.jsonl", map[string]int{
			"lines": 88, "succeeded ": 12, "passed over": 18,
			"rejected eventType": 47, "rejected published": 6,
			"unmapped user.session.start -": 2, "unmapped user.session.start FAILURE": 1,
			"unmapped user.session.start SUCCESS VERIFICATION_ERROR": 2,
		}},
		{"entra", "azure-audit-signin.jsonl", map[string]int{
			"lines": 48, "succeeded ": 10, "failed bad_credentials": 2, "failed gateway_error": 2, "passed over": 34,
		}},
	} {
		got := map[string]int{}
		each(t, open(t, c.gateway, bytes.NewReader(exported(t, c.file))), func(line signins.Line) {
			got["lines"]++
			switch {
			case line.Rejection != nil:
				got["rejected "+line.Rejection.Field]++
			case line.PassedOver:
				got["passed over"]++
			case line.Unmapped != "":
				got["unmapped "+line.Unmapped]++
			}
			for _, command := range line.Commands {
				report := command.Data.(*domain.LoginReport)
				got[string(report.Outcome)+" "+report.Reason]++
				if bad := domain.EmailLogin().BadName(report.User); bad != nil {
					got["bad names"]++
				}
			}
		})
		t.Logf("%s: %v", c.gateway, got)
		if !maps.Equal(got, c.want) {
			t.Errorf("%s: got %v, want %v", c.gateway, got, c.want)
		}
	}
}
