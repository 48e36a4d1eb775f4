//go:build faults

package faults

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"authledger/cmd/internal/node"
	"authledger/domain"
	"authledger/eventstore"
)

const (
	baseRecords = 5000
	baseUsers   = 150
	// baseAgent makes large records, so that the log needs several of the server's
	// files of 8 MiB: a control character takes six bytes in JSON.
	baseAgent = 500
)

// base is a stopped data directory, and an older copy of it.
type base struct {
	Dir   string
	Older string // copied after three fifths of the records
}

// buildBase creates a ledger of the past, so that no timer adds records.
func buildBase(t *testing.T, seed uint64) base {
	t.Helper()
	root := fastDir(t)
	b := base{filepath.Join(root, "base"), filepath.Join(root, "older")}
	g := newGateway(seed, 0, baseUsers)
	must(t, fillBase(b.Dir, g, baseRecords*3/5))
	must(t, copyDir(b.Older, b.Dir))
	must(t, fillBase(b.Dir, g, baseRecords-baseRecords*3/5))
	return b
}

func fillBase(dir string, g *gateway, records int) error {
	return withFaultNode(dir, func(ctx context.Context, n *node.Node) error {
		tickets := make([]*eventstore.Ticket, 0, records)
		for range records {
			t, err := n.Ledger.Submit(ctx, baseCommand(g))
			if err != nil {
				return err
			}
			tickets = append(tickets, t)
		}
		for _, t := range tickets {
			if v, err := t.Wait(ctx); err != nil || v.Status == domain.Invalid {
				return fmt.Errorf("fill the base: got %v %s %s, want a recorded verdict: %w", v.Status, v.Reason,
					v.Detail, err)
			}
		}
		return nil
	})
}

var baseBegin = time.Date(2025, 3, 1, 8, 0, 0, 0, time.UTC)

// baseCommand returns a backfill, one second after the one before.
func baseCommand(g *gateway) domain.Command {
	c := g.next(baseBegin.Add(time.Duration(g.count) * time.Second))
	c.Backfill = true
	if r, ok := c.Data.(*domain.LoginReport); ok {
		r.UserAgent = strings.Repeat("\x01", baseAgent) + randomText(g.chance)
	}
	if b, ok := c.Data.(*domain.LoginBegin); ok {
		b.UserAgent = strings.Repeat("\x01", baseAgent) + randomText(g.chance)
	}
	return c
}

func randomText(chance *rand.Rand) string { return fmt.Sprintf("%x", chance.Uint64()) }
