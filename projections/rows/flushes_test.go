package rows

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"
)

// fullDisk is a file system in memory. While full is true, creating a table fails.
type fullDisk struct {
	vfs.FS
	full     atomic.Bool
	attempts atomic.Int64
}

func newFullDisk() *fullDisk {
	d := new(fullDisk)
	d.FS = errorfs.Wrap(vfs.NewMem(), errorfs.InjectorFunc(func(op errorfs.Op) error {
		if op.Kind != errorfs.OpCreate || !strings.HasSuffix(op.Path, ".sst") || !d.full.Load() {
			return nil
		}
		d.attempts.Add(1)
		return syscall.ENOSPC
	}))
	return d
}

// closeWithin is longer than Close needs on a loaded machine.
const closeWithin = writerTimeout + 20*time.Second

func TestCloseOnFullDiskReturnsCauseAndKeepsRows(t *testing.T) {
	disk := newFullDisk()
	o := quiet(disk)
	log := new(lockedBuffer)
	o.Log = slog.New(slog.NewTextHandler(log, nil))
	e := open(t, "/d", o)
	fold(t, e, 100)
	disk.full.Store(true)
	closed := make(chan error, 1)
	go func() { closed <- e.Close() }()
	select {
	case err := <-closed:
		if !errors.Is(err, syscall.ENOSPC) || errors.Is(err, ErrDamaged) ||
			!strings.Contains(err.Error(), "free space") {
			t.Errorf("Close: got %v, want ENOSPC and its remedy", err)
		}
	case <-time.After(closeWithin):
		t.Fatalf("Close: not returned after %v", closeWithin)
	}
	if lines := strings.Count(log.String(), "\n"); lines > linesMax+2 {
		t.Errorf("log lines: got %d, want at most %d:\n%s", lines, linesMax+2, log)
	}
	disk.full.Store(false)
	e = open(t, "/d", quiet(disk))
	if e.Damage() != nil || e.Rebuilding() != "" {
		t.Errorf("Open: got damage %v, rebuilding %q, want neither", e.Damage(), e.Rebuilding())
	}
	fold(t, e, 1)
	checkRows(t, e)
	closeAll(t, e)
}

func TestFlushContinuesWhenDiskHasSpace(t *testing.T) {
	disk := newFullDisk()
	e := open(t, "/d", quiet(disk))
	fold(t, e, 100)
	disk.full.Store(true)
	begun := time.Now()
	if err := e.Flush(t.Context()); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("Flush: got %v, want ENOSPC", err)
	}
	if err := e.Trouble(); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("Trouble: got %v, want ENOSPC", err)
	}
	for disk.attempts.Load() < 6 { // of which the last waits 160 ms
		time.Sleep(time.Millisecond)
	}
	if elapsed := time.Since(begun); elapsed < 300*time.Millisecond {
		t.Errorf("6 attempts: got %v, want at least 300 ms, because the pause doubles", elapsed)
	}
	disk.full.Store(false)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for e.Trouble() != nil && ctx.Err() == nil {
		time.Sleep(time.Millisecond)
	}
	if err := e.Flush(ctx); err != nil {
		t.Errorf("Flush with space: %v", err)
	}
	checkRows(t, e)
	closeAll(t, e)
}

func TestStoreIsUnusableAfterLongFailure(t *testing.T) {
	disk := newFullDisk()
	e := open(t, "/d", quiet(disk))
	fold(t, e, 10)
	disk.full.Store(true)
	if err := e.Flush(t.Context()); !errors.Is(err, syscall.ENOSPC) {
		t.Fatalf("Flush: got %v, want ENOSPC", err)
	}
	e.flushes.mu.Lock()
	e.flushes.since = e.flushes.since.Add(-failingMax)
	e.flushes.mu.Unlock()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	never := func() bool { return false }
	if err := e.await(ctx, never); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("await: got %v, want ENOSPC after %v", err, failingMax)
	}
	if err := e.Err(); !errors.Is(err, syscall.ENOSPC) || e.Damage() != nil {
		t.Errorf("Err: got %v, damage %v, want ENOSPC and no damage", err, e.Damage())
	}
	if err := e.Close(); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("close: %v, want ENOSPC", err)
	}
}

// lockedBuffer is a buffer that is safe for concurrent use.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}
