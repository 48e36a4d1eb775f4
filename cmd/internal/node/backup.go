package node

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"time"

	"authledger/eventstore"
	"authledger/eventstore/backup"
	"authledger/eventstore/blocks"
	"authledger/eventstore/seal"
)

// Backup configures a backup of a data directory. All fields but Dir, Keys and Progress are required.
type Backup struct {
	Options Options // Dir, Realm, Log and Now

	// Newest returns the newest record that the running node has acknowledged, 0 if the node does not answer. It is
	// called if another process has the directory open.
	Newest func(ctx context.Context) (uint64, error)

	// To writes the backup.
	To func(ctx context.Context, o backup.Options) (backup.Result, error)

	Dir      string // directory to which To writes; "" for a stream
	Keys     string // path of the copy of the keys; "" for no copy
	Progress func(stream, last uint64)
}

// BackedUp is the result of a backup, as JSON.
type BackedUp struct {
	Realm   string      `json:"realm"`
	End     LogPosition `json:"end"`            // of the backup
	Added   uint64      `json:"added"`          // commits that this backup added
	Bytes   int64       `json:"bytes"`          // bytes of the segments that this backup wrote
	Keys    string      `json:"keys,omitempty"` // path of the copy of the keys
	Seconds float64     `json:"seconds"`
}

// Run writes the backup, and then the copy of the keys, so that the copy has the keys of each record in the
// backup. It reads the files of the log without a NATS server. Another process may have the directory open: the
// backup then ends with the newest record that this process has acknowledged.
func (b *Backup) Run(ctx context.Context) (BackedUp, error) {
	begun := time.Now()
	for _, path := range []string{b.Dir, b.Keys} {
		if path == "" {
			continue
		}
		if err := wantOutside(b.Options.Dir, path); err != nil {
			return BackedUp{}, err
		}
	}
	d := &Directory{Options: b.Options}
	o := backup.Options{Now: b.Options.Now, Progress: b.Progress}
	log, err := b.openLog(ctx, d, &o)
	if err != nil {
		return BackedUp{}, err
	}
	if b.Keys != "" { // before the backup, which may take hours
		if err := backup.WantKeysFile(b.Keys, d.Manifest); err != nil {
			return BackedUp{}, errors.Join(err, log.Close())
		}
	}
	o.Ledger, o.Log = d.Manifest, log
	result, err := b.To(ctx, o)
	if err = errors.Join(err, log.Close()); err == nil {
		err = b.copyKeys(d.Manifest)
	}
	if err != nil {
		return BackedUp{}, err
	}
	return BackedUp{
		Realm: d.Manifest.Realm, End: NewLogPosition(result.End), Added: result.Commits, Bytes: result.Bytes, Keys: b.Keys,
		Seconds: time.Since(begun).Seconds(),
	}, nil
}

// copyKeys writes the copy of the keys, if there is a path for it. Missing and damaged keys are a *Fault, as at a
// start: see openKeys.
func (b *Backup) copyKeys(m eventstore.Manifest) error {
	if b.Keys == "" {
		return nil
	}
	head, err := eventstore.ReadHead(b.Options.Dir) // before the keys are copied, because it states their number
	if err == nil {
		err = backup.WriteKeys(b.Keys, m, filepath.Join(b.Options.Dir, KeysDir), head)
	}
	if err == nil {
		return nil
	}
	isDamage := errors.As(err, new(*seal.DamageError))
	if isDamage || errors.Is(err, seal.ErrNoStore) || errors.Is(err, seal.ErrForeignFile) {
		err = &eventstore.Fault{Err: err}
	}
	return fmt.Errorf("the log is backed up, but no new copy of the keys was made: %w", err)
}

// wantOutside returns an error if a path leads into the data directory: a rebuild deletes the files of the
// projections, a start refuses a file among the keys, and the backup would be lost with the directory.
func wantOutside(data, path string) error {
	root, err := filepath.EvalSymlinks(data)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // openLog reports it
	}
	if err == nil {
		root, err = filepath.Abs(root)
	}
	at, wrong := filepath.Abs(path)
	if err = errors.Join(err, wrong); err != nil {
		return err
	}
	real, err := filepath.EvalSymlinks(at)
	for errors.Is(err, fs.ErrNotExist) && filepath.Dir(at) != at {
		at = filepath.Dir(at) // the backup creates the rest of the path
		real, err = filepath.EvalSymlinks(at)
	}
	if err != nil {
		return err
	}
	if rel, err := filepath.Rel(root, real); err == nil && filepath.IsLocal(rel) {
		return fmt.Errorf("%s is in the data directory %s: give a path outside of it, on another disk", path, data)
	}
	return nil
}

// openLog opens the files of the log, and sets the end and the pace of the backup. It locks the directory
// only while it determines the end, so that a node can start during the backup: a node only appends to the log.
func (b *Backup) openLog(ctx context.Context, d *Directory, o *backup.Options) (*blocks.Store, error) {
	made, err := d.readManifest()
	if err != nil {
		return nil, err
	}
	if !made {
		return nil, errors.Join(d.withoutManifest(ctx), d.Close())
	}
	lock, err := Lock(b.Options.Dir)
	inUse := errors.Is(err, ErrInUse)
	if err != nil && !inUse {
		return nil, err
	}
	if lock != nil {
		defer lock.Close() // nothing was written but the id of this process
	}
	o.Through = backup.ToEnd
	if inUse {
		if o.Through, err = b.Newest(ctx); err != nil {
			return nil, fmt.Errorf("find the newest record of the node: %w", err)
		}
		o.Pace = newPace().wait
	}
	head, err := eventstore.HeadAt(b.Options.Dir) // before the files are listed, because they grow
	if err != nil {
		return nil, err
	}
	if inUse {
		o.Through = max(o.Through, head.Seq)
	}
	log, err := blocks.Open(ctx, d.blockOptions())
	if err != nil {
		return nil, err
	}
	if err := log.Check(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("check the log: %w", err), log.Close())
	}
	if err := eventstore.CheckHolds(ctx, log, "head", head); err != nil {
		return nil, errors.Join(err, log.Close())
	}
	return log, nil
}

// Limits of a backup while a node runs.
const (
	// backupRate is the maximum rate at which the backup reads and writes commits, in bytes a second in all. The
	// copy of the keys is not bounded.
	backupRate = 128 << 20

	// creditMax is the time that a backup can catch up after it was slower than its rate.
	creditMax = 20 * time.Millisecond

	// paceSlice is the minimum duration of a pause.
	paceSlice = 5 * time.Millisecond
)

// pace bounds the rate of a backup.
type pace struct {
	begun time.Time
	bytes int64
}

func newPace() *pace { return &pace{begun: time.Now()} }

// wait counts bytes, and pauses while the backup is ahead of its rate.
func (p *pace) wait(ctx context.Context, bytes int) error {
	p.bytes += int64(bytes)
	ahead := time.Duration(float64(p.bytes)/backupRate*float64(time.Second)) - time.Since(p.begun)
	if ahead < -creditMax { // after a stall
		p.begun = p.begun.Add(-creditMax - ahead)
	}
	if ahead < paceSlice {
		return nil
	}
	t := time.NewTimer(ahead)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
