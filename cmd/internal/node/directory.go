package node

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"

	"authledger/adapters/tokens"
	"authledger/domain"
	"authledger/eventstore"
	"authledger/eventstore/jetstream"
	"authledger/eventstore/natsd"
	"authledger/eventstore/seal"
	"authledger/projections"
)

// Names in a data directory, in addition to ledger.json, head and lock.
const (
	LogDir         = "log"         // files of the embedded server
	KeysDir        = "keys"        // keys of personal data
	ProjectionsDir = "projections" // rows; can be deleted when the node is stopped
	MasterKeyName  = "master.key"  // the master key, unless --master-key names another file
	IntakeName     = "intake.json" // identity of the streams of the intake
)

// Directory is an open and locked data directory: the log with its manifest, the keys and the
// rows. A Directory decides no commands. [OpenReadOnly] leaves LogServer and Store nil.
type Directory struct {
	Options   Options
	Manifest  eventstore.Manifest
	lock      *os.File
	LogServer *natsd.Server
	Store     *jetstream.Store
	Log       eventstore.Reader // Store, or a reader of the block files
	Keys      *seal.Store
	Rows      *projections.Engine
	opened    []func() error               // functions that close the open parts, in order of opening
	files     atomic.Pointer[func() error] // checks the files of the log and the keys; nil before the ledger opens
	end       func(code int)               // ends the process
}

// OpenDirectory opens the data directory and starts the server of its log. It creates a missing
// directory and a missing ledger. After an error nothing is open.
func OpenDirectory(ctx context.Context, o Options) (*Directory, error) {
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("create the data directory: %w", err)
	}
	if o.Tokens == nil {
		o.Tokens = tokens.NewTable(o.now)
	}
	d := &Directory{Options: o, end: os.Exit}
	return d.orClose(d.open(func(made bool) error {
		if err := d.openLog(ctx, made); err != nil {
			return err
		}
		if err := d.openKeys(made); err != nil {
			return err
		}
		if !made {
			if err := d.create(ctx); err != nil {
				return err
			}
		}
		return d.bind(ctx)
	}))
}

// bind returns a *eventstore.Fault unless the manifest, the log and the keys belong to one ledger.
func (d *Directory) bind(ctx context.Context) error {
	return eventstore.Parts{
		Dir: d.Options.Dir, Manifest: d.Manifest, Log: d.Log, Keys: d.Keys, GiveUp: d.Options.DropDamagedKeys, Warn: d.Options.Log,
	}.Bind(ctx)
}

// orClose returns d, or closes d if err is not nil.
func (d *Directory) orClose(err error) (*Directory, error) {
	if err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return d, nil
}

// open locks the directory, reads the manifest, calls openLog and opens the rows, in this
// order. The function openLog opens the log and the keys. Its argument reports whether a
// manifest exists.
func (d *Directory) open(openLog func(made bool) error) (err error) {
	o := &d.Options
	if d.lock, err = Lock(o.Dir); err != nil {
		return err
	}
	d.opened = append(d.opened, d.lock.Close)
	if o.Locked != nil {
		d.opened = append(d.opened, o.Locked(o.Dir))
	}
	if err := wantPrivateSecrets(o.Dir); err != nil {
		return err
	}
	made, err := d.readManifest()
	if err != nil {
		return err
	}
	if err := openLog(made); err != nil {
		return err
	}
	if d.Manifest.Stream != string(jetstream.ConfigJSON(o.Realm)) {
		return &eventstore.Fault{Err: errors.New("ledger.json describes a stream with another configuration: use the version of the program that created the ledger")}
	}
	return d.openRows()
}

// ErrPlainNames reports that Options.Pseudonymous is set for an existing ledger with plain names.
var ErrPlainNames = errors.New("pseudonyms are a setting of the creation of a ledger, and a later start can't change it: " +
	"omit --pseudonymous, or create another ledger")

// readManifest reads the manifest, and reports whether it exists. It refuses a directory whose restore is not
// complete, and the ledger of another realm.
func (d *Directory) readManifest() (made bool, err error) {
	o := &d.Options
	if err := wantRestored(o.Dir); err != nil && !(o.Restoring && errors.Is(err, ErrRestoring)) {
		return false, err
	}
	if d.Manifest, made, err = eventstore.ReadManifest(o.Dir); err != nil {
		return made, err
	}
	if made && d.Manifest.Realm != o.Realm {
		return made, fmt.Errorf("%s holds the ledger of realm %q, not of %q: give --realm %s", o.Dir, d.Manifest.Realm, o.Realm, d.Manifest.Realm)
	}
	if made && o.Pseudonymous && !d.Manifest.Pseudonymous {
		return made, fmt.Errorf("%s holds a ledger with plain names: %w", o.Dir, ErrPlainNames)
	}
	return made, nil
}

