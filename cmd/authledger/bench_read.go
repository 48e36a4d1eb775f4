package main

import (
	"context"
	"errors"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"time"

	"authledger/adapters/traffic"
	"authledger/eventstore"
	"authledger/projections"
)

// benchAsked is how many commands a user the traffic is asked for its users:
// enough that nearly all have been named.
const benchAsked = 3

// rebuild measures all projections built anew from the import's log.
func (b *bench) rebuild(ctx context.Context) error {
	d, err := openDisk(ctx, b.options(benchMain))
	if err != nil {
		return err
	}
	rows, err := projections.Open(filepath.Join(b.dir, benchRows), projections.Options{Log: b.program.log})
	if err != nil {
		return errors.Join(err, d.close())
	}
	rows.Bulk(true)
	begun := time.Now()
	err = eventstore.CatchUp(ctx, d.manifest, d.store, rows, nil)
	err = errors.Join(err, rows.Flush(ctx))
	records := rows.Position().Seq
	b.found(float64(records)/time.Since(begun).Seconds(), "records/s", "rebuild of all projections, %s records", grouped(int64(records)))
	b.atLeast(goalRebuild)
	return errors.Join(err, rows.Close(), d.close())
}

// lookups measures "is this user locked?" for users at random.
func (b *bench) lookups(ctx context.Context) error {
	n, err := openNode(ctx, b.options(benchMain))
	if err != nil {
		return err
	}
	took, err := lookUp(ctx, n, benchUsers(b.size.users), b.size.lookups)
	b.found(float64(len(took))/sum(took).Seconds(), "lookups/s", "lockout of a user, one reader")
	b.found(milliseconds(percentile(took, 99)), "ms", "lockout of a user, p99")
	b.atMost(goalLookup)
	return errors.Join(err, n.close())
}

func lookUp(ctx context.Context, n *node, users []string, count int) ([]time.Duration, error) {
	chance := rand.New(rand.NewPCG(benchSeed, 0))
	took := make([]time.Duration, count)
	for i := range took {
		begun := time.Now()
		if _, err := n.rows.Lockout(ctx, n.ledger, users[chance.IntN(len(users))], begun, nil); err != nil {
			return took[:i+1], err
		}
		took[i] = time.Since(begun)
	}
	return took, nil
}

// benchUsers are users that the bench's traffic names.
func benchUsers(most int) []string {
	seen := make(map[string]bool, most)
	asked := 0
	for c := range traffic.Bench(benchSeed, most, time.Unix(0, 0)) {
		seen[c.User()] = true
		if asked++; asked >= benchAsked*most {
			break
		}
	}
	users := make([]string, 0, len(seen))
	for u := range seen {
		users = append(users, u)
	}
	slices.Sort(users)
	return users
}

func sum(of []time.Duration) (total time.Duration) {
	for _, d := range of {
		total += d
	}
	return total
}
