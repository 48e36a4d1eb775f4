package bench

import (
	"context"
	"errors"
	"io/fs"
	"iter"
	"path/filepath"
	"strconv"
	"time"

	"authledger/cmd/internal/loadgen"
	"authledger/cmd/internal/node"
	"authledger/domain"
)

// capacitySize is the amount of work of a run of [RunCapacity].
type capacitySize struct {
	users   int // users with one first command each
	further int // further commands of all kinds
	each    int // commands of each live measurement
	http    int // users with two commands each over HTTP
}

var (
	capacityFull  = capacitySize{users: 200_000, further: 1_000_000, each: 20_000, http: 20_000}
	capacityQuick = capacitySize{users: 5_000, further: 20_000, each: 1_000, http: 1_000}
)

const (
	dirCapacity    = "capacity"
	capacitySource = "capacity"
)

// capacityOutstanding are the numbers of outstanding commands of the live measurements.
var capacityOutstanding = []int{1, commitOutstanding, 256}

// capacityRun measures the constants of the capacity model.
type capacityRun struct {
	*run
	size capacitySize
}

// RunCapacity measures the constants of the capacity model of docs/scale.md: the CPU time and the
// bytes of a command, of a user and of a record. CPU times include the embedded NATS server.
// It returns an error on a system that does not report CPU times.
func RunCapacity(ctx context.Context, o Options) ([]Figure, error) {
	if _, ok := cpuTime(); !ok {
		return nil, errors.New("this system does not report the CPU time of a process: measure the capacity on a Unix system")
	}
	return inDirectory(o, func(r *run) error {
		c := &capacityRun{run: r, size: capacityFull}
		if o.Quick {
			c.size = capacityQuick
		}
		return inOrder(ctx, c.firstCommands, c.furtherCommands, c.outstanding, c.programs, c.overHTTP)
	})
}

// firstCommands imports one login of each user. Each commits a user to the rows and a key to the ring.
func (c *capacityRun) firstCommands(ctx context.Context) error {
	g, err := c.grow(ctx, c.loginOfEach(), c.size.users)
	if err != nil {
		return err
	}
	const of = "the first command of a user, import"
	c.found(g.cpu, "µs", "CPU time, %s", of)
	c.found(g.log, "bytes", "log, %s", of)
	c.found(g.rows, "bytes", "rows, %s", of)
	c.found(g.keys, "bytes", "keys, %s", of)
	return nil
}

// loginOfEach generates one login of each user.
func (c *capacityRun) loginOfEach() iter.Seq[domain.Command] {
	return func(yield func(domain.Command) bool) {
		for i, user := range loadgen.UserNames(c.size.users) {
			login := domain.Command{
				Source: capacitySource, ID: strconv.Itoa(i), Caller: "bench", Backfill: true,
				Time: c.begun().Add(time.Duration(i) * time.Millisecond),
				Data: &domain.LoginReport{User: user, Outcome: domain.Succeeded, IP: benchAddress},
			}
			if !yield(login) {
				return
			}
		}
	}
}

// begun returns the time of the first command.
func (c *capacityRun) begun() time.Time { return c.Now().UTC().Add(-365 * 24 * time.Hour) }

// furtherCommands imports commands of all kinds of these users.
func (c *capacityRun) furtherCommands(ctx context.Context) error {
	later := c.begun().Add(24 * time.Hour)
	g, err := c.grow(ctx, loadgen.Mixed(seed, c.size.users, later), c.size.further)
	if err != nil {
		return err
	}
	const of = "a further command of all kinds, import"
	c.found(g.cpu, "µs", "CPU time, %s", of)
	c.found(g.log, "bytes", "log, %s", of)
	c.found(g.rows, "bytes", "rows, %s", of)
	c.found(g.perCommit, "commands", "commands of a commit, import")
	return nil
}

// grow imports count commands.
func (c *capacityRun) grow(ctx context.Context, commands iter.Seq[domain.Command], count int) (cost, error) {
	next, stop := iter.Pull(commands)
	defer stop()
	if err := c.writeLines(next, count); err != nil {
		return cost{}, err
	}
	return c.costOf(ctx, count, func(n *node.Node) error { return c.importFile(ctx, n) })
}

// cost is the cost of one command: µs of CPU time, and bytes of files.
type cost struct {
	cpu, log, rows, keys float64
	perCommit            float64 // commands of one commit
}

// costOf opens the node, lets it decide count commands, and closes it. The cost includes the time
// until the rows are on disk.
func (c *capacityRun) costOf(ctx context.Context, count int, decide func(*node.Node) error) (all cost, err error) {
	before, err := c.files()
	if err != nil {
		return all, err
	}
	n, err := node.Open(ctx, c.options(dirCapacity))
	if err != nil {
		return all, err
	}
	commits := n.Rows.Position().Stream
	used, _ := cpuTime()
	err = errors.Join(decide(n), n.Rows.Flush(ctx))
	until, _ := cpuTime()
	commits = n.Rows.Position().Stream - commits
	if err := errors.Join(err, n.Close()); err != nil {
		return all, err
	}
	after, err := c.files()
	each := func(of int64) float64 { return float64(of) / float64(count) }
	all = cost{
		cpu: each((until - used).Nanoseconds()) / 1e3, perCommit: float64(count) / float64(max(commits, 1)),
		log: each(after.log - before.log), rows: each(after.rows - before.rows), keys: each(after.keys - before.keys),
	}
	return all, err
}

// fileSizes are the bytes of the files of a stopped node.
type fileSizes struct{ log, rows, keys int64 }

func (c *capacityRun) files() (s fileSizes, err error) {
	for name, size := range map[string]*int64{"log": &s.log, "projections": &s.rows, "keys": &s.keys} {
		if *size, err = bytesIn(filepath.Join(c.dir, dirCapacity, name)); err != nil {
			return s, err
		}
	}
	return s, nil
}

// bytesIn returns the bytes of all files in a directory, 0 if it does not exist.
func bytesIn(dir string) (total int64, err error) {
	err = filepath.WalkDir(dir, func(_ string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		total += info.Size()
		return nil
	})
	return total, err
}
