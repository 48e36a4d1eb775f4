package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"authledger/adapters/natsapi"
	"authledger/domain"
	"authledger/eventstore"
	"authledger/eventstore/jetstream"
	"authledger/eventstore/natsd"
	"authledger/eventstore/seal"
	"authledger/projections"
)

// What a data directory holds beside ledger.json, head and lock.
const (
	logDir         = "log"         // the embedded server's files
	keysDir        = "keys"        // of personal data
	projectionsDir = "projections" // rows; can be deleted when the node is stopped
	masterName     = "master.key"  // unless --master-key names another place
	tokensName     = "tokens.json" // who may ask a node what
)

// nodeOptions say how a data directory is opened.
type nodeOptions struct {
	dir         string
	realm       string
	masterKey   string // path; "" for master.key in dir
	masterText  string // hex, from the environment; before masterKey
	name        string // of the node, in each commit
	unsynced    bool
	dropDamaged bool // give up damaged keys
	log         *slog.Logger
	progress    func(at, last uint64)
	observe     eventstore.Observer
	nats        *natsOptions // nil for not at all
	intake      bool         // commands may lie somewhere that are older than deadlines
	now         func() time.Time
}

// closeWithin bounds how long an orderly stop waits for answers.
const closeWithin = 10 * time.Second

// disk is a data directory, opened and locked: the log with its manifest, the
// keys and the rows, not yet deciding anything.
type disk struct {
	options  nodeOptions
	manifest eventstore.Manifest
	lock     *os.File
	server   *natsd.Server
	store    *jetstream.Store
	keys     *seal.Store
	rows     *projections.Engine
	opened   []func() error // how to close what is open, in order of opening
}

// node is a ledger in this process, on its data directory.
type node struct {
	*disk
	ledger   *eventstore.Ledger
	messages *natsapi.Edge // nil if it is not reached over NATS
}

// openNode opens the directory, makes a new ledger of an empty one, and starts
// to take commands.
func openNode(ctx context.Context, o nodeOptions) (*node, error) {
	d, err := openDisk(ctx, o)
	if err != nil {
		return nil, err
	}
	n := &node{disk: d}
	if n.messages, err = d.connect(); err != nil {
		return nil, errors.Join(err, d.close())
	}
	if err := n.letIn(ctx); err != nil {
		return nil, errors.Join(err, n.close())
	}
	options := d.ledgerOptions(d.rows)
	switch {
	case n.messages != nil && o.nats.serve != nil:
		options.Horizon = n.messages.Horizon
	case n.messages != nil || o.intake:
		options.Horizon = func(time.Time) time.Time { return time.Time{} } // nobody looks there now
	}
	d.rows.Bulk(true)
	if n.ledger, err = eventstore.Open(ctx, options); err != nil {
		return nil, errors.Join(err, n.close())
	}
	d.rows.Bulk(false)
	if n.messages != nil && o.nats.serve != nil {
		if err := n.messages.Serve(n.ledger); err != nil {
			return nil, errors.Join(err, n.close())
		}
	}
	return n, nil
}

// ledgerOptions are those of a ledger on this disk that decides on rows.
func (d *disk) ledgerOptions(rows *projections.Engine) eventstore.Options {
	o := &d.options
	return eventstore.Options{
		Dir: o.dir, Manifest: d.manifest, Store: d.store, State: rows, Keys: d.keys,
		Node: o.name, Unsynced: o.unsynced, Now: o.now, Log: o.log, Progress: o.progress,
		Observe: o.observe,
	}
}

// close answers what was taken and stops. The error is the fault that stopped
// the ledger, or what went wrong in stopping.
func (n *node) close() error {
	ctx, cancel := context.WithTimeout(context.Background(), closeWithin)
	defer cancel()
	var all error
	if n.messages != nil {
		all = n.messages.Close()
	}
	if n.ledger != nil {
		all = errors.Join(all, n.ledger.Close(ctx))
	}
	return errors.Join(all, n.disk.close())
}

