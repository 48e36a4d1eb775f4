package guard_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"authledger/eventstore"
	"authledger/eventstore/guard"
	"authledger/eventstore/jetstream"
	"authledger/eventstore/natsd"
)

const (
	realm    = "test"
	messages = 70 // of messageBytes: two blocks
	size     = 150 << 10
)

var stream = filepath.Join("jetstream", natsd.LogAccount, "streams", jetstream.StreamName(realm))

func start(t *testing.T, dir string, guarded bool) (*natsd.Server, *jetstream.Store, error) {
	t.Helper()
	server, err := natsd.Start(t.Context(),
		natsd.Config{Dir: dir, Guarded: guarded, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return nil, nil, err
	}
	t.Cleanup(server.Close)
	store, err := jetstream.Open(t.Context(), jetstream.Options{
		Conns: server, Realm: realm, Dir: filepath.Join(dir, stream), Create: !exists(dir),
		SyncAlways: server.SyncAlways,
	})
	if err != nil {
		return nil, nil, errors.Join(err, server.Stop())
	}
	t.Cleanup(func() { store.Close() })
	return server, store, nil
}

func exists(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, stream))
	return err == nil
}

// filled returns a server's directory with a log of two blocks.
func filled(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	server, store, err := start(t, dir, false)
	if err != nil {
		t.Fatal(err)
	}
	for i := range uint64(messages) {
		add(t, store, i)
	}
	if err := errors.Join(store.Close(), server.Stop()); err != nil {
		t.Fatal(err)
	}
	for _, block := range []string{"1.blk", "2.blk"} {
		if _, err := os.Stat(filepath.Join(dir, stream, "msgs", block)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func add(t *testing.T, store *jetstream.Store, after uint64) {
	t.Helper()
	data := make([]byte, size)
	copy(data, fmt.Sprint(after))
	if err := <-store.Append(context.Background(), data, after); err != nil {
		t.Fatal(err)
	}
}

// tree describes every file of the server by its path and content.
func tree(t *testing.T, dir string) string {
	t.Helper()
	all := ""
	err := filepath.WalkDir(filepath.Join(dir, "jetstream"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() && d.Name() != "msgs" {
			return err
		}
		data, _ := os.ReadFile(path) // a link or a directory has no content
		all += fmt.Sprintf("%s %v %x\n", path, d.Type(), sha256.Sum256(data))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func must(t *testing.T, errs ...error) {
	t.Helper()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
}

func wantTree(t *testing.T, dir, want string) {
	t.Helper()
	if got := tree(t, dir); got != want {
		t.Errorf("files differ:\ngot\n%s\nwant\n%s", got, want)
	}
}

func flip(t *testing.T, path string, at int) {
	t.Helper()
	data, err := os.ReadFile(path)
	must(t, err)
	data[at] ^= 1
	must(t, os.WriteFile(path, data, 0o600))
}

func TestBegin_FileIsNotRegular(t *testing.T) {
	for name, replace := range map[string]func(path string) error{
		"directory":     func(path string) error { return os.Mkdir(path, 0o700) },
		"dangling link": func(path string) error { return os.Symlink("nowhere", path) },
	} {
		for _, file := range []string{"1.blk", "2.blk", "index.db"} {
			t.Run(name+" "+file, func(t *testing.T) {
				dir := filled(t)
				path := filepath.Join(dir, stream, "msgs", file)
				must(t, os.Remove(path), replace(path))
				before := tree(t, dir)
				_, _, err := start(t, dir, true)
				if fault := (*eventstore.Fault)(nil); err == nil || errors.As(err, &fault) {
					t.Errorf("got error %v, want one that is no fault", err)
				}
				wantTree(t, dir, before)
			})
		}
	}
}

func TestBegin_DamagedBlockWithoutIndex(t *testing.T) {
	for _, block := range []string{"1.blk", "2.blk"} {
		for name, at := range map[string]int{"first record": 40, "third record": 2*size + 4000} {
			t.Run(block+" "+name, func(t *testing.T) {
				dir := filled(t)
				msgs := filepath.Join(dir, stream, "msgs")
				must(t, os.Remove(filepath.Join(msgs, "index.db")))
				flip(t, filepath.Join(msgs, block), at)
				before := tree(t, dir)
				_, _, err := start(t, dir, true)
				if fault := (*eventstore.Fault)(nil); !errors.As(err, &fault) || fault.Stream == 0 {
					t.Errorf("got error %v, want a fault with a position", err)
				}
				wantTree(t, dir, before)
				flip(t, filepath.Join(msgs, block), at)
				_, store, err := start(t, dir, true)
				must(t, err)
				if last, err := store.Last(t.Context()); err != nil || last != messages {
					t.Errorf("last position %d (%v) after the repair, want %d", last, err, messages)
				}
			})
		}
	}
}

// spoil changes files as a starting server can.
func spoil(t *testing.T, dir string) {
	t.Helper()
	msgs := filepath.Join(dir, stream, "msgs")
	must(t, os.Truncate(filepath.Join(msgs, "2.blk"), 0), os.Remove(filepath.Join(msgs, "1.blk")),
		os.WriteFile(filepath.Join(msgs, "index.db"), []byte("new"), 0o600),
		os.WriteFile(filepath.Join(msgs, "3.blk"), nil, 0o600))
}

func TestRestore_EveryByte(t *testing.T) {
	for name, change := range map[string]func(t *testing.T, dir string){
		"nothing": func(*testing.T, string) {},
		"blocks":  spoil,
		"added directories": func(t *testing.T, dir string) {
			streams := filepath.Dir(filepath.Join(dir, stream))
			must(t, os.MkdirAll(filepath.Join(streams, "A", "msgs"), 0o700),
				os.MkdirAll(filepath.Join(streams, "B"), 0o700))
			spoil(t, dir)
		},
		"stream directory": func(t *testing.T, dir string) { must(t, os.RemoveAll(filepath.Join(dir, stream))) },
	} {
		for _, killed := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s killed=%v", name, killed), func(t *testing.T) {
				dir := filled(t)
				before := tree(t, dir)
				s, err := guard.Begin(dir)
				must(t, err)
				change(t, dir)
				if killed {
					s, err = guard.Begin(dir)
					must(t, err)
				}
				must(t, s.Restore())
				wantTree(t, dir, before)
				left, err := os.ReadDir(filepath.Join(dir, "guard"))
				if err != nil || len(left) > 0 {
					t.Errorf("guards after the restore: got %v, %v, want none", left, err)
				}
			})
		}
	}
}

// TestBegin_InterruptedRestore begins on the states between two steps of a restore, of
// the creation and of the release of a guard.
func TestBegin_InterruptedRestore(t *testing.T) {
	for name, interrupt := range map[string]func(t *testing.T, dir string){
		"staged file": func(t *testing.T, dir string) {
			must(t, os.WriteFile(filepath.Join(dir, stream, "msgs", "2.blk.guard"), []byte("part"), 0o600))
		},
		"one file back": func(t *testing.T, dir string) {
			must(t,
				os.Link(filepath.Join(dir, "guard", natsd.LogAccount, "files", "streams", jetstream.StreamName(realm),
					"msgs", "1.blk"),
					filepath.Join(dir, stream, "msgs", "1.blk")))
		},
		"next guard incomplete": func(t *testing.T, dir string) {
			must(t, os.MkdirAll(filepath.Join(dir, "guard", natsd.LogAccount+".new", "files"), 0o700))
		},
		"former guard released": func(t *testing.T, dir string) {
			must(t, os.MkdirAll(filepath.Join(dir, "guard", natsd.LogAccount+".done"), 0o700))
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := filled(t)
			before := tree(t, dir)
			_, err := guard.Begin(dir)
			must(t, err)
			spoil(t, dir)
			interrupt(t, dir)
			s, err := guard.Begin(dir)
			must(t, err)
			wantTree(t, dir, before)
			must(t, s.Release(natsd.LogAccount))
			wantTree(t, dir, before)
		})
	}
}

func TestServer_StopWithoutReleaseRestores(t *testing.T) {
	dir := filled(t)
	before := tree(t, dir)
	server, store, err := start(t, dir, true)
	must(t, err)
	add(t, store, messages)
	must(t, store.Close(), server.Stop())
	wantTree(t, dir, before)

	server, store, err = start(t, dir, true)
	must(t, err)
	must(t, server.Release(natsd.LogAccount))
	add(t, store, messages)
	must(t, store.Close(), server.Stop())
	_, store, err = start(t, dir, true)
	must(t, err)
	if last, err := store.Last(t.Context()); err != nil || last != messages+1 {
		t.Errorf("last position %d (%v) after a release, want %d", last, err, messages+1)
	}
}
