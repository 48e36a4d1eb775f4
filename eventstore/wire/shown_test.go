package wire

import (
	"strings"
	"testing"
	"time"

	"authledger/domain"
)

// TestAppendShown_WithoutCase checks each member of a record without its case, and that the record itself
// is unchanged.
func TestAppendShown_WithoutCase(t *testing.T) {
	at := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	for kind, data := range map[string]domain.CommandData{
		"person.hold":    &domain.PersonHold{User: "carol", Case: "L-1", By: "olga", Purpose: "court order"},
		"person.release": &domain.PersonRelease{User: "carol", Case: "L-1", By: "olga"},
		"person.forget":  &domain.PersonForget{User: "carol", Case: "L-1", By: "olga", Purpose: "court order"},
	} {
		r := domain.Record{Seq: 7, Entities: []domain.Entity{"user/carol"}, Time: at, Policy: "p",
			Status: domain.Accepted, Content: domain.Hash{1},
			Command: domain.Command{Source: "officer/olga", ID: "L-1", Caller: "olga", Time: at, Data: data}}
		stored := string(AppendRecord(nil, &r))
		want := `{"seq":7,"entities":["user/carol"],"command":{"type":"` + kind +
			`","time":"2026-03-02T12:00:00Z","data":{"user":"carol"}},"time":"2026-03-02T12:00:00Z",` +
			`"late":false,"backfill":false,"policy":"p","status":"accepted"`
		for name, got := range map[string]string{
			"shown":    string(AppendShown(nil, r.WithoutCase())),
			"erased":   string(AppendErased(nil, r.WithoutCase())),
			"revealed": string(AppendRevealed(nil, r.WithoutCase(), []byte("{}"))),
		} {
			if !strings.HasPrefix(got, want) || strings.Contains(got, "olga") || strings.Contains(got, "L-1") {
				t.Errorf("%s, %s: got %s\nwant %s…", kind, name, got, want)
			}
		}
		got := string(AppendRecord(nil, &r))
		if got != stored || !strings.Contains(got, `"source":"officer/olga"`) {
			t.Errorf("%s: got the stored record %s, want it unchanged: %s", kind, got, stored)
		}
	}
}
