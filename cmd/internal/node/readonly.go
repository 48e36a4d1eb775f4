package node

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"authledger/eventstore"
	"authledger/eventstore/blocks"
	"authledger/eventstore/jetstream"
	"authledger/eventstore/natsd"
	"authledger/projections"
	"authledger/projections/queries"
)

// View is an open ledger that this process only reads, with its data directory.
type View struct {
	*Directory
	Ledger  *eventstore.View
	Queries *queries.Queries
}

// OpenReadOnly opens the data directory for reading. It reads the block files of the log without
// a NATS server, because a starting server truncates or deletes files that it can't read.
// It writes only the lock file and, if the projections lack commits, the projections.
func OpenReadOnly(ctx context.Context, o Options) (*Directory, error) {
	d := &Directory{Options: o, end: os.Exit}
	return d.orClose(d.open(func(made bool) error {
		if !made {
			return d.withoutManifest(ctx)
		}
		if err := d.openBlocks(ctx); err != nil {
			return err
		}
		if err := d.openKeys(made); err != nil {
			return err
		}
		return d.bind(ctx)
	}))
}

func (d *Directory) openBlocks(ctx context.Context) error {
	s, err := blocks.Open(ctx, d.blockOptions())
	if err != nil {
		return err
	}
	d.Log = s
	d.opened = append(d.opened, s.Close)
	if torn := s.Torn(); torn.Bytes > 0 {
		d.Options.Log.Warn("the newest block of the log ends with an incomplete record, which was not acknowledged; the next start of the node removes it",
			"file", torn.File, "offset", torn.At, "bytes", torn.Bytes)
	}
	return nil
}

// checkFiles checks the newest block, the configuration of the stream, and the end of the log in
// the block files. A start calls it before a server opens the files, because the server would
// repair and thereby shorten a damaged log.
func (d *Directory) checkFiles(ctx context.Context) error {
	s, err := blocks.Open(ctx, d.blockOptions())
	if err != nil {
		return err
	}
	return errors.Join(eventstore.CheckTail(ctx, d.Manifest, s, d.Options.Dir), s.Close())
}

// OpenLogFiles opens the block files to which the NATS server of this process appends, for
// reading up to the stream position last, which the server has acknowledged.
func (d *Directory) OpenLogFiles(ctx context.Context, last uint64) (eventstore.Reader, error) {
	o := d.blockOptions()
	o.Last = last
	return blocks.Open(ctx, o)
}

func (d *Directory) blockOptions() blocks.Options {
	realm := d.Options.Realm
	return blocks.Options{
		Dir:    d.streamDir(),
		Stream: jetstream.StreamName(realm), Subject: jetstream.Subject(realm),
		Config: func(described []byte) error { return jetstream.CheckDescription(described, realm) },
	}
}

func (d *Directory) streamDir() string {
	return natsd.StreamDir(filepath.Join(d.Options.Dir, LogDir), natsd.LogAccount, jetstream.StreamName(d.Options.Realm))
}

// withoutManifest returns the error of a directory without ledger.json: a *Fault if its log
// holds messages, else an error about an interrupted creation of the ledger.
func (d *Directory) withoutManifest(ctx context.Context) error {
	_, err := os.Stat(d.streamDir())
	if err == nil {
		err = d.openBlocks(ctx)
	}
	var last uint64
	if err == nil {
		last, err = d.Log.Last(ctx)
	}
	switch {
	case last > 0, errors.As(err, new(*eventstore.Fault)):
		return errors.Join(d.noManifest(), err)
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return err
	}
	return fmt.Errorf("%s contains no ledger, because its creation was interrupted: complete it with `authledger serve`, `do` or `import`", d.Options.Dir)
}

// OpenView opens the ledger for reading on rows, after the rows have caught up with the
// log. It destroys the keys that the log has erased. It calls progress, which may be nil, with the position of the rows and the last
// record of the log.
func (d *Directory) OpenView(ctx context.Context, rows *projections.Engine, progress func(at, last uint64)) (*View, error) {
	rows.Bulk(true)
	defer rows.Bulk(false)
	v, err := eventstore.OpenView(ctx, eventstore.ViewOptions{
		Dir: d.Options.Dir, Manifest: d.Manifest, Log: d.Log, State: rows, Keys: d.Keys, Progress: progress,
	})
	if err != nil {
		return nil, err
	}
	if err := eventstore.EraseKeys(d.Keys, rows); err != nil {
		return nil, err
	}
	return &View{d, v, queries.New(rows, v)}, rows.Bind()
}
