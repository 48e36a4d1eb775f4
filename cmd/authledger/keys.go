package main

import (
	"context"

	"github.com/spf13/cobra"

	"authledger/cmd/internal/node"
	"authledger/cmd/internal/render"
	"authledger/cmd/internal/settings"
)

func newKeysCommand(p *program) *cobra.Command {
	return newGroupCommand("keys", "Manage the keys of personal data", newKeysRotateCommand(p))
}

func newKeysRotateCommand(p *program) *cobra.Command {
	return &cobra.Command{
		Use: "rotate", Short: "Change to another master key",
		Long: `Change the master key, which protects the keys of personal data. A running node serves its
callers meanwhile. Personal data, its keys and the log do not change, and erased data stays
erased.

The program that has the data directory open reads the next master key. No request and no
command line contains a master key:

- Without --master-key, the program creates the next master key in the data directory. After
  the rotation master.key holds the new key, and master.key.former the old one.
- With --master-key FILE, write the next master key to FILE.next. After the rotation, replace
  FILE by FILE.next.
- With ` + settings.MasterKeyVariable + `, start the node with ` + settings.NextMasterKeyVariable + `, too.
  After the rotation, set ` + settings.MasterKeyVariable + ` to that key.

A start after a crash opens the keys with either of the two master keys, and completes the
rotation. Keep the old master key as long as you keep backups of the keys from before the
rotation. After a leak, delete these backups and every copy of the old master key.`,
		Example: `  authledger keys rotate
  openssl rand -hex 32 > /etc/authledger/master.key.next
  authledger keys rotate --master-key /etc/authledger/master.key`,
		Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error { return p.rotateKeys(c.Context()) },
	}
}

// rotateKeys changes the master key through a node, or without a node in the data directory.
func (p *program) rotateKeys(ctx context.Context) error {
	n, err := p.reach()
	if err != nil {
		return err
	}
	var done node.Rotated
	if n == nil {
		err = p.withFiles(ctx, func(d *node.Directory) (err error) {
			done, err = d.RotateKeys()
			return err
		})
	} else {
		defer n.Close()
		err = p.runTask(ctx, n, task{path: "/v1/keys/rotate", message: "wrapping keys"}, &done)
	}
	if err != nil {
		return err
	}
	if done.Installed {
		p.warn("%s in the data directory holds the new key, and %[1]s.former the old one: copy the new key to the place where you keep a copy", node.MasterKeyName)
	} else {
		p.warn("configure the next master key as the master key of the node before you delete the old one")
	}
	return p.answer(done, func() *render.Table {
		t := render.NewTable()
		t.AppendRow(render.Row{"keys", render.Digits(float64(done.Keys)) + " under the new master key"})
		t.AppendRow(render.Row{"duration", render.Seconds(done.Seconds)})
		return t
	})
}