func (d *Directory) openRows() (err error) {
	path := filepath.Join(d.Options.Dir, ProjectionsDir)
	d.Rows, err = projections.Open(path, projections.Options{Ledger: d.Manifest.LedgerID, Replace: d.Options.ReplaceRows, Log: d.Options.Log, Exit: d.exit})
	if errors.Is(err, projections.ErrOtherLedger) {
		return &eventstore.Fault{Err: fmt.Errorf("%w: rebuild them with `authledger rebuild`", err)}
	}
	if err != nil {
		return err
	}
	d.opened = append(d.opened, d.Rows.Close)
	return nil
}

func (d *Directory) openLog(ctx context.Context, made bool) (err error) {
	var check func() error
	if made {
		check = func() error { return d.checkFiles(ctx) }
	}
	d.LogServer, err = natsd.Start(ctx, natsd.Config{
		Dir: filepath.Join(d.Options.Dir, LogDir), Guarded: true, Check: check, Unsynced: d.Options.Unsynced, Log: d.Options.Log,
		Listen: d.listening(), NodeAccount: d.Options.NATS.IsEmbedded(),
	})
	if err != nil {
		return err
	}
	d.opened = append(d.opened, d.LogServer.Stop)
	d.Store, err = jetstream.Open(ctx, jetstream.Options{
		Conns: d.LogServer, Realm: d.Options.Realm, Dir: d.streamDir(), Create: !made, SyncAlways: d.LogServer.SyncAlways, Unsynced: d.Options.Unsynced,
	})
	if !made && errors.As(err, new(*eventstore.Fault)) {
		return fmt.Errorf("%s has a log but no ledger.json: restore that file from a backup: %w", d.Options.Dir, err)
	}
	if err != nil {
		return err
	}
	d.Log = d.Store
	d.opened = append(d.opened, d.Store.Close)
	return nil
}

// create completes the creation of a ledger whose stream exists and is empty: it writes the
// head, then the manifest. After a crash before the manifest is written, the next start repeats
// the creation. create removes the guard of the log files before it writes the manifest. With
// the guard, a failure after that point would delete the new stream of an existing ledger.
func (d *Directory) create(ctx context.Context) error {
	last, err := d.Store.Last(ctx)
	if err != nil {
		return err
	}
	if last > 0 {
		return d.noManifest()
	}
	if _, bound := d.Keys.Binding(); bound {
		return &eventstore.Fault{Err: fmt.Errorf("%s holds the keys of a ledger, but there is no ledger.json and no record: restore the directory from a backup, or create a new ledger in an empty directory with --data", d.Keys.Path())}
	}
	if err := d.LogServer.Release(natsd.LogAccount); err != nil {
		return err
	}
	d.Manifest = eventstore.NewManifest(d.Options.Realm, string(jetstream.ConfigJSON(d.Options.Realm)))
	d.Manifest.Pseudonymous = d.Options.Pseudonymous
	if err := eventstore.CreateHead(d.Options.Dir, domain.Position{}); err != nil {
		return err
	}
	return eventstore.WriteManifest(d.Options.Dir, d.Manifest)
}

func (d *Directory) noManifest() error {
	return &eventstore.Fault{Stream: 1, Err: fmt.Errorf("%s has a log but no ledger.json: restore that file from a backup", d.Options.Dir)}
}

// Close closes all parts, in reverse order of opening.
func (d *Directory) Close() error {
	defer d.Options.Shutdowns.Begin(nil)()
	var all error
	for i := len(d.opened) - 1; i >= 0; i-- {
		all = errors.Join(all, d.opened[i]())
	}
	d.opened = nil
	return all
}

// HasLedger reports whether the directory contains a ledger or parts of a ledger. It returns a
// *eventstore.Fault for a directory whose restore is not complete.
func HasLedger(dir string) (bool, error) {
	if err := wantRestored(dir); err != nil {
		return true, err
	}
	_, made, err := eventstore.ReadManifest(dir)
	if made || err != nil {
		return made, err
	}
	switch _, err := os.Stat(filepath.Join(dir, LogDir)); {
	case errors.Is(err, os.ErrNotExist):
		return false, nil
	case err != nil:
		return false, fmt.Errorf("find a ledger in %s: %w", dir, err)
	}
	return true, nil
}
