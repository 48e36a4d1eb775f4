package main

import (
	"context"

	"github.com/spf13/cobra"

	"authledger/cmd/internal/node"
	"authledger/cmd/internal/render"
	"authledger/eventstore/backup"
)

func newBackupCheckCommand(p *program) *cobra.Command {
	var keys string
	c := &cobra.Command{
		Use: "check DIR|-", Short: "Check a backup, and restore nothing",
		Long: `Read the backup in DIR, or with - a backup from standard input, and prove every commit: each must
follow from the commit before it, and each file must have the bytes that the backup states. The
command needs no data directory and writes nothing.

  authledger backup check /mnt/backup --keys /mnt/keys/ledger.keys
  authledger backup check - <ledger.tar

--keys also checks the copy of the key ring: that it belongs to the ledger of the backup, and that
its files are whole. Only a restore with the master key proves that the keys open the personal
data.

The command refuses a damaged or incomplete backup with exit code 3, and names the file and the
position. To write a backup to a directory with the name check, give its path as ./check.`,
		Args: oneArgument("directory of the backup, or - for standard input"),
		RunE: func(c *cobra.Command, args []string) error {
			if err := wantKeysPath(c, keys); err != nil {
				return err
			}
			return p.checkBackup(c.Context(), args[0], keys)
		},
	}
	c.Flags().StringVar(&keys, "keys", "", "check also the copy of the key ring in this `FILE`")
	return c
}

// checkedBackup is the answer of backup check, as JSON.
type checkedBackup struct {
	Realm   string           `json:"realm"`
	End     node.LogPosition `json:"end"` // of the backup
	Commits uint64           `json:"commits"`
	Keys    string           `json:"keys,omitempty"` // path of the copy of the keys that was checked
}

func (p *program) checkBackup(ctx context.Context, from, keys string) error {
	b, err := p.openBackup(from)
	if err != nil {
		return err
	}
	bar := p.startBar("checking", render.Commits)
	for m, wrong := range b.Commits(ctx) {
		if err = wrong; err != nil {
			break
		}
		bar.Set(int64(m.Stream), 0)
	}
	bar.Stop()
	if err == nil && keys != "" {
		err = backup.CheckKeys(keys, b.Ledger)
	}
	if err != nil {
		return err
	}
	end := b.End()
	checked := checkedBackup{b.Ledger.Realm, node.NewLogPosition(end), end.Stream, keys}
	return p.printer().Answer(checked, func() *render.Table {
		t := render.NewTable()
		t.AppendRow(render.Row{"realm", checked.Realm})
		t.AppendRow(render.Row{"end", endOf(checked.End)})
		t.AppendRow(render.Row{"proved", render.Count(checked.Commits, "commit", "commits")})
		text := "not checked: add --keys FILE to check the copy of the keys"
		if keys != "" {
			text = keys + " is whole"
		}
		t.AppendRow(render.Row{"keys", text})
		return t
	})
}

// openBackup opens the backup in a directory, or the one on standard input.
func (p *program) openBackup(from string) (*backup.Backup, error) {
	if from == standardStream {
		return backup.OpenStream(p.in)
	}
	return backup.OpenDirectory(from)
}
