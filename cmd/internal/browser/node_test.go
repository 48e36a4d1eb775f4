//go:build e2e

package browser

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"authledger/cmd/internal/ingest"
	"authledger/cmd/internal/loadgen"
	"authledger/cmd/internal/node"
	"authledger/domain"
)

// usersOfDay is the number of users of the generated day.
const usersOfDay = 300

// startNode runs a node with a generated day that ends now, and returns it with its URL.
func startNode(t *testing.T) (*node.Node, string) {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	e, err := node.StartServer(node.ServerOptions{Listen: "127.0.0.1:0", Log: log, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	n, err := node.Open(t.Context(), node.Options{
		Dir: t.TempDir(), Realm: "main", Name: "n1", Unsynced: true, Log: log, Now: time.Now,
		Observe: e.Metrics.Observer(),
	})
	if err != nil {
		t.Fatal(errors.Join(err, e.Shutdown()))
	}
	t.Cleanup(func() {
		if err := errors.Join(e.Shutdown(), n.Close()); err != nil {
			t.Error(err)
		}
	})
	e.ServeNode(n)
	importDay(t, n)
	return n, e.URL()
}

func importDay(t *testing.T, n *node.Node) {
	t.Helper()
	items := func(yield func(ingest.Item) bool) {
		line := 0
		for c := range loadgen.Brokerage(1, time.Now(), usersOfDay, 1) {
			line++
			if !yield(ingest.Item{Line: line, Commands: []domain.Command{c}}) {
				return
			}
		}
	}
	run := ingest.Pipeline{Ledger: n.Ledger, Items: items, Report: func(*ingest.Batch) error { return nil }}
	if err := run.Run(context.WithoutCancel(t.Context())); err != nil {
		t.Fatal(err)
	}
}
