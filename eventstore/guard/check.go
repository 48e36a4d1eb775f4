package guard

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"authledger/eventstore"
	"authledger/eventstore/blocks"
	"authledger/eventstore/durable"
)

const (
	streamsDir = "streams"
	blocksDir  = "msgs" // in a stream's directory
	blockEnd   = ".blk"
	indexName  = "index.db"

	// readWithin is the maximum age of a block that the server may read at its start although
	// index.db is current: the server then loads the message ids of the duplicate window,
	// which is at most 2 minutes. The other 3 minutes allow for file systems with coarse times.
	readWithin = 5 * time.Minute
)

// check lists the account's files. It returns an error for a file that the server could not
// open, and for a block that the server would truncate or delete. It changes no file.
func (g *guard) check() error {
	if err := filepath.WalkDir(g.root, g.visit); err != nil {
		return fmt.Errorf("check the files of the log: %w", err)
	}
	var all error
	for _, stream := range g.streams() {
		all = errors.Join(all, g.checkStream(stream))
	}
	return all
}

// visit checks one entry of the account's directory.
func (g *guard) visit(path string, d fs.DirEntry, err error) error {
	if err != nil {
		return err
	}
	rel, err := filepath.Rel(g.root, path)
	if err != nil || rel == "." {
		return err
	}
	if strings.HasPrefix(d.Name(), ".") && d.IsDir() {
		return fs.SkipDir // a stream that the server was deleting
	}
	if d.IsDir() && !isFileName(path) {
		g.list.Dirs = append(g.list.Dirs, rel)
		return nil
	}
	if !d.Type().IsRegular() {
		return fmt.Errorf("%s is a %s, want a regular file: remove it or put the file back, then start again", path, kindOf(d))
	}
	info, err := d.Info()
	if err != nil {
		return err
	}
	if err := checkOwner(path, info); err != nil {
		return err
	}
	g.list.Files = append(g.list.Files, file{Path: rel, Size: info.Size(), Mode: info.Mode().Perm(), Linked: strings.HasSuffix(rel, blockEnd), changed: info.ModTime()})
	return readable(path, info)
}

// isFileName reports whether the server uses such a path for files only: the directories of
// accounts, streams and consumers have no dot in their names, and the directory of the blocks
// holds no directory.
func isFileName(path string) bool {
	return strings.Contains(filepath.Base(path), ".") || filepath.Base(filepath.Dir(path)) == blocksDir
}

func kindOf(d fs.DirEntry) string {
	switch t := d.Type(); {
	case t.IsDir():
		return "directory"
	case t&fs.ModeSymlink != 0:
		return "symbolic link"
	case t&fs.ModeNamedPipe != 0:
		return "named pipe"
	}
	return "special file"
}

// readable opens a file and reads its first byte.
func readable(path string, info fs.FileInfo) error {
	f, err := os.OpenFile(path, openFlags, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	if info.Size() == 0 {
		return nil
	}
	_, err = f.ReadAt(make([]byte, 1), 0)
	return err
}

// checkStream selects the blocks of a stream that are copied, and reads the others that
// the server will read.
func (g *guard) checkStream(stream string) error {
	dir := filepath.Join(streamsDir, stream, blocksDir)
	var numbers []uint32
	for i := range g.list.Files {
		if n, ok := blockNumber(dir, g.list.Files[i].Path); ok {
			numbers = append(numbers, n)
		}
	}
	if len(numbers) == 0 {
		return nil
	}
	slices.Sort(numbers)
	newest := numbers[len(numbers)-1]
	newestPath := filepath.Join(dir, blockName(newest))
	for i := range g.list.Files {
		if f := &g.list.Files[i]; f.Path == newestPath {
			f.Linked = false
		}
	}
	current, err := indexIsCurrent(filepath.Join(g.root, dir, indexName), filepath.Join(g.root, newestPath), newest)
	if err != nil {
		return err
	}
	if current && int(newest-numbers[0])+1 == len(numbers) {
		numbers = g.recent(dir, numbers)
	}
	return g.readBlocks(stream, dir, numbers, newest)
}

// recent returns the numbers of the blocks that were written within readWithin, but not
// the newest, of which the guard has a copy. It includes blocks with a time in the future.
func (g *guard) recent(dir string, numbers []uint32) (all []uint32) {
	newest := numbers[len(numbers)-1]
	for i := range g.list.Files {
		f := &g.list.Files[i]
		if n, ok := blockNumber(dir, f.Path); ok && n != newest && time.Since(f.changed) < readWithin {
			all = append(all, n)
		}
	}
	slices.Sort(all)
	return all
}

// readBlocks reads blocks of a stream, several at once, and returns the error of the oldest
// block with an error.
func (g *guard) readBlocks(stream, dir string, numbers []uint32, newest uint32) error {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	ends, errs := make([]uint64, len(numbers)), make([]error, len(numbers))
	next := make(chan int)
	var group sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		group.Go(func() {
			for i := range next {
				path := filepath.Join(g.root, dir, blockName(numbers[i]))
				if ends[i], errs[i] = blocks.CheckFile(path, stream, numbers[i], numbers[i] == newest); errs[i] != nil {
					cancel()
				}
			}
		})
	}
	for i := range numbers {
		if ctx.Err() != nil {
			break
		}
		next <- i
	}
	close(next)
	group.Wait()
	for i, err := range errs {
		if fault := (*eventstore.Fault)(nil); errors.As(err, &fault) && fault.Stream == 0 {
			fault.Stream = g.firstOf(stream, numbers, ends, i)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// firstOf returns the position of the first record of block numbers[i], 0 if it is unknown.
func (g *guard) firstOf(stream string, numbers []uint32, ends []uint64, i int) uint64 {
	switch {
	case i > 0 && numbers[i-1]+1 == numbers[i]:
		return ends[i-1] + 1
	case numbers[i] > 1:
		return 0
	}
	description, err := os.ReadFile(filepath.Join(g.root, streamsDir, stream, "meta.inf"))
	if err == nil && bytes.Contains(description, []byte(`"deny_purge":true`)) {
		return 1 // a stream that denies purges keeps its first message
	}
	return 0
}

func blockName(n uint32) string { return strconv.FormatUint(uint64(n), 10) + blockEnd }

// blockNumber returns the number of a block in dir.
func blockNumber(dir, path string) (uint32, bool) {
	name, isBlock := strings.CutSuffix(filepath.Base(path), blockEnd)
	n, err := strconv.ParseUint(name, 10, 32)
	return uint32(n), isBlock && err == nil && filepath.Dir(path) == dir
}

// indexIsCurrent reports whether index.db describes the newest block as it is: the file ends
// with the number of that block, the checksum of the block's last record and the checksum of
// index.db. The server makes the same comparisons, and reads all blocks if one fails.
func indexIsCurrent(index, newest string, n uint32) (bool, error) {
	data, err := durable.ReadFile(index)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	last, err := tail(newest, blocks.ChecksumBytes)
	if err != nil {
		return false, err
	}
	return blocks.IndexEndsWith(data, filepath.Base(filepath.Dir(filepath.Dir(index))), n, last), nil
}

// tail returns the last n bytes of a file, fewer if the file is shorter.
func tail(path string, n int64) ([]byte, error) {
	f, err := os.OpenFile(path, openFlags, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	n = min(n, info.Size())
	data := make([]byte, n)
	_, err = f.ReadAt(data, info.Size()-n)
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return data, err
}
