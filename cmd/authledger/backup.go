package main

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"github.com/spf13/cobra"

	"authledger/adapters/httpapi"
	"authledger/cmd/internal/node"
	"authledger/cmd/internal/render"
	"authledger/eventstore"
	"authledger/eventstore/backup"
)

// standardStream is the argument that stands for standard output or standard input.
const standardStream = "-"

func newBackupCommand(p *program) *cobra.Command {
	var keys string
	c := &cobra.Command{
		Use: "backup DIR|-", Short: "Back up the log, also of a running node",
		Long: `Write the commits of the log to a backup in DIR, or add the commits since the last backup
to it. With - the command writes a whole backup to standard output, as a tar archive.

  authledger backup /mnt/backup --keys /mnt/keys/ledger.keys
  authledger backup - | ssh vault 'cat >ledger.tar'

A node may run on the data directory: the backup contains every record that the node had
acknowledged when the command started. A backup that was interrupted leaves the former
backup. Run the same command again.

The backup contains no keys. --keys copies the key ring to a separate file, encrypted by the
master key as on disk, and replaces the former copy. Keep that file and the master key away
from the backup. Personal data can be read only with all three.`,
		Args: oneArgument("directory of the backup, or - for standard output"),
		RunE: func(c *cobra.Command, args []string) error {
			if err := wantKeysPath(c, keys); err != nil {
				return err
			}
			b := node.Backup{Options: p.nodeOptions(), Newest: p.newestRecord, Keys: keys}
			if args[0] != standardStream {
				b.Dir = args[0]
				b.To = func(ctx context.Context, o backup.Options) (backup.Result, error) {
					return backup.ToDirectory(ctx, args[0], o)
				}
				return p.backup(c.Context(), &b, p.printer())
			}
			if render.IsTerminal(p.out, p.getenv("TERM")) {
				return usagef("`%s -` writes an archive, but standard output is a terminal: "+
					"redirect it to a file or a pipe", c.CommandPath())
			}
			b.To = func(ctx context.Context, o backup.Options) (backup.Result, error) {
				return backup.ToStream(ctx, p.out, o)
			}
			return p.backup(c.Context(), &b, p.printerTo(p.errs))
		},
	}
	c.Flags().StringVar(&keys, "keys", "", "copy the key ring to this `FILE`, encrypted by the master key")
	c.AddCommand(newBackupCheckCommand(p))
	return c
}

// wantKeysPath returns an error for --keys without the path of a file, because a script whose
// variable has no value would back up no keys and succeed.
func wantKeysPath(c *cobra.Command, keys string) error {
	if c.Flags().Changed("keys") && (keys == "" || keys == standardStream) {
		return usagef("`%s --keys` needs the path of a file: "+
			"keys are neither read from nor written to a stream", c.CommandPath())
	}
	return nil
}

func (p *program) backup(ctx context.Context, b *node.Backup, to render.Printer) error {
	if err := p.wantLedger(); err != nil {
		return err
	}
	bar := p.startBar("backing up", render.Commits)
	b.Progress = func(at, last uint64) { bar.Set(int64(at), int64(last)) }
	done, err := b.Run(ctx)
	bar.Stop()
	if err != nil {
		return err
	}
	return to.Answer(done, func() *render.Table {
		t := render.NewTable()
		t.AppendRow(render.Row{"end", endOf(done.End)})
		t.AppendRow(render.Row{"added", render.Count(done.Added, "commit", "commits")})
		t.AppendRow(render.Row{"written", render.Count(uint64(done.Bytes), "byte", "bytes")})
		keys := "not copied: add --keys FILE to copy them"
		if done.Keys != "" {
			keys = "copied to " + done.Keys
		}
		t.AppendRow(render.Row{"keys", keys})
		t.AppendRow(render.Row{"duration", render.Seconds(done.Seconds)})
		return t
	})
}

// endOf returns the last record of a backup as text.
func endOf(at node.LogPosition) string {
	if at.Seq == 0 {
		return "no record"
	}
	return "record " + render.Grouped(int64(at.Seq)) + ", " + at.Hash
}

// newestRecord returns the newest record that the node on the data directory has acknowledged. It
// returns 0 if another command than serve has the directory open, or if the node is starting: the
// head then states the end.
func (p *program) newestRecord(ctx context.Context) (uint64, error) {
	if !p.hasNode() {
		return 0, nil
	}
	ctx, cancel := context.WithTimeout(ctx, healthWithin)
	defer cancel()
	// The socket in the directory, because --listen may name another node.
	at := probed{url: localURL, client: &http.Client{Transport: p.localTransport()}}
	body, err := at.get(ctx, "/readyz")
	var r httpapi.Readiness
	if wrong := json.Unmarshal(body, &r); wrong != nil {
		return 0, errors.Join(wrong, err)
	}
	return r.Seq, nil
}

func newRestoreCommand(p *program) *cobra.Command {
	var keys string
	c := &cobra.Command{
		Use: "restore DIR|-", Short: "Restore a backup into an empty directory",
		Long: `Restore the backup in DIR, or with - a backup from standard input, into the data directory.

  authledger restore /mnt/backup --keys /mnt/keys/ledger.keys --data ledger
  authledger restore - --data ledger <ledger.tar

The data directory must be empty or absent. It may contain master.key. The command
publishes the commits in order into a new log, destroys the keys that the log has erased,
also if the copy of the keys is older than the erasure, and ends with the checks of
authledger verify. Every record keeps its number.

The command refuses a backup that is damaged or incomplete, and a copy of the keys of another
ledger, with exit code 3, and names the file and the position. After an interruption or an
error every command refuses the data directory, until you run the same command again. It then
begins anew: it deletes the files that the incomplete restore has written, and keeps the
master keys. It refuses a directory with any other file.`,
		Args: oneArgument("directory of the backup, or - for standard input"),
		RunE: func(c *cobra.Command, args []string) error {
			if err := wantKeysPath(c, keys); err != nil {
				return err
			}
			return p.restore(c.Context(), args[0], keys)
		},
	}
	c.Flags().StringVar(&keys, "keys", "",
		"restore the key ring from this `FILE`, which `authledger backup --keys` has written")
	return c
}

// restoreError is an error of a restore. It has its own next step: the directory holds nothing to keep.
type restoreError struct{ error }

func (e restoreError) Unwrap() error { return e.error }

func (p *program) restore(ctx context.Context, from, keys string) error {
	v, err := p.restoreFrom(ctx, from, keys)
	if err != nil {
		return restoreError{err}
	}
	return p.showVerified(v)
}

func (p *program) restoreFrom(ctx context.Context, from, keys string) (v node.Verified, err error) {
	source, err := p.openBackup(from)
	if err != nil {
		return v, err
	}
	o := p.nodeOptions()
	bar := p.startBar("restoring", render.Commits)
	r := node.Restore{Options: o, From: source, Keys: keys, Progress: func(at uint64) { bar.Set(int64(at), 0) }}
	err = r.Run(ctx)
	bar.Stop()
	if err != nil {
		return v, err
	}
	o.Restoring = true
	err = p.withFilesOf(ctx, o, func(d *node.Directory) error {
		head, err := eventstore.HeadAt(d.Options.Dir)
		if err == nil {
			v, err = p.verify(ctx, d, head)
		}
		if err != nil {
			return err
		}
		return d.CompleteRestore()
	})
	return v, err
}
