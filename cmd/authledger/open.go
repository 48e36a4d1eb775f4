package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/jedib0t/go-pretty/v6/progress"

	"authledger/eventstore"
)

func (p *program) nodeOptions() nodeOptions {
	return nodeOptions{
		dir: p.set.data, realm: p.set.realm, masterKey: p.set.masterKey, masterText: p.set.masterText,
		name: p.set.node, unsynced: p.set.allowUnsynced, dropDamaged: p.set.dropDamagedKeys,
		log: p.log, now: p.now, intake: p.set.natsListen != "" || p.set.natsURL != "",
	}
}

// withNode opens the ledger, a new one if the directory holds none, lets use
// have it, and closes it.
func (p *program) withNode(ctx context.Context, use func(*node) error) error {
	if err := p.wantLocal(); err != nil {
		return err
	}
	b := p.startBar("catching up", progress.UnitsDefault)
	o := p.nodeOptions()
	o.progress = func(at, last uint64) { b.at(int64(at), int64(last)) }
	n, err := openNode(ctx, o)
	b.stop()
	if err != nil {
		return err
	}
	return errors.Join(use(n), n.close())
}

// withLedger is withNode for those who only read: where there is no ledger
// there is nothing to read, and none is made.
func (p *program) withLedger(ctx context.Context, use func(*node) error) error {
	if err := p.wantLedger(); err != nil {
		return err
	}
	return p.withNode(ctx, use)
}

// withDisk opens a ledger's directory without starting to decide.
func (p *program) withDisk(ctx context.Context, use func(*disk) error) error {
	if err := p.wantLedger(); err != nil {
		return err
	}
	d, err := openDisk(ctx, p.nodeOptions())
	if err != nil {
		return err
	}
	return errors.Join(use(d), d.close())
}

func (p *program) wantLedger() error {
	if err := p.wantLocal(); err != nil {
		return err
	}
	exists, err := p.hasLedger()
	if err == nil && !exists {
		return fmt.Errorf("%s holds no ledger: name its directory with --data, or begin one with import, do or serve", p.set.data)
	}
	return err
}

// hasLedger reports whether the directory holds a ledger, or what is left of
// one.
func (p *program) hasLedger() (bool, error) {
	_, made, err := eventstore.ReadManifest(p.set.data)
	if made || err != nil {
		return made, err
	}
	switch _, err := os.Stat(filepath.Join(p.set.data, logDir)); {
	case errors.Is(err, os.ErrNotExist):
		return false, nil
	case err != nil:
		return false, fmt.Errorf("look for a ledger in %s: %w", p.set.data, err)
	}
	return true, nil
}
