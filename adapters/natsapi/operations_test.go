package natsapi

import (
	"slices"
	"strings"
	"testing"

	"authledger/adapters/natsconn"
	"authledger/domain"
	"authledger/domain/access"
	"authledger/domain/operations"
	"authledger/eventstore/natsd"
)

// TestEveryOperationHasEndpoint checks that every row of the table of operations has an endpoint with
// the summary of the row, and that exactly the roles with the right of the row may publish to it.
func TestEveryOperationHasEndpoint(t *testing.T) {
	server, err := natsd.Start(t.Context(), natsd.Config{Dir: t.TempDir(), NodeAccount: true, Log: quietLog})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	s, err := startService(t.Context(), dial(t, server), &Options{Log: quietLog})
	if err != nil {
		t.Fatal(err)
	}
	summaries := make(map[string]string)
	for _, e := range s.micro.Info().Endpoints {
		summaries[e.Name] = e.Metadata[summaryKey]
	}
	for _, kind := range domain.ClientCommands() {
		got, want := summaries[strings.ReplaceAll(kind, ".", "-")], domain.CommandSummary(kind)
		if got != want || got == "" {
			t.Errorf("endpoint of %s: got summary %q, want %q", kind, got, want)
		}
	}
	for _, o := range operations.All() {
		if summaries[o.Name] != o.Summary {
			t.Errorf("endpoint %s: got summary %q, want %q", o.Name, summaries[o.Name], o.Summary)
		}
		for _, role := range access.Roles() {
			publish, _ := Permissions("main", &access.Caller{Name: "a", Role: role})
			got := slices.Contains(publish, natsconn.QuerySubject("main", "a", o.Name))
			if want := role.May(access.Right(o.Right)); got != want {
				t.Errorf("permission of %s to query %s: got %t, want %t", role, o.Name, got, want)
			}
		}
	}
}
