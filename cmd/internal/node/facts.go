package node

import (
	"io/fs"
	"path/filepath"
	"strings"

	"authledger/adapters/console"
	"authledger/eventstore"
)

// facts returns the facts about the files of the node for the page about the integrity.
func (n *Node) facts() (console.Facts, error) {
	head, err := eventstore.HeadAt(n.Options.Dir)
	if err != nil {
		return console.Facts{}, err
	}
	assigned, err := n.Rows.LastKeySlot()
	if err != nil {
		return console.Facts{}, err
	}
	f := console.Facts{
		LedgerID: n.Manifest.LedgerID, Head: head, Generation: n.Rows.Generation(), Projections: n.Rows.Versions(),
		Keys: n.Keys.Older() + uint64(assigned),
	}
	return f, filepath.WalkDir(n.streamDir(), func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || !strings.HasSuffix(path, ".blk") {
			return err
		}
		info, err := e.Info()
		if err == nil {
			f.LogFiles++
			f.LogBytes += info.Size()
		}
		return err
	})
}
