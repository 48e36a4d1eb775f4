//go:build faults

package main

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// pageBytes is what a disk loses at once.
const pageBytes = 4 << 10

// copyDir copies a stopped directory.
func copyDir(to, from string) error {
	return os.CopyFS(to, os.DirFS(from))
}

// filesOf lists the files under a directory by their relative names.
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

// kindOf says what a file of a data directory is.
func kindOf(name string) string {
	file := filepath.Base(name)
	switch {
	case strings.HasSuffix(name, ".blk"):
		return "log block"
	case file == "index.db":
		return "log index"
	case strings.HasPrefix(name, logDir+"/"):
		return "log meta"
	case strings.HasPrefix(name, keysDir+"/"):
		return "keys"
	case !strings.HasPrefix(name, projectionsDir+"/"):
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
	Unclean bool   // the log's index was lost before, as an unclean stop loses it
	Seed    uint64 // of where in the file
	Again   bool   // the process died over it: start again on what it left
}

func (c damageCase) String() string {
	unclean := ""
	if c.Unclean {
		unclean = ", without the log's index"
	}
	return fmt.Sprintf("case %d: %s of %s%s", c.Number, c.Damage, c.Path, unclean)
}

// inflict damages the file in dir. older is the directory as it once was.
func (c damageCase) inflict(dir, older string) error {
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
	return os.WriteFile(path, c.spoil(data), 0o600)
}

// spoil damages data, at the places that the seed says.
func (c damageCase) spoil(data []byte) []byte {
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

// replaceByOlder swaps in the file as it once was, or takes it away if it was
// not there yet.
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

// removeIndex loses what nats-server writes at a clean stop.
func removeIndex(dir string) error {
	names, err := filesOf(filepath.Join(dir, logDir))
	if err != nil {
		return err
	}
	for _, name := range names {
		if filepath.Base(name) == "index.db" {
			err = errors.Join(err, os.Remove(filepath.Join(dir, logDir, name)))
		}
	}
	return err
}

// lastBlock is the newest file of the log.
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
		return "", fmt.Errorf("%v: the log is to have several files", blocks)
	}
	return blocks[len(blocks)-1], nil
}

// drawCases draws damages evenly over the kinds of files, but more of those
// that hold the log and the rows.
func drawCases(chance *rand.Rand, dir string, count int) ([]damageCase, error) {
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
		c := damageCase{Number: i, Path: of[chance.IntN(len(of))], Damage: damages[chance.IntN(len(damages))], Seed: chance.Uint64()}
		c.Unclean = chance.IntN(3) == 0 && kindOf(c.Path) != "log index"
		cases[i] = c
	}
	return cases, nil
}
