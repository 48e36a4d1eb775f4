//go:build faults

package faults

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"authledger/cmd/internal/node"
	"authledger/cmd/internal/nodetest"
)

// pageBytes is the unit in which a disk loses data.
const pageBytes = 4 << 10

// copyDir copies a stopped directory.
func copyDir(to, from string) error {
	return nodetest.CopyDirectory(to, from)
}

// filesOf returns the relative paths of the files in a directory.
func filesOf(dir string) ([]string, error) {
	var all []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			name, _ := filepath.Rel(dir, path)
			all = append(all, name)
		}
		return err
	})
	return all, err
}

// kindOf returns the kind of a file in a data directory.
func kindOf(name string) string {
	file := filepath.Base(name)
	switch {
	case strings.HasSuffix(name, ".blk"):
		return "log block"
	case file == "index.db":
		return "log index"
	case strings.HasPrefix(name, node.LogDir+"/"):
		return "log meta"
	case strings.HasPrefix(name, node.KeysDir+"/"):
		return "keys"
	case !strings.HasPrefix(name, node.ProjectionsDir+"/"):
		return file // head, ledger.json, lock, master.key
	case strings.HasSuffix(name, ".sst"):
		return "rows sst"
	case strings.HasPrefix(file, "MANIFEST"):
		return "rows MANIFEST"
	}
	return "rows other"
}

// Kinds of damage.
var damages = []string{"flip", "truncate", "zero", "delete", "older", "append"}

// damageCase is one damage to one file.
type damageCase struct {
	Number  int
	Path    string // relative
	Damage  string
	Unclean bool   // the index of the log was removed first, as after an unclean stop
	Seed    uint64 // determines the place in the file
	Again   bool   // the process died; the case opens the directory that it left
}

func (c damageCase) String() string {
	unclean := ""
	if c.Unclean {
		unclean = ", without the log's index"
	}
	return fmt.Sprintf("case %d: %s of %s%s", c.Number, c.Damage, c.Path, unclean)
}

// damageFile damages the file in dir. older is an older copy of the directory.
func (c damageCase) damageFile(dir, older string) error {
	if c.Unclean {
		if err := removeIndex(dir); err != nil {
			return err
		}
	}
	path := filepath.Join(dir, c.Path)
	switch c.Damage {
	case "delete":
		return os.Remove(path)
	case "older":
		return replaceByOlder(path, filepath.Join(older, c.Path))
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	return os.WriteFile(path, c.damageBytes(data), 0o600)
}

// damageBytes damages data at the place that the seed determines.
func (c damageCase) damageBytes(data []byte) []byte {
	chance := rand.New(rand.NewPCG(c.Seed, 2))
	if len(data) == 0 {
		return append(data, 'x')
	}
	at := chance.IntN(len(data))
	switch c.Damage {
	case "flip":
		data[at] ^= 1 << chance.IntN(8)
	case "truncate":
		return data[:at]
	case "zero":
		begin := at / pageBytes * pageBytes
		clear(data[begin:min(begin+pageBytes, len(data))])
	case "append":
		garbage := make([]byte, 1+chance.IntN(600))
		for i := range garbage {
			garbage[i] = byte(chance.Uint32())
		}
		return append(data, garbage...)
	}
	return data
}

// replaceByOlder replaces a file by its older copy, or deletes a file without one.
func replaceByOlder(path, older string) error {
	data, err := os.ReadFile(older)
	if errors.Is(err, fs.ErrNotExist) {
		return os.Remove(path)
	}
	if err != nil {
		return err
	}
	return os.WriteFile(path, data, 0o600)
}

// removeIndex removes the file that nats-server writes at a clean stop.
func removeIndex(dir string) error {
	names, err := filesOf(filepath.Join(dir, node.LogDir))
	if err != nil {
		return err
	}
	for _, name := range names {
		if filepath.Base(name) == "index.db" {
			err = errors.Join(err, os.Remove(filepath.Join(dir, node.LogDir, name)))
		}
	}
	return err
}

// lastBlock returns the newest file of the log.
func lastBlock(dir string) (string, error) {
	names, err := filesOf(dir)
	if err != nil {
		return "", err
	}
	var blocks []string
	for _, name := range names {
		if kindOf(name) == "log block" {
			blocks = append(blocks, name)
		}
	}
	slices.SortFunc(blocks, func(a, b string) int { // 2.blk before 10.blk
		if len(a) != len(b) {
			return len(a) - len(b)
		}
		return strings.Compare(a, b)
	})
	if len(blocks) < 2 {
		return "", fmt.Errorf("got blocks %v, want several", blocks)
	}
	return blocks[len(blocks)-1], nil
}

// randomCases returns damages of all kinds of files, with more of the log and the
// rows.
func randomCases(chance *rand.Rand, dir string, count int) ([]damageCase, error) {
	names, err := filesOf(dir)
	if err != nil {
		return nil, err
	}
	byKind := make(map[string][]string)
	for _, name := range names {
		byKind[kindOf(name)] = append(byKind[kindOf(name)], name)
	}
	var kinds []string
	for kind := range byKind {
		kinds = append(kinds, kind)
	}
	kinds = append(kinds, "log block", "log block", "rows sst")
	slices.Sort(kinds)
	cases := make([]damageCase, count)
	for i := range cases {
		of := byKind[kinds[i%len(kinds)]]
		c := damageCase{Number: i, Path: of[chance.IntN(len(of))], Damage: damages[chance.IntN(len(damages))],
			Seed: chance.Uint64()}
		c.Unclean = chance.IntN(3) == 0 && kindOf(c.Path) != "log index"
		cases[i] = c
	}
	return cases, nil
}
