package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"authledger/cmd/internal/node"
	"authledger/cmd/internal/render"
)

func (p *program) nodeOptions() node.Options {
	return node.Options{
		Dir: p.set.Data, Realm: p.set.Realm, Pseudonymous: p.set.Pseudonymous, MasterKeyFile: p.set.MasterKey, MasterKeyHex: p.set.MasterText, NextMasterKeyHex: p.set.NextMasterText,
		Name: p.set.Node, Unsynced: p.set.AllowUnsynced, DropDamagedKeys: p.set.DropDamagedKeys,
		Log: p.log, Now: p.now, Shutdowns: p.shutdown, CloseWithin: p.set.ShutdownTimeout / shutdownShares, HasIntake: p.set.NATSListen != "" || p.set.NATSURL != "",
	}
}

// withNode opens the ledger in the data directory, or creates one, calls use, and closes the
// ledger.
func (p *program) withNode(ctx context.Context, use func(*node.Node) error) error {
	b := p.startBar("catching up", render.Commits)
	o := p.nodeOptions()
	o.Progress = func(at, last uint64) { b.Set(int64(at), int64(last)) }
	n, err := node.Open(ctx, o)
	b.Stop()
	if err != nil {
		return err
	}
	return errors.Join(use(n), n.Close())
}

// withView opens the ledger for reading, after its projections have caught up with the log,
// calls use, and closes the ledger. A directory without a ledger is an error.
func (p *program) withView(ctx context.Context, use func(*node.View) error) error {
	return p.withFiles(ctx, func(d *node.Directory) error {
		b := p.startBar("catching up", render.Commits)
		v, err := d.OpenView(ctx, d.Rows, func(at, last uint64) { b.Set(int64(at), int64(last)) })
		b.Stop()
		if err != nil {
			return err
		}
		return use(v)
	})
}

// withFiles opens the data directory for reading, calls use, and closes the directory. It
// starts no NATS server.
func (p *program) withFiles(ctx context.Context, use func(*node.Directory) error) error {
	return p.withFilesOf(ctx, p.nodeOptions(), use)
}

func (p *program) withFilesOf(ctx context.Context, o node.Options, use func(*node.Directory) error) error {
	if err := p.wantLedger(); err != nil && !(o.Restoring && errors.Is(err, node.ErrRestoring)) {
		return err
	}
	d, err := node.OpenReadOnly(ctx, o)
	if err != nil {
		return err
	}
	return errors.Join(use(d), d.Close())
}

// wantDirectory returns an error if the data directory does not exist. Without that error, a
// command that lists the contents would print an empty list for a wrong --data.
func (p *program) wantDirectory() error {
	_, err := os.Stat(p.set.Data)
	if errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("the data directory %s does not exist: name it with --data", p.set.Data)
	}
	return err
}

func (p *program) wantLedger() error {
	exists, err := node.HasLedger(p.set.Data)
	if err == nil && !exists {
		return fmt.Errorf("%s contains no ledger: name another directory with --data, or create a ledger with `authledger serve`, `do` or `import`", p.set.Data)
	}
	return err
}
