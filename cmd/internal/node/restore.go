package node

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"authledger/domain"
	"authledger/eventstore"
	"authledger/eventstore/backup"
	"authledger/eventstore/durable"
	"authledger/eventstore/jetstream"
	"authledger/eventstore/natsd"
	"authledger/eventstore/seal"
)

// restoreInFlight is the maximum number of commits without an acknowledgement in a restore.
const restoreInFlight = 128

// Restore configures the restore of a backup into Options.Dir.
type Restore struct {
	Options  Options
	From     *backup.Backup
	Keys     string // path of the copy of the keys; "" for a log without personal data
	Progress func(stream uint64)
}

// Run restores the log, the keys and the manifest. The directory MUST be absent, empty, or hold an
// incomplete restore, which Run deletes; it may contain files of master keys, which Run keeps. When
// Run returns nil, the files are on disk, and the restore is still incomplete: the caller opens the
// directory with Options.Restoring, destroys the keys that the log has erased, verifies the log,
// and calls [Directory.CompleteRestore].
func (r *Restore) Run(ctx context.Context) (err error) {
	o := &r.Options
	if err := durable.MkdirAll(o.Dir); err != nil {
		return fmt.Errorf("create the data directory: %w", err)
	}
	if _, err := remains(o.Dir); err != nil {
		return err
	}
	lock, err := Lock(o.Dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, lock.Close()) }()
	if r.From.Ledger.Realm != o.Realm {
		return fmt.Errorf("the backup holds the ledger of realm %q, not of %q: give --realm %[1]s",
			r.From.Ledger.Realm, o.Realm)
	}
	if r.From.Ledger.Stream != string(jetstream.ConfigJSON(o.Realm)) {
		return &eventstore.Fault{Err: errors.New("the backup describes a stream with another configuration: " +
			"use the version of the program that created the ledger")}
	}
	if err := begin(o.Dir); err != nil {
		return fmt.Errorf("begin the restore: %w", err)
	}
	if err := r.restoreKeys(); err != nil {
		return err
	}
	if err := r.publish(ctx); err != nil {
		return err
	}
	if err := syncTree(filepath.Join(o.Dir, LogDir)); err != nil {
		return fmt.Errorf("sync the log: %w", err)
	}
	if err := r.createKeys(); err != nil {
		return err
	}
	if err := eventstore.CreateHead(o.Dir, r.From.End()); err != nil {
		return err
	}
	return eventstore.WriteManifest(o.Dir, r.From.Ledger)
}

// restoreKeys copies the keys, if there is a copy, and checks that a master key opens them.
func (r *Restore) restoreKeys() error {
	if r.Keys == "" {
		return nil
	}
	dir, drop := filepath.Join(r.Options.Dir, KeysDir), r.Options.DropDamagedKeys
	if err := backup.ReadKeys(r.Keys, r.From.Ledger, dir, drop); err != nil {
		return err
	}
	keys, err := r.Options.openKeys(true)
	if err != nil {
		return err
	}
	return keys.Close()
}

// createKeys creates a key ring if there is no copy of the keys. All keys of the log then count as
// given up: the log has no personal data, or the operator accepts the loss. Run creates no key
// before the log is complete, because a new master key would stay in the directory after a failed
// restore.
func (r *Restore) createKeys() error {
	if r.Keys != "" {
		return nil
	}
	keys, err := r.Options.openKeys(false)
	if err != nil {
		return err
	}
	ledger := eventstore.Genesis(r.From.Ledger.LedgerID)
	return errors.Join(keys.Bind(seal.Binding{Ledger: ledger, GivenUp: r.From.End().Stream}), keys.Close())
}

// publish publishes the commits of the backup in order into a new stream. The server does not sync
// them: the caller syncs the files afterwards, because nothing relies on a commit before the
// restore is complete.
func (r *Restore) publish(ctx context.Context) (err error) {
	o := &r.Options
	server, err := natsd.Start(ctx, natsd.Config{Dir: filepath.Join(o.Dir, LogDir), Unsynced: true, Log: o.Log})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.Stop()) }()
	opts := jetstream.Options{Conns: server, Realm: o.Realm, Create: true, Unsynced: true}
	store, err := jetstream.Open(ctx, opts)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	if err := r.publishTo(ctx, store); err != nil {
		return err
	}
	last, err := store.Last(ctx)
	if end := r.From.End().Stream; err == nil && last != end {
		err = eventstore.Faultf(last, "the restored log ends at this position, the backup at %d", end)
	}
	return err
}

func (r *Restore) publishTo(ctx context.Context, store eventstore.Store) error {
	var pending []<-chan error
	acknowledged := func() error {
		err := <-pending[0]
		pending = pending[1:]
		return r.explainFull(ctx, err)
	}
	for m, err := range r.From.Commits(ctx) {
		if err == nil {
			err = r.wantKeysOf(m)
		}
		if err == nil && len(pending) == restoreInFlight {
			err = acknowledged()
		}
		if err != nil {
			return err
		}
		pending = append(pending, store.Append(ctx, m.Data, m.Stream-1))
		if r.Progress != nil {
			r.Progress(m.Stream)
		}
	}
	for len(pending) > 0 {
		if err := acknowledged(); err != nil {
			return err
		}
	}
	return nil
}

// explainFull adds the next step to the error of an append on a nearly full disk. The server does
// not report a full disk in all its answers.
func (r *Restore) explainFull(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	err = fmt.Errorf("restore the log: %w", err)
	free, unknown := durable.Free(r.Options.Dir)
	if ctx.Err() != nil || unknown != nil || free >= eventstore.DiskFreeMin {
		return err
	}
	return fmt.Errorf("%w: %s has %d bytes free: free space, then run the same command again",
		err, r.Options.Dir, free)
}

// wantKeysOf returns an error for a commit with personal data if there is no copy of the keys, and
// the operator has not accepted the loss.
func (r *Restore) wantKeysOf(m eventstore.Message) error {
	if r.Keys != "" || r.Options.DropDamagedKeys {
		return nil
	}
	c, err := eventstore.ReadCommit(r.Options.Realm, m)
	if err != nil {
		return &eventstore.Fault{Stream: m.Stream, Err: err}
	}
	i := firstPersonal(c.Records)
	if i < 0 {
		return nil
	}
	return fmt.Errorf("record %d has personal data: give the copy of the keys with --keys, or accept that "+
		"all personal data of the backup is lost with --drop-damaged-keys", c.Records[i].Seq)
}

func firstPersonal(records []domain.Record) int {
	for i := range records {
		if records[i].Personal != nil {
			return i
		}
	}
	return -1
}

// syncTree makes all files and directories below dir durable.
func syncTree(dir string) error {
	return filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if e.IsDir() {
			return durable.SyncDir(path)
		}
		f, err := durable.Open(path, os.O_RDWR)
		if err != nil {
			return err
		}
		return errors.Join(f.Sync(), f.Close())
	})
}
