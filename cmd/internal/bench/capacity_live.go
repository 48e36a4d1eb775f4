package bench

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"authledger/cmd/internal/loadgen"
	"authledger/cmd/internal/node"
	"authledger/domain"
)

// outstanding measures logins of known users that this process submits, with each number of
// outstanding commands.
func (c *capacityRun) outstanding(ctx context.Context) error {
	names := loadgen.UserNames(c.size.users)
	for _, outstanding := range capacityOutstanding {
		live, err := c.costOf(ctx, c.size.each, func(n *node.Node) error {
			_, err := rateOf(c.size.each, outstanding, func(i int) error {
				v, err := n.Ledger.Do(ctx, domain.Command{
					Source: capacitySource, ID: fmt.Sprintf("%d-%d", outstanding, i), Time: c.Now().UTC(), Caller: "bench",
					Data: &domain.LoginReport{User: names[i%len(names)], Outcome: domain.Succeeded, IP: benchAddress},
				})
				if err != nil {
					return err
				}
				return notInvalid(&v)
			})
			return err
		})
		if err != nil {
			return err
		}
		of := fmt.Sprintf("a login of a known user, %d outstanding", outstanding)
		c.found(live.cpu, "µs", "CPU time, %s", of)
		c.found(live.log, "bytes", "log, %s", of)
		c.found(live.perCommit, "commands", "commands of a commit, %s", of)
	}
	return nil
}

// programs measures a rebuild and a verification of the log, each in a process of its own.
func (c *capacityRun) programs(ctx context.Context) error {
	for _, name := range []string{"rebuild", "verify"} {
		program, err := os.Executable()
		if err != nil {
			return err
		}
		child := exec.CommandContext(ctx, program, name, "--data", filepath.Join(c.dir, dirCapacity), "--realm", c.Node.Realm)
		child.Stderr = c.Stderr
		if err := child.Run(); err != nil {
			return fmt.Errorf("measure %s: %w", name, err)
		}
		records := c.size.users + c.size.further + len(capacityOutstanding)*c.size.each
		c.foundChild(child.ProcessState, records, "CPU time, "+name+" of the log, a record")
	}
	return nil
}

// foundChild adds the CPU time of an ended process as a figure, divided by count.
func (c *capacityRun) foundChild(p *os.ProcessState, count int, what string) {
	used := p.UserTime() + p.SystemTime()
	c.found(float64(used.Nanoseconds())/1e3/float64(count), "µs", "%s", what)
}

// overHTTP measures a node in a process of its own that decides two commands of each user, one
// command a request, with one connection and with many.
func (c *capacityRun) overHTTP(ctx context.Context) error {
	for _, connections := range []int{1, singlesAtOnce} {
		if err := c.overConnections(ctx, connections); err != nil {
			return err
		}
	}
	return nil
}

// overConnections measures one node. The CPU time includes its start and its end.
func (c *capacityRun) overConnections(ctx context.Context, connections int) error {
	own := *c.run
	own.dir = filepath.Join(c.dir, fmt.Sprint(dirHTTP, connections))
	if err := os.Mkdir(own.dir, 0o700); err != nil {
		return err
	}
	h := &httpRun{run: &own, size: httpFull}
	h.size.fresh = c.size.http
	if err := h.start(ctx); err != nil {
		return err
	}
	var err error
	for _, turn := range []string{"first", "second"} {
		_, sent := h.commandOfEach(ctx, turn, connections)
		err = errors.Join(err, sent)
	}
	if err := errors.Join(err, h.stop()); err != nil {
		return err
	}
	c.foundChild(h.child.ProcessState, 2*c.size.http, fmt.Sprintf("CPU time, a command over HTTP, one command a request, %d outstanding", connections))
	return nil
}
