package bench

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/cockroachdb/pebble/v2"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"authledger/cmd/internal/node"
	"authledger/domain"
	"authledger/eventstore/natsd"
)

// commitOutstanding is the number of outstanding commands when commands share syncs.
const commitOutstanding = 64

// The goals of commits.
const (
	goalKnown     = 1.6  // p50 of a known user, divided by the p50 of a JetStream publish
	goalNew       = 1.05 // p50 of a new user, divided by the p50 of a known user
	goalPerCommit = 24   // commands a commit
	goalPebble    = 0.6  // commands a second, divided by the synchronous writes of Pebble a second
)

// benchAddress is the client address of all logins of commits.
const benchAddress = "192.0.2.7"

// commits compares commands with synchronous writes of the same bytes to the same disk, one at a
// time and with commitOutstanding outstanding.
func (b *run) commits(ctx context.Context) error {
	n, err := node.Open(ctx, b.options(dirCommits))
	if err != nil {
		return err
	}
	c := commitRun{run: b, node: n}
	return errors.Join(inOrder(ctx, c.oneByOne, c.shared), n.Close())
}

// commitRun is the state of commits.
type commitRun struct {
	*run
	node    *node.Node
	ids     atomic.Int64
	message []byte // a message of the log with one command
}

// login records a login of a user.
func (c *commitRun) login(ctx context.Context, user string) error {
	v, err := c.node.Ledger.Do(ctx, domain.Command{
		Source: "bench", ID: strconv.FormatInt(c.ids.Add(1), 10), Time: c.Now().UTC(), Caller: "bench",
		Data: &domain.LoginReport{User: user, Outcome: domain.Succeeded, IP: benchAddress},
	})
	if err != nil {
		return err
	}
	return notInvalid(&v)
}

// newestMessage reads the newest message of the log, as the store returns it.
func (c *commitRun) newestMessage(ctx context.Context) error {
	last, err := c.node.Store.Last(ctx)
	if err != nil {
		return err
	}
	m, err := c.node.Store.Get(ctx, last)
	c.message = m.Data
	return err
}

// oneByOne measures in turns a command of a new user, a command of a known user, a publish to
// JetStream and an append to a file, so that a disturbance affects all of them.
func (c *commitRun) oneByOne(ctx context.Context) error {
	const known = "known"
	if err := errors.Join(c.login(ctx, known), c.newestMessage(ctx)); err != nil {
		return err
	}
	publish, stop, err := c.publisher(ctx)
	if err != nil {
		return err
	}
	defer stop()
	file, err := openGroupFile(c.dir)
	if err != nil {
		return err
	}
	steps := []func(turn int) error{
		func(turn int) error { return c.login(ctx, "one-"+strconv.Itoa(turn)) },
		func(int) error { return c.login(ctx, known) },
		func(int) error { return publish() },
		func(int) error { return file.append(c.message) },
	}
	took, err := inTurns(c.size.commitTurns, steps)
	if err := errors.Join(err, file.close()); err != nil {
		return err
	}
	c.medians(took)
	return nil
}

// medians adds the figures of oneByOne.
func (c *commitRun) medians(took [][]time.Duration) {
	p50 := make([]float64, len(took))
	for i, what := range []string{"first command of a new user", "command of a known user",
		"synchronous JetStream publish of the same bytes", "append and fdatasync of the same bytes"} {
		p50[i] = milliseconds(percentile(took[i], 50))
		c.found(p50[i], "ms", "%s, one after another, p50", what)
	}
	first, known, publish, file := p50[0], p50[1], p50[2], p50[3]
	c.found(known/publish, "×", "p50 of a known user, divided by that of a JetStream publish")
	c.atMost(goalKnown)
	c.found(first/known, "×", "p50 of a new user, divided by that of a known user")
	c.atMost(goalNew)
	c.found(known/file, "×", "p50 of a known user, divided by that of an append and fdatasync")
}

// inTurns calls the steps one after another in each turn, and returns the durations of each step.
func inTurns(turns int, steps []func(turn int) error) ([][]time.Duration, error) {
	took := make([][]time.Duration, len(steps))
	for turn := range turns {
		for i, step := range steps {
			begun := time.Now()
			if err := step(turn); err != nil {
				return took, err
			}
			took[i] = append(took[i], time.Since(begun))
		}
	}
	return took, nil
}

