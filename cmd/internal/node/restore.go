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

// restoringName is the file that marks a directory whose restore is not complete. It is written first and
// removed last.
const restoringName = "restoring"

// restoreInFlight is the maximum number of commits without an acknowledgement in a restore.
const restoreInFlight = 128

// ErrRestoring reports a directory whose restore is not complete.
var ErrRestoring = errors.New("the restore of the directory is not complete")

// wantRestored returns a *eventstore.Fault if the restore of a directory is not complete.
func wantRestored(dir string) error {
	_, err := os.Lstat(filepath.Join(dir, restoringName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look for an incomplete restore: %w", err)
	}
	return &eventstore.Fault{Err: fmt.Errorf("%s: %w: run the same `authledger restore` again, which begins anew", dir, ErrRestoring)}
}

// Restore configures the restore of a backup into Options.Dir.
type Restore struct {
	Options  Options
	From     *backup.Backup
	Keys     string // path of the copy of the keys; "" for a log without personal data
	Progress func(stream uint64)
}

// Run restores the log, the keys and the manifest. The directory MUST be absent, empty, or hold an incomplete
// restore, which Run deletes; it may contain files of master keys, which Run keeps. When Run returns nil, the files are on disk, and the
// restore is still incomplete: the caller opens the directory with Options.Restoring, destroys the keys that the
// log has erased, verifies the log, and calls [CompleteRestore].
func (r *Restore) Run(ctx context.Context) (err error) {
	o := &r.Options
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return fmt.Errorf("create the data directory: %w", err)
	}
	if err := wantEmpty(o.Dir); err != nil {
		return err
	}
	lock, err := Lock(o.Dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, lock.Close()) }()
	if r.From.Ledger.Realm != o.Realm {
		return fmt.Errorf("the backup holds the ledger of realm %q, not of %q: give --realm %s", r.From.Ledger.Realm, o.Realm, r.From.Ledger.Realm)
	}
	if r.From.Ledger.Stream != string(jetstream.ConfigJSON(o.Realm)) {
		return &eventstore.Fault{Err: errors.New("the backup describes a stream with another configuration: use the version of the program that created the ledger")}
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

// CompleteRestore removes the mark of an incomplete restore.
func CompleteRestore(dir string) error {
	if err := os.Remove(filepath.Join(dir, restoringName)); err != nil {
		return fmt.Errorf("complete the restore: %w", err)
	}
	return durable.SyncDir(dir)
}

// isKept reports whether a restore keeps a file that it finds in the directory. It keeps every master key, because
// the file may be the only copy.
func isKept(name string) bool {
	switch name {
	case MasterKeyName, MasterKeyName + nextSuffix, MasterKeyName + formerSuffix, lockName, "lost+found":
		return true
	}
	return false
}

// wantEmpty returns an error unless a backup can be restored into the directory.
func wantEmpty(dir string) error {
	if errors.Is(wantRestored(dir), ErrRestoring) {
		return nil
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("read the data directory: %w", err)
	}
	for _, e := range entries {
		if !isKept(e.Name()) {
			return fmt.Errorf("%s is not empty, it contains %s: name an empty directory with --data", dir, e.Name())
		}
	}
	return nil
}

// begin marks the directory, and deletes the remains of an incomplete restore.
func begin(dir string) error {
	if err := wantEmpty(dir); err != nil { // again, under the lock
		return err
	}
	if err := durable.Replace(filepath.Join(dir, restoringName), nil); err != nil {
		return err
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if isKept(e.Name()) || e.Name() == restoringName {
			continue
		}
		if err := os.RemoveAll(filepath.Join(dir, e.Name())); err != nil {
			return err
		}
	}
	return errors.Join(durable.SyncDir(dir), durable.SyncDir(filepath.Dir(filepath.Clean(dir))))
}

// restoreKeys copies the keys, if there is a copy, and checks that the master key opens them.
func (r *Restore) restoreKeys() error {
	if r.Keys == "" {
		return nil
	}
	dir, drop := filepath.Join(r.Options.Dir, KeysDir), r.Options.DropDamagedKeys
	if err := backup.ReadKeys(r.Keys, r.From.Ledger, dir, drop); err != nil {
		return err
	}
	err := r.withKeys(seal.Options{DropDamaged: drop}, func(*seal.Store) error { return nil })
	if err != nil && !isUnread(err) {
		return &eventstore.Fault{Err: err} // as for an existing ledger: see openKeys
	}
	return err
}

// createKeys creates a key ring if there is no copy of the keys. All keys of the log then count as given up: the
// log has no personal data, or the operator accepts the loss. Run creates no key before the log is complete,
// because a new master key would stay in the directory after a failed restore.
func (r *Restore) createKeys() error {
	if r.Keys != "" {
		return nil
	}
	return r.withKeys(seal.Options{Create: true}, func(keys *seal.Store) error {
		return keys.Bind(seal.Binding{Ledger: eventstore.Genesis(r.From.Ledger.LedgerID), GivenUp: r.From.End().Stream})
	})
}

func (r *Restore) withKeys(o seal.Options, use func(*seal.Store) error) error {
	master, err := r.Options.masterKeys().present(false)
	if err != nil {
		return err
	}
	keys, err := seal.Open(filepath.Join(r.Options.Dir, KeysDir), master, o)
	if err != nil {
		return err
	}
	return errors.Join(use(keys), keys.Close())
}

// publish publishes the commits of the backup in order into a new stream. The server does not sync them:
// the caller syncs the files afterwards, because nothing relies on a commit before the restore is complete.
func (r *Restore) publish(ctx context.Context) (err error) {
	o := &r.Options
	server, err := natsd.Start(ctx, natsd.Config{Dir: filepath.Join(o.Dir, LogDir), Unsynced: true, Log: o.Log})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.Stop()) }()
	store, err := jetstream.Open(ctx, jetstream.Options{Conns: server, Realm: o.Realm, Create: true, Unsynced: true})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	if err := r.publishTo(ctx, store); err != nil {
		return err
	}
	last, err := store.Last(ctx)
	if err == nil && last != r.From.End().Stream {
		err = eventstore.Faultf(last, "the restored log ends at this position, the backup at %d", r.From.End().Stream)
	}
	return err
}

func (r *Restore) publishTo(ctx context.Context, store eventstore.Store) error {
	var pending []<-chan error
	acknowledged := func() error {
		err := <-pending[0]
		pending = pending[1:]
		if err != nil {
			return fmt.Errorf("restore the log: %w: if the disk is full, free space, then run the same command again", err)
		}
		return nil
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
	return fmt.Errorf("record %d has personal data: give the copy of the keys with --keys, or accept that all personal data of the backup is lost with --drop-damaged-keys",
		c.Records[i].Seq)
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
