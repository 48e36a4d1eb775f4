package bench

import (
	"context"
	"errors"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"time"

	"authledger/cmd/internal/loadgen"
	"authledger/cmd/internal/node"
	"authledger/cmd/internal/render"
	"authledger/eventstore"
	"authledger/projections"
)

// commandsPerUser is the ratio of generated commands to users. With this ratio nearly every
// user occurs in a command.
const commandsPerUser = 3

// rebuild measures a rebuild of all projections from the log of the import.
func (b *run) rebuild(ctx context.Context) error {
	d, err := node.OpenDirectory(ctx, b.options(dirMain))
	if err != nil {
		return err
	}
	rows, err := projections.Open(filepath.Join(b.dir, dirRows), projections.Options{Log: b.Log})
	if err != nil {
		return errors.Join(err, d.Close())
	}
	rows.Bulk(true)
	begun := time.Now()
	err = eventstore.CatchUp(ctx, d.Manifest, d.Store, rows, nil)
	err = errors.Join(err, rows.Flush(ctx))
	records := rows.Position().Seq
	b.found(float64(records)/time.Since(begun).Seconds(), "records/s", "rebuild of all projections, %s records", render.Grouped(int64(records)))
	b.atLeast(goalRebuild)
	return errors.Join(err, rows.Close(), d.Close())
}

// lookups measures reads of the lockout state of random users.
func (b *run) lookups(ctx context.Context) error {
	n, err := node.Open(ctx, b.options(dirMain))
	if err != nil {
		return err
	}
	took, err := lookUp(ctx, n, userNames(b.size.users), b.size.lookups)
	b.found(float64(len(took))/sum(took).Seconds(), "lookups/s", "lockout of a user, one reader")
	b.found(milliseconds(percentile(took, 99)), "ms", "lockout of a user, p99")
	b.atMost(goalLookup)
	return errors.Join(err, n.Close())
}

func lookUp(ctx context.Context, n *node.Node, users []string, count int) ([]time.Duration, error) {
	chance := rand.New(rand.NewPCG(seed, 0))
	took := make([]time.Duration, count)
	for i := range took {
		begun := time.Now()
		if _, err := n.Queries.Lockout(ctx, users[chance.IntN(len(users))], begun, nil); err != nil {
			return took[:i+1], err
		}
		took[i] = time.Since(begun)
	}
	return took, nil
}

// userNames returns the names of the users that occur in the generated logins.
func userNames(users int) []string {
	seen := make(map[string]bool, users)
	generated := 0
	for c := range loadgen.Logins(seed, users, time.Unix(0, 0)) {
		seen[c.User()] = true
		if generated++; generated >= commandsPerUser*users {
			break
		}
	}
	return slices.Sorted(maps.Keys(seen))
}

func sum(of []time.Duration) (total time.Duration) {
	for _, d := range of {
		total += d
	}
	return total
}