// openDisk goes from the lock outward. An error leaves nothing open.
func openDisk(ctx context.Context, o nodeOptions) (_ *disk, err error) {
	d := &disk{options: o}
	defer func() {
		if err != nil {
			err = errors.Join(err, d.close())
		}
	}()
	if err := os.MkdirAll(o.dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the data directory: %w", err)
	}
	if d.lock, err = lockDir(o.dir); errors.Is(err, errInUse) {
		return nil, fmt.Errorf("%w, or ask it with --server", err)
	}
	if err != nil {
		return nil, err
	}
	d.opened = append(d.opened, d.lock.Close)

	manifest, made, err := eventstore.ReadManifest(o.dir)
	if err != nil {
		return nil, err
	}
	if made && manifest.Realm != o.realm {
		return nil, fmt.Errorf("%s holds the ledger of realm %q, not of %q: give --realm %s", o.dir, manifest.Realm, o.realm, manifest.Realm)
	}
	if err := d.openLog(ctx, made); err != nil {
		return nil, err
	}
	if err := d.openKeys(made); err != nil {
		return nil, err
	}
	if !made {
		if manifest, err = d.create(ctx); err != nil {
			return nil, err
		}
	}
	if manifest.Stream != string(jetstream.ConfigJSON(o.realm)) {
		return nil, &eventstore.Fault{Err: errors.New("the stream in ledger.json is configured otherwise than this program does it: use the program that made it")}
	}
	d.manifest = manifest
	if d.rows, err = projections.Open(filepath.Join(o.dir, projectionsDir), projections.Options{Log: o.log}); err != nil {
		return nil, err
	}
	d.opened = append(d.opened, d.rows.Close)
	return d, nil
}

func (d *disk) openLog(ctx context.Context, made bool) (err error) {
	d.server, err = natsd.Start(ctx, natsd.Config{
		Dir: filepath.Join(d.options.dir, logDir), Unsynced: d.options.unsynced, Log: d.options.log,
		Listen: d.listening(), Edge: d.options.nats.embedded(),
	})
	if err != nil {
		return err
	}
	d.opened = append(d.opened, func() error { d.server.Close(); return nil })
	d.store, err = jetstream.Open(ctx, jetstream.Options{
		Conns: d.server, Realm: d.options.realm, Create: !made, SyncAlways: d.server.SyncAlways, Unsynced: d.options.unsynced,
	})
	if !made && errors.As(err, new(*eventstore.Fault)) {
		return fmt.Errorf("%s has a log but no ledger.json: restore that file from a backup: %w", d.options.dir, err)
	}
	if err != nil {
		return err
	}
	d.opened = append(d.opened, d.store.Close)
	return nil
}

// openKeys opens the keys, with the master key from the environment, from the
// file that is named, or from beside the log. Only a new ledger gets a new one.
func (d *disk) openKeys(made bool) error {
	master, err := d.master(made)
	if err == nil {
		d.keys, err = seal.Open(filepath.Join(d.options.dir, keysDir), master, seal.Options{Create: !made, DropDamaged: d.options.dropDamaged})
	}
	if err != nil && made && !errors.Is(err, seal.ErrLocked) {
		return &eventstore.Fault{Err: err} // what was there is missing, damaged or not what belongs there
	}
	if err != nil {
		return err
	}
	d.opened = append(d.opened, d.keys.Close)
	return nil
}

func (d *disk) master(made bool) (seal.Master, error) {
	if d.options.masterText != "" {
		return seal.ParseMaster(d.options.masterText)
	}
	path := d.options.masterKey
	if path == "" {
		path = filepath.Join(d.options.dir, masterName)
	}
	master, err := seal.LoadMaster(path)
	if !errors.Is(err, os.ErrNotExist) {
		return master, err
	}
	if exists, err := seal.Exists(filepath.Join(d.options.dir, keysDir)); made || exists || err != nil {
		return master, errors.Join(seal.ErrMasterMissing, err)
	}
	return seal.CreateMaster(path)
}

// create finishes making a ledger: the stream exists and is empty; then the
// head, then the manifest. A crash before the last leaves no ledger, and the
// next start goes through it again.
func (d *disk) create(ctx context.Context) (eventstore.Manifest, error) {
	last, err := d.store.Last(ctx)
	if err != nil {
		return eventstore.Manifest{}, err
	}
	if last > 0 {
		return eventstore.Manifest{}, &eventstore.Fault{Stream: 1, Err: fmt.Errorf("%s has a log but no ledger.json: restore that file from a backup", d.options.dir)}
	}
	m := eventstore.NewManifest(d.options.realm, string(jetstream.ConfigJSON(d.options.realm)))
	if err := eventstore.CreateHead(d.options.dir, domain.Position{}); err != nil {
		return m, err
	}
	return m, eventstore.WriteManifest(d.options.dir, m)
}

// close closes in reverse order of opening.
func (d *disk) close() error {
	var all error
	for i := len(d.opened) - 1; i >= 0; i-- {
		all = errors.Join(all, d.opened[i]())
	}
	d.opened = nil
	return all
}
