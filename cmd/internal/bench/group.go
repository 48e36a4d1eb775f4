package bench

import (
	"os"
	"path/filepath"

	"github.com/cockroachdb/pebble/v2"
)

// groupFile is a file with group commit: one goroutine appends all waiting values, syncs the file
// once, and then returns to all their callers. It decides nothing and keeps no index, so its
// rate shows the cost of the shared syncs.
type groupFile struct {
	file    *os.File
	queue   chan waitingValue
	stopped chan struct{}
	syncs   int // read after close
}

// waitingValue is a value that is not on disk yet.
type waitingValue struct {
	bytes []byte
	done  chan error
}

func openGroupFile(dir string) (*groupFile, error) {
	f, err := os.Create(filepath.Join(dir, fileGroup))
	if err != nil {
		return nil, err
	}
	g := &groupFile{file: f, queue: make(chan waitingValue, commitOutstanding), stopped: make(chan struct{})}
	go g.run()
	return g, nil
}

// append returns when the value is on disk. It is safe for concurrent use.
func (g *groupFile) append(value []byte) error {
	w := waitingValue{value, make(chan error, 1)}
	g.queue <- w
	return <-w.done
}

func (g *groupFile) run() {
	defer close(g.stopped)
	var group []waitingValue
	var buffer []byte
	for first := range g.queue {
		group, buffer = append(group[:0], first), append(buffer[:0], first.bytes...)
		for range len(g.queue) {
			next := <-g.queue
			group, buffer = append(group, next), append(buffer, next.bytes...)
		}
		_, err := g.file.Write(buffer)
		if err == nil {
			err = syncData(g.file)
		}
		g.syncs++
		for _, w := range group {
			w.done <- err
		}
	}
}

// close waits for the goroutine and closes the file. The caller MUST NOT append any more.
func (g *groupFile) close() error {
	close(g.queue)
	<-g.stopped
	return g.file.Close()
}

// openPebble opens an empty database, which groups concurrent synchronous writes itself.
func openPebble(dir string) (*pebble.DB, error) {
	return pebble.Open(filepath.Join(dir, dirPebble), &pebble.Options{Logger: silent{}})
}

// silent discards the messages of Pebble. Calls return its errors.
type silent struct{}

func (silent) Infof(string, ...any)  {}
func (silent) Errorf(string, ...any) {}
func (silent) Fatalf(format string, args ...any) {
	pebble.DefaultLogger.Fatalf(format, args...)
}