// publisher starts a server of its own, and returns a function that publishes the message and waits
// for its acknowledgement.
func (c *commitRun) publisher(ctx context.Context) (publish func() error, stop func(), err error) {
	server, err := natsd.Start(ctx, natsd.Config{Dir: filepath.Join(c.dir, dirPublish), Log: c.Log})
	if err != nil {
		return nil, nil, err
	}
	conn, err := nats.Connect("", nats.InProcessServer(server))
	if err != nil {
		server.Close()
		return nil, nil, err
	}
	stop = func() { conn.Close(); server.Close() }
	js, err := jetstream.New(conn)
	if err == nil {
		_, err = js.CreateStream(ctx, jetstream.StreamConfig{Name: "PUBLISH", Subjects: []string{"publish"},
			Storage: jetstream.FileStorage})
	}
	if err != nil {
		stop()
		return nil, nil, err
	}
	return func() error {
		_, err := js.Publish(ctx, "publish", c.message)
		return err
	}, stop, nil
}

// shared measures commitOutstanding outstanding commands of new and of known users, and the same
// number of outstanding writes to Pebble and to a file with group commit.
func (c *commitRun) shared(ctx context.Context) error {
	login := func(i int) error { return c.login(ctx, "shared-"+strconv.Itoa(i)) }
	for _, users := range []string{"new", "known"} { // the second pass has the users of the first
		before, err := c.node.Store.Last(ctx)
		if err != nil {
			return err
		}
		rate, err := rateOf(c.size.each, commitOutstanding, login)
		if err != nil {
			return err
		}
		after, err := c.node.Store.Last(ctx)
		if err != nil {
			return err
		}
		c.found(rate, "commands/s", "commands of %s users, %d outstanding", users, commitOutstanding)
		c.found(float64(c.size.each)/float64(after-before), "commands/commit",
			"commands of %s users a commit, which is one fsync, %d outstanding", users, commitOutstanding)
		c.atLeast(goalPerCommit)
	}
	return errors.Join(c.groupFile(), c.pebble())
}

// groupFile measures the file with group commit.
func (c *commitRun) groupFile() error {
	file, err := openGroupFile(c.dir)
	if err != nil {
		return err
	}
	rate, err := rateOf(c.size.each, commitOutstanding, func(int) error { return file.append(c.message) })
	if err := errors.Join(err, file.close()); err != nil {
		return err
	}
	c.found(rate, "appends/s", "file with group commit, %d outstanding", commitOutstanding)
	c.found(float64(c.size.each)/float64(file.syncs), "appends/fsync",
		"appends a fsync to the file with group commit, %d outstanding", commitOutstanding)
	c.found(c.figureOf(figureKnownShared)/rate, "×",
		"commands of known users a second, divided by appends to the file with group commit")
	return nil
}

// pebble measures synchronous writes to Pebble.
func (c *commitRun) pebble() error {
	db, err := openPebble(c.dir)
	if err != nil {
		return err
	}
	rate, err := rateOf(c.size.each, commitOutstanding, func(i int) error {
		return db.Set(fmt.Appendf(nil, "key-%d", i), c.message, pebble.Sync)
	})
	if err := errors.Join(err, db.Close()); err != nil {
		return err
	}
	c.found(rate, "writes/s", "synchronous writes to Pebble, %d outstanding", commitOutstanding)
	c.found(c.figureOf(figureKnownShared)/rate, "×",
		"commands of known users a second, divided by synchronous writes to Pebble")
	c.atLeast(goalPebble)
	return nil
}

// rateOf calls do for 0 to count-1, with n calls outstanding, and returns the calls a second. Each
// goroutine stops at its first error.
func rateOf(count, n int, do func(int) error) (float64, error) {
	var next atomic.Int64
	begun := time.Now()
	err := together(n, func(int) error {
		for i := int(next.Add(1)) - 1; i < count; i = int(next.Add(1)) - 1 {
			if err := do(i); err != nil {
				return err
			}
		}
		return nil
	})
	return float64(count) / time.Since(begun).Seconds(), err
}
