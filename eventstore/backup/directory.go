package backup

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"authledger/eventstore"
	"authledger/eventstore/durable"
)

const (
	privateDir = 0o700

	// syncBytes is the number of bytes of a segment after which the writer syncs the file. A command of
	// a running node, which waits for the same disk, then waits for at most as many bytes.
	syncBytes = 1 << 20

	stagedSuffix = ".new" // of [durable.Replace]
)

// ToDirectory writes a backup to dir, which it creates, or adds the newer commits to the backup in dir.
// When it returns nil, the backup is on disk. After an error or a crash dir holds the former backup, or the new
// one if only the removal of the former segment failed. It returns a *eventstore.Fault if the backup in dir is not
// a part of the log.
func ToDirectory(ctx context.Context, dir string, o Options) (result Result, err error) {
	if err := durable.MkdirAll(dir); err != nil {
		return result, fmt.Errorf("create the directory of the backup: %w", err)
	}
	lock, err := durable.LockDir(dir)
	if errors.Is(err, durable.ErrLocked) {
		return result, fmt.Errorf("another backup or restore uses %s: wait until it has ended", dir)
	}
	if err != nil {
		return result, fmt.Errorf("lock the directory of the backup: %w", err)
	}
	defer func() { err = errors.Join(err, lock.Close()) }()
	d := &directory{dir: dir, pause: o.pause}
	w := &writer{Options: o, to: d}
	if w.m, err = d.former(ctx, o); err != nil {
		return result, err
	}
	w.chain = eventstore.ResumeChain(o.Ledger, w.m.End())
	if err := d.clean(&w.m); err != nil {
		return result, err
	}
	if err := d.put(ctx, ledgerName, o.Ledger.Encode()); err != nil { // again, because the file may be lost
		return result, fmt.Errorf("write the manifest of the ledger: %w", err)
	}
	if err := w.resume(ctx, dir); err != nil {
		return result, err
	}
	return w.run(ctx)
}

// resume loads the last segment unless it is complete.
func (w *writer) resume(ctx context.Context, dir string) error {
	n := len(w.m.Segments)
	if n == 0 {
		return nil
	}
	s := &w.m.Segments[n-1]
	if s.Bytes >= segmentBytesMax {
		return nil
	}
	if err := w.pause(ctx, s.Bytes); err != nil {
		return err
	}
	data, err := readSegment(dir, s)
	if err != nil {
		return err
	}
	w.buffer = segmentBuffer{first: s.First, data: data}
	return nil
}

// directory is a target that stores files in a directory.
type directory struct {
	dir   string
	pause func(ctx context.Context, bytes int) error
}

// former returns the manifest of the backup in the directory, the zero Manifest without a backup.
func (d *directory) former(ctx context.Context, o Options) (m Manifest, err error) {
	path := filepath.Join(d.dir, manifestName)
	data, err := durable.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return m, errors.Join(d.wantOwnFiles(), d.wantOwnLedger(o.Ledger))
	}
	if err != nil {
		return m, fmt.Errorf("read the manifest of the backup: %w", err)
	}
	if m, err = decodeManifest(path, data); err != nil {
		return m, err
	}
	if m.LedgerID != o.Ledger.LedgerID || m.Realm != o.Ledger.Realm {
		return m, fmt.Errorf("%s holds the backup of another ledger: give another directory", d.dir)
	}
	for i := range m.Segments {
		if err := checkSize(d.dir, &m.Segments[i]); err != nil {
			return m, err
		}
	}
	return m, isPart(ctx, o.Log, d.dir, &m)
}

// isPart returns a *eventstore.Fault unless the log holds the last commit of the backup.
func isPart(ctx context.Context, log eventstore.Reader, dir string, m *Manifest) error {
	at := m.End()
	err := eventstore.CheckHolds(ctx, log, eventstore.WitnessBackup+dir, at)
	if fault := new(eventstore.Fault); errors.As(err, &fault) {
		return &eventstore.Fault{Stream: fault.Stream, Seq: at.Seq, Err: fmt.Errorf(
			"%w. If the ledger was restored from an older backup on purpose, give the next backup another directory", fault.Err)}
	}
	return err
}

// wantOwnFiles returns an error if the directory without a manifest holds files that no backup wrote.
func (d *directory) wantOwnFiles() error {
	entries, err := os.ReadDir(d.dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if !isOwn(e.Name()) {
			return fmt.Errorf("%s holds the file %s, which is not part of a backup: give an empty directory", d.dir, e.Name())
		}
	}
	return nil
}

// wantOwnLedger returns an error if the directory without a manifest holds segments of another ledger, which
// the backup would remove. It accepts an incomplete ledger.json, which an interrupted backup leaves.
func (d *directory) wantOwnLedger(m eventstore.Manifest) error {
	path := filepath.Join(d.dir, ledgerName)
	data, err := durable.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read the manifest of the ledger: %w", err)
	}
	former, err := eventstore.DecodeManifest(data, path)
	if err == nil && former.LedgerID != m.LedgerID {
		return fmt.Errorf("%s holds files of another ledger: give another directory", d.dir)
	}
	return nil
}

// isOwn reports whether a file has a name that a backup gives.
func isOwn(name string) bool {
	name = strings.TrimSuffix(name, stagedSuffix)
	return name == manifestName || name == ledgerName || isSegmentName(name) || name == "lost+found"
}

// clean removes the remains of an interrupted backup: the files of a backup that m does not list.
func (d *directory) clean(m *Manifest) error {
	listed := map[string]bool{manifestName: true, ledgerName: true}
	for i := range m.Segments {
		listed[m.Segments[i].File] = true
	}
	entries, err := os.ReadDir(d.dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if listed[e.Name()] || !e.Type().IsRegular() || !isOwn(e.Name()) {
			continue
		}
		if err := os.Remove(filepath.Join(d.dir, e.Name())); err != nil {
			return fmt.Errorf("remove the remains of an interrupted backup: %w", err)
		}
	}
	return nil
}

func (d *directory) put(ctx context.Context, name string, data []byte) (err error) {
	f, err := durable.Create(filepath.Join(d.dir, name))
	if errors.Is(err, fs.ErrExist) && name == ledgerName {
		return durable.Replace(filepath.Join(d.dir, name), data)
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	for len(data) > 0 {
		part := data[:min(len(data), syncBytes)]
		if err := d.pause(ctx, len(part)); err != nil {
			return err
		}
		if _, err := f.Write(part); err != nil {
			return err
		}
		if err := f.Sync(); err != nil {
			return err
		}
		data = data[len(part):]
	}
	return nil
}

func (d *directory) complete(m *Manifest) error {
	data, err := encodeSealed(m)
	if err != nil {
		return err
	}
	if err := durable.SyncDir(d.dir); err != nil {
		return err
	}
	if err := durable.Replace(filepath.Join(d.dir, manifestName), data); err != nil {
		return err
	}
	return d.clean(m) // the segment that a new one continues
}
