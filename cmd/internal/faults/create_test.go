//go:build faults

package faults

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"authledger/cmd/internal/node"
	"authledger/cmd/internal/nodetest"
	"authledger/domain"
	"authledger/eventstore"
)

// createWithin is the approximate duration of the creation of a ledger, from the
// start of the process.
const createWithin = 60 * time.Millisecond

// TestFaultCreateKilled kills the first start of a directory. The next start
// completes the creation.
func TestFaultCreateKilled(t *testing.T) {
	chance := faultChance(t)
	unfinished := 0
	for range *faultCreations {
		dir, k := filepath.Join(t.TempDir(), "data"), newHistory()
		c := startChild(t, "load", loadChild{Dir: dir, Seed: chance.Uint64(), Publishers: 1, Users: killUsers})
		must(t, c.resend(nil))
		if _, err := c.await(wordBegun, killReady, k.record); err != nil {
			t.Fatal(err)
		}
		timer := time.AfterFunc(time.Duration(chance.Int64N(int64(createWithin))), c.kill)
		k.drain(c)
		timer.Stop()
		if _, made, err := eventstore.ReadManifest(dir); !made {
			must(t, err)
			unfinished++
		}
		must(t, withFaultNode(dir, func(ctx context.Context, n *node.Node) error {
			if err := k.checkNode(ctx, n); err != nil {
				return err
			}
			return oneMore(ctx, n)
		}))
		_, err := verifyDir(dir)
		must(t, err)
	}
	announce("create: %d first starts killed, %d before there was a ledger, all were finished", *faultCreations,
		unfinished)
}

func oneMore(ctx context.Context, n *node.Node) error {
	before := n.Rows.Position().Seq
	v, err := n.Ledger.Do(ctx,
		attemptCommand("one", "more", &domain.LoginReport{User: "newcomer", Outcome: domain.Succeeded}))
	if err == nil && (v.Status != domain.Accepted || v.Seq != before+1) {
		err = fmt.Errorf("first command: got %s as record %d, want accepted as record %d", v.Status, v.Seq,
			before+1)
	}
	return err
}

// TestFaultCreateSteps interrupts the creation of a ledger after each of its steps.
func TestFaultCreateSteps(t *testing.T) {
	made := filepath.Join(fastDir(t), "made")
	must(t, withFaultNode(made, func(context.Context, *node.Node) error { return nil }))
	rows := []string{node.ProjectionsDir, "ledger.json"}
	must(t, nodetest.ClearBinding(made)) // the node writes it last
	head := append([]string{"head"}, rows...)
	keys := append([]string{node.KeysDir}, head...)
	streams := filepath.Join(node.LogDir, "jetstream/$G/streams")
	config := filepath.Join(streams, "LEDGER_main/meta.sum")
	for name, step := range map[string]createStep{
		"nothing":                {without: append([]string{node.LogDir, node.MasterKeyName}, keys...)},
		"empty stream directory": {without: append([]string{streams, node.MasterKeyName}, keys...)},
		"incomplete stream":      {without: append([]string{config, node.MasterKeyName}, keys...)},
		"the stream":             {without: append([]string{node.MasterKeyName}, keys...)},
		"incomplete master key": {without: append([]string{node.MasterKeyName}, keys...),
			torn: node.MasterKeyName + ".new"},
		"the master key":      {without: keys},
		"empty key directory": {without: keys, torn: filepath.Join(node.KeysDir, "x.new")},
		"the keys":            {without: head},
		"incomplete head":     {without: head, torn: "head.new"},
		"the head":            {without: rows},
		"incomplete manifest": {without: rows, torn: "ledger.json.new"},
		"the manifest":        {without: rows[:1]},
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

// createStep describes the directory after a crash: the files that are missing, and
// one incomplete file.
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
