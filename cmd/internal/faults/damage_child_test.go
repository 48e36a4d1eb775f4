//go:build faults

package faults

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"authledger/cmd/internal/node"
	"authledger/eventstore"
	"authledger/eventstore/audit"
	"authledger/projections"
)

// damageChild opens damaged directories and reports the outcome. It is a process of
// its own, because some damage ends the process.
type damageChild struct {
	Base      base
	CopiesDir string // directory of the copies
	model     *model
}

// The outcomes of damage.
const (
	outcomeNone      = "no effect"
	outcomeRebuilt   = "rows rebuilt"
	outcomeRefused   = "refused at start"
	outcomeFound     = "found by read, scrub and verify"
	outcomeUnseal    = "found by unsealing"
	outcomeRowsFound = "rows found damaged, rebuilt at the next start"
	outcomeDied      = "exit 4, then: "
	outcomeBad       = "BAD: "
)

const (
	wordOutcome  = "outcome"
	damageWithin = 60 * time.Second
)

// result is the outcome of one case.
type result struct{ Outcome, Detail string }

func bad(format string, args ...any) result {
	return result{outcomeBad + fmt.Sprintf(format, args...), ""}
}

func (c *damageChild) run(out *childOut) int {
	ctx := context.Background()
	var err error
	c.model, err = newModel(ctx, c.Base.Dir, filepath.Join(c.CopiesDir, fmt.Sprintf("model-%d", os.Getpid())))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return exitFailed
	}
	in := bufio.NewScanner(os.Stdin)
	for in.Scan() {
		var d damageCase
		if err := json.Unmarshal(in.Bytes(), &d); err != nil {
			return exitUsage
		}
		answer, _ := json.Marshal(c.try(ctx, d))
		out.send(wordOutcome, answer)
	}
	return exitDone
}

func (c *damageChild) try(ctx context.Context, d damageCase) result {
	ctx, cancel := context.WithTimeout(ctx, damageWithin)
	defer cancel()
	dir := filepath.Join(c.CopiesDir, fmt.Sprintf("case-%d", d.Number))
	if !d.Again {
		if err := errors.Join(copyDir(dir, c.Base.Dir), d.damageFile(dir, c.Base.Older)); err != nil {
			return bad("damage the file: %v", err)
		}
	}
	r := c.examine(ctx, dir)
	if err := os.RemoveAll(dir); err != nil {
		return bad("clean up: %v", err)
	}
	return r
}

// examine opens the directory and compares all that it serves with the model.
func (c *damageChild) examine(ctx context.Context, dir string) result {
	n, err := openScrubbing(ctx, dir, 1)
	if err != nil {
		return refused(ctx, dir, err)
	}
	rebuilt := n.Rows.Rebuilding()
	if end := n.Rows.Position(); end != c.model.end {
		return errorsToo(n, bad("it serves up to record %d of %d", end.Seq, c.model.end.Seq))
	}
	err = c.model.compare(ctx, n)
	unsealed := c.model.compareSealed(n.Directory)
	var fault *eventstore.Fault
	switch {
	case errors.Is(err, errWrongAnswer) || errors.Is(unsealed, errWrongAnswer):
		return errorsToo(n, bad("%v", errors.Join(err, unsealed)))
	case errors.As(err, &fault):
		n.Close() // returns the fault again
		return foundByAll(ctx, dir, fault)
	case errors.Is(err, projections.ErrDamaged):
		n.Close()
		return c.rebuiltNext(ctx, dir)
	case err != nil:
		return errorsToo(n, bad("a read failed with neither fault nor damage: %v", err))
	}
	if err := errors.Join(c.model.appendNext(ctx, n), n.Close()); err != nil {
		return bad("going on: %v", err)
	}
	return c.verifyLog(dir, rebuilt, unsealed)
}

func errorsToo(n *node.Node, r result) result {
	if err := n.Close(); err != nil {
		r.Detail = err.Error()
	}
	return r
}

// verifyLog verifies the whole log of a directory that served correct answers.
func (c *damageChild) verifyLog(dir, rebuilt string, unsealed error) result {
	v, err := verifyDir(dir)
	switch {
	case err != nil:
		return bad("all reads were right, but verify finds: %v", err)
	case v.Records != c.model.end.Seq+1:
		return bad("%d records are verified, %d were served", v.Records, c.model.end.Seq+1)
	case unsealed != nil:
		return result{outcomeUnseal, unsealed.Error()}
	case rebuilt != "":
		return result{outcomeRebuilt, rebuilt}
	}
	return result{outcomeNone, ""}
}

// rebuiltNext checks a directory whose rows were found damaged while they were
// served.
func (c *damageChild) rebuiltNext(ctx context.Context, dir string) result {
	n, err := openScrubbing(ctx, dir, 1)
	if err != nil {
		return bad("after damage to the rows was found, the next start failed: %v", err)
	}
	rebuilt := n.Rows.Rebuilding()
	if rebuilt == "" {
		return errorsToo(n, bad("the damaged rows were opened again"))
	}
	if err := errors.Join(c.model.compare(ctx, n), n.Close()); err != nil {
		return bad("after the rebuild: %v", err)
	}
	return result{outcomeRowsFound, rebuilt}
}

// foundByAll checks that the scrub and verify find the damage that a read found.
func foundByAll(ctx context.Context, dir string, by *eventstore.Fault) result {
	if by.Stream == 0 && by.Seq == 0 {
		return bad("a read found a fault without a position: %v", by)
	}
	n, err := openScrubbing(ctx, dir, 1<<40)
	if err == nil {
		select {
		case <-n.Ledger.Failed():
			err = n.Ledger.Err()
		case <-ctx.Done():
			err = errors.New("nothing")
		}
		n.Close() // returns the fault again
	}
	if exitCode(err) != exitFault {
		return bad("a read found %v; the scrub found %v", by, err)
	}
	if _, err := verifyDir(dir); exitCode(err) != exitFault {
		return bad("a read found %v; verify found %v", by, err)
	}
	return result{outcomeFound, by.Error()}
}

func openScrubbing(ctx context.Context, dir string, bytes int64) (*node.Node, error) {
	o := faultNode(dir)
	o.Tune = func(o *eventstore.Options) { o.Scrubs[0].(*audit.LogScrub).Rate = bytes }
	return node.Open(ctx, o)
}
