// Package node runs a ledger in a process: the data directory with its lock and checks, the
// servers for HTTP and NATS, webhooks, and the limits of memory, files, connections and
// shutdowns. It reads no command line and prints nothing.
//
// [Open] opens a node for reading and writing, [OpenReadOnly] opens the files for reading
// without a server, and [StartServer] answers over HTTP.
package node

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"time"

	"authledger/adapters/tokens"
	"authledger/eventstore"
	"authledger/eventstore/audit"
	"authledger/eventstore/natsd"
	"authledger/projections"
	"authledger/projections/queries"
)

// Options configure a node. Dir, Realm, Name and Log are required.
type Options struct {
	Dir              string
	Realm            string
	MasterKeyFile    string                    // path; "" for master.key in Dir
	MasterKeyHex     string                    // 64 hexadecimal digits; overrides MasterKeyFile unless ""
	NextMasterKeyHex string                    // the master key to which a rotation changes; "" for the file of the master key with the suffix .next
	Name             string                    // name of the node in its commits
	Pseudonymous     bool                      // create a ledger whose records name persons by pseudonyms
	Unsynced         bool                      // acknowledge commands before they are on disk; for tests only
	Tune             func(*eventstore.Options) // changes the options of the ledger; for tests only
	DropDamagedKeys  bool                      // start although keys are damaged or missing, and delete those keys
	ReplaceRows      bool                      // replace rows that belong to another ledger
	Restoring        bool                      // open a directory whose restore is not complete, to complete it
	Log              *slog.Logger
	Progress         func(at, last uint64) // called while the rows catch up with the log; nil for no calls
	Observe          eventstore.Observer
	NATS             *NATSOptions  // nil without NATS
	Tokens           *tokens.Table // the node sets its entries from the ledger; nil for a table of its own
	HasIntake        bool          // messages may wait in the intake, so the node records no deadline while NATS is nil
	Now              func() time.Time

	// Locked is called with the directory after the node has locked it. The node calls release
	// before it unlocks the directory. It may be nil.
	Locked func(dir string) (release func() error)

	// Revoked is called with the name of each revoked token, before the verdict on the revocation is
	// returned. It MUST NOT block. It may be nil.
	Revoked func(name string)

	Shutdowns   *Shutdowns    // limits the duration of Close; nil for no limit
	CloseWithin time.Duration // maximum wait for verdicts in Close; 0 for 10 seconds

	ScrubRows    bool // compare the rows with the log in the background
	ScrubRecords int  // rate of ScrubRows, records a second; 0 for [audit.ScrubRecords]
}

// closeWithin is the default of Options.CloseWithin.
const closeWithin = 10 * time.Second

// Node is an open ledger that this process reads and writes, with its data directory.
type Node struct {
	*Directory
	Ledger  *eventstore.Ledger
	Queries *queries.Queries
	NATS    *Messaging // nil without NATS
	config  *config
}

// Open opens the data directory, or creates a ledger in an empty directory, and starts to
// decide commands. Open rebuilds rows that it finds damaged. After an error nothing is open.
func Open(ctx context.Context, o Options) (*Node, error) {
	n, err := open(ctx, o)
	if errors.Is(err, projections.ErrDamaged) {
		o.Log.Warn("damaged rows were found while the node started: the node starts once more and rebuilds them")
		first := err
		if n, err = open(ctx, o); err != nil { // the first attempt marked the rows, so this attempt moves them away
			err = errors.Join(err, first)
		}
	}
	return n, err
}

func open(ctx context.Context, o Options) (*Node, error) {
	d, err := OpenDirectory(ctx, o)
	if err != nil {
		return nil, err
	}
	n := &Node{Directory: d}
	if n.config, err = newConfig(d, n.revoked); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	d.opened = append(d.opened, n.config.callers.close)
	if n.NATS, err = d.connect(); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	if err := n.admitCallers(ctx); err != nil {
		return nil, errors.Join(err, n.Close())
	}
	options := d.LedgerOptions(d.Rows)
	if o.ScrubRows {
		options.Scrubs = append(options.Scrubs, &audit.RowScrub{
			Dir: o.Dir, Manifest: d.Manifest, Store: d.Store, State: d.Rows, Fresh: d.freshRows, Log: o.Log, Rate: o.ScrubRecords,
		})
	}
	switch {
	case n.NATS != nil && o.NATS.Serve != nil:
		options.Watermark = n.NATS.Watermark
	case n.NATS != nil || o.HasIntake:
		options.Watermark = func(time.Time) time.Time { return time.Time{} } // the node does not read the intake now, so it must record no deadline
	}
	if o.Tune != nil {
		o.Tune(&options)
	}
	d.Rows.Bulk(true)
	options.State = configuredRows{d.Rows, n.config}
	if n.Ledger, err = eventstore.Open(ctx, options); err != nil {
		return nil, errors.Join(err, n.Close())
	}
	n.Queries = queries.New(d.Rows, n.Ledger)
	d.Rows.Bulk(false)
	if err := d.Rows.Bind(); err != nil {
		return nil, errors.Join(err, n.Close())
	}
	if err := n.takeOver(ctx); err != nil {
		return nil, errors.Join(err, n.Close())
	}
	if n.NATS != nil && o.NATS.Serve != nil {
		if err := n.NATS.serve(n.Ledger, n.natsServiceOptions()); err != nil {
			return nil, errors.Join(err, n.Close())
		}
	}
	return n, nil
}

// revoked ends the streams and the connections of a revoked token.
func (n *Node) revoked(name string) {
	n.LogServer.Recheck()
	if n.Options.Revoked != nil {
		n.Options.Revoked(name)
	}
}

// freshRows opens a second, empty set of rows for the scrub.
func (d *Directory) freshRows() (audit.FreshState, error) {
	fresh, err := d.Rows.OpenFresh()
	if err != nil {
		return nil, err
	}
	return fresh, nil
}

// LedgerOptions returns the options of a ledger in this directory, with rows as its state.
func (d *Directory) LedgerOptions(rows *projections.Engine) eventstore.Options {
	o := &d.Options
	return eventstore.Options{
		Dir: o.Dir, Manifest: d.Manifest, Store: d.Store, State: rows, Keys: d.Keys,
		Node: o.Name, Unsynced: o.Unsynced, Now: o.Now, Log: o.Log, Progress: o.Progress,
		Observe: o.Observe,
		Scrubs: []eventstore.Scrub{&audit.LogScrub{
			Manifest: d.Manifest, Store: d.Store, State: rows, Log: o.Log, Files: d.OpenLogFiles,
		}},
		Proven: func() error { return d.LogServer.Release(natsd.LogAccount) },
		Intact: d.intact(), Trouble: d.Rows.Trouble,
	}
}

// Close answers the accepted requests, and closes the node. It returns the fault that stopped
// the ledger, and the errors of closing.
func (n *Node) Close() error {
	defer n.Options.Shutdowns.Begin(n.Err)()
	ctx, cancel := context.WithTimeout(context.Background(), cmp.Or(n.Options.CloseWithin, closeWithin))
	defer cancel()
	var all error
	if n.NATS != nil {
		all = n.NATS.close()
	}
	if n.Ledger != nil {
		all = errors.Join(all, n.Ledger.Close(ctx))
	}
	return errors.Join(all, n.Directory.Close())
}

// Err returns the error that stopped the ledger, nil if none did. It is safe for concurrent use.
func (n *Node) Err() error {
	if n.Ledger == nil {
		return nil
	}
	return n.Ledger.Err()
}
