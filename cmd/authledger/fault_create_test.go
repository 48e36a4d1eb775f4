//go:build faults

package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"authledger/domain"
	"authledger/eventstore"
)

// createWithin is about how long it takes to make a ledger, from the moment
// that the process runs.
const createWithin = 60 * time.Millisecond

// TestFaultCreateKilled kills the first start of a directory. The next start
// finishes what it began.
func TestFaultCreateKilled(t *testing.T) {
	chance := faultChance(t)
	unfinished := 0
	for range *faultCreations {
		dir, k := filepath.Join(t.TempDir(), "data"), newTold()
		c := startChild(t, "load", loadChild{Dir: dir, Seed: chance.Uint64(), Publishers: 1, Users: killUsers})
		must(t, c.sendAgain(nil))
		if _, err := c.await(wordBegun, killReady, k.hear); err != nil {
			t.Fatal(err)
		}
		timer := time.AfterFunc(time.Duration(chance.Int64N(int64(createWithin))), c.kill)
		k.drain(c)
		timer.Stop()
		if _, made, err := eventstore.ReadManifest(dir); !made {
			must(t, err)
			unfinished++
		}
		must(t, withFaultNode(dir, func(ctx context.Context, n *node) error {
			if err := k.holdNode(ctx, n); err != nil {
				return err
			}
			return oneMore(ctx, n)
		}))
		_, err := verifyDir(dir)
		must(t, err)
	}
	announce("create: %d first starts killed, %d before there was a ledger, all were finished", *faultCreations, unfinished)
}

func oneMore(ctx context.Context, n *node) error {
	before := n.rows.Position().Seq
	v, err := n.ledger.Do(ctx, attemptCommand("one", "more", &domain.LoginReport{User: "newcomer", Outcome: domain.Succeeded}))
	if err == nil && (v.Status != domain.Accepted || v.Seq != before+1) {
		err = fmt.Errorf("the first command: %s at %d", v.Status, v.Seq)
	}
	return err
}

// TestFaultCreateSteps stops the making of a ledger behind each of its steps.
func TestFaultCreateSteps(t *testing.T) {
	made := filepath.Join(fastDir(t), "made")
	must(t, withFaultNode(made, func(context.Context, *node) error { return nil }))
	rows := []string{projectionsDir, "ledger.json"}
	head := append([]string{"head"}, rows...)
	keys := append([]string{keysDir}, head...)
	for name, step := range map[string]createStep{
		"nothing":              {without: append([]string{logDir, masterName}, keys...)},
		"the stream's place":   {without: append([]string{filepath.Join(logDir, "jetstream/$G/streams"), masterName}, keys...)},
		"half the stream":      {without: append([]string{filepath.Join(logDir, "jetstream/$G/streams/LEDGER_main/meta.sum"), masterName}, keys...)},
		"the stream":           {without: append([]string{masterName}, keys...)},
		"half a master key":    {without: append([]string{masterName}, keys...), torn: masterName + ".new"},
		"the master key":       {without: keys},
		"a place for the keys": {without: keys, torn: filepath.Join(keysDir, "x.new")},
		"the keys":             {without: head},
		"half a head":          {without: head, torn: "head.new"},
		"the head":             {without: rows},
		"half a manifest":      {without: rows, torn: "ledger.json.new"},
		"the manifest":         {without: rows[:1]},
	} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(fastDir(t), "data")
			must(t, copyDir(dir, made))
			must(t, step.leave(dir))
			must(t, withFaultNode(dir, oneMore))
			_, err := verifyDir(dir)
			must(t, err)
		})
	}
}

// createStep is what a crash behind a step leaves: not these, and one file
// begun.
type createStep struct {
	without []string
	torn    string
}

func (s createStep) leave(dir string) error {
	for _, name := range s.without {
		if err := os.RemoveAll(filepath.Join(dir, name)); err != nil {
			return err
		}
	}
	if s.torn == "" {
		return nil
	}
	path := filepath.Join(dir, s.torn)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	return os.WriteFile(path, nil, 0o600)
}
