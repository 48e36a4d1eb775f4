package node

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"authledger/adapters/tokens"
	"authledger/adapters/webhooks"
	"authledger/domain"
	"authledger/eventstore/durable"
	"authledger/eventstore/wire"
)

// Files in which older versions stored tokens and webhooks. The first start of this version
// records their contents, and renames them.
const (
	legacyTokensName   = "tokens.json"
	legacyWebhooksName = "webhooks.json"
	migratedSuffix     = ".migrated"
)

// MigrationCaller is the caller of the commands that take over a file of an older version.
const MigrationCaller = "system/migration"

// HasLegacyConfig reports whether a data directory has a file that the next start takes over.
func HasLegacyConfig(dir string) (bool, error) {
	for _, name := range []string{legacyTokensName, legacyWebhooksName} {
		switch _, err := os.Stat(filepath.Join(dir, name)); {
		case err == nil:
			return true, nil
		case !errors.Is(err, fs.ErrNotExist):
			return false, fmt.Errorf("find the files of an older version: %w", err)
		}
	}
	return false, nil
}

// legacyEntry is a token or a webhook of an older version.
type legacyEntry struct {
	file, name string
	made       time.Time
	id         string // of the command
	data       domain.CommandData
}

// takeOver records the tokens and webhooks of an older version, then renames their files. It is
// idempotent: the id of each command follows from its entry, so a start after a crash records the
// remaining entries only. An entry that can't be recorded is an error, and the files stay.
func (n *Node) takeOver(ctx context.Context) error {
	all, err := n.legacyEntries()
	if err != nil {
		return err
	}
	for i := range all {
		if err := n.record(ctx, &all[i]); err != nil {
			return fmt.Errorf("take over %s of %s: %w: repair the file, or restore it from a backup, then start again", all[i].name, all[i].file, err)
		}
	}
	for _, name := range []string{legacyTokensName, legacyWebhooksName} {
		if err := n.keepMigrated(filepath.Join(n.Options.Dir, name)); err != nil {
			return err
		}
	}
	return nil
}

// legacyEntries returns the entries of both files in the order in which they were made, because
// the clock of system/config never goes back.
func (n *Node) legacyEntries() (all []legacyEntry, err error) {
	list, err := tokens.ReadLegacy(filepath.Join(n.Options.Dir, legacyTokensName))
	if err != nil {
		return nil, fmt.Errorf("%w: repair the file, or restore it from a backup, then start again", err)
	}
	for i := range list {
		t := &list[i]
		all = append(all, legacyEntry{legacyTokensName, t.Name, t.Made, "token:" + t.Name + ":" + t.Hash, t.Command()})
	}
	endpoints, err := webhooks.ReadLegacy(filepath.Join(n.Options.Dir, legacyWebhooksName))
	if err != nil {
		return nil, fmt.Errorf("%w: repair the file, or restore it from a backup, then start again", err)
	}
	for i := range endpoints {
		e := &endpoints[i]
		id := "webhook:" + e.Name + ":" + e.Made.UTC().Format(time.RFC3339Nano)
		secret := e.Secret
		if e.Former != "" {
			secret = e.Former
			all = append(all, legacyEntry{legacyWebhooksName, e.Name, e.FormerUntil.Add(-domain.WebhookFormerFor), id + ":rotate",
				&domain.ConfigWebhookRotate{Name: e.Name, Secret: e.Secret}})
		}
		all = append(all, legacyEntry{legacyWebhooksName, e.Name, e.Made, id, e.Command(secret)})
	}
	slices.SortStableFunc(all, func(a, b legacyEntry) int {
		return cmp.Or(a.made.Compare(b.made), cmp.Compare(len(a.id), len(b.id)))
	})
	return all, nil
}

// record submits the command of an entry, with the instant at which the entry was made.
func (n *Node) record(ctx context.Context, e *legacyEntry) error {
	c := domain.Command{
		Source: domain.SystemSource, ID: "migration:" + e.id, Time: e.made, Caller: MigrationCaller, Backfill: true, Data: e.data,
	}
	if _, rejection := wire.ReadTyped(e.data.CommandType(), wire.AppendData(nil, e.data)); rejection != nil {
		return rejection
	}
	v, err := n.Ledger.Do(ctx, c)
	if err == nil && v.Status != domain.Accepted {
		err = fmt.Errorf("%s: %s: %s", v.Status, v.Reason, v.Detail)
	}
	return err
}

// keepMigrated renames a file that was taken over, so that no later start reads it.
func (n *Node) keepMigrated(path string) error {
	switch err := os.Rename(path, path+migratedSuffix); {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("keep the migrated file: %w", err)
	}
	n.Options.Log.Info("recorded the contents of a file of an older version", "file", path, "kept_as", path+migratedSuffix)
	return durable.SyncDir(n.Options.Dir)
}
