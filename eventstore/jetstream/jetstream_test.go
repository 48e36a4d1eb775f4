package jetstream_test

import (
	"errors"
	"log/slog"
	"testing"

	"authledger/eventstore"
	"authledger/eventstore/jetstream"
	"authledger/eventstore/natsd"
	"authledger/eventstore/storetest"
)

const realm = "test"

func TestStore(t *testing.T) {
	storetest.Run(t, func(t *testing.T) eventstore.Store {
		return open(t, server(t, natsd.Config{Dir: t.TempDir()}), jetstream.Options{Create: true})
	})
}

// TestStoreReadsFiles is TestStore with reads from the block files.
func TestStoreReadsFiles(t *testing.T) {
	storetest.Run(t, func(t *testing.T) eventstore.Store {
		dir := t.TempDir()
		return open(t, server(t, natsd.Config{Dir: dir}), jetstream.Options{Dir: streamDir(dir), Create: true})
	})
}

func TestTwoWritersReadFiles(t *testing.T) {
	storetest.RunTwoWriters(t, func(t *testing.T) (a, b eventstore.Store) {
		dir := t.TempDir()
		s := server(t, natsd.Config{Dir: dir})
		return open(t, s, jetstream.Options{Dir: streamDir(dir), Create: true}),
			open(t, s, jetstream.Options{Dir: streamDir(dir)})
	})
}

func streamDir(dir string) string {
	return natsd.StreamDir(dir, natsd.LogAccount, jetstream.StreamName(realm))
}

func TestTwoWriters(t *testing.T) {
	storetest.RunTwoWriters(t, func(t *testing.T) (a, b eventstore.Store) {
		s := server(t, natsd.Config{Dir: t.TempDir()})
		return open(t, s, jetstream.Options{Create: true}), open(t, s, jetstream.Options{})
	})
}

func server(t testing.TB, cfg natsd.Config) *natsd.Server {
	t.Helper()
	cfg.Log = slog.New(slog.DiscardHandler)
	s, err := natsd.Start(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

func open(t testing.TB, on *natsd.Server, opts jetstream.Options) *jetstream.Store {
	t.Helper()
	s, err := tryOpen(t, on, opts)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func tryOpen(t testing.TB, on *natsd.Server, opts jetstream.Options) (*jetstream.Store, error) {
	t.Helper()
	opts.Conns, opts.Realm, opts.SyncAlways = on, realm, on.SyncAlways
	s, err := jetstream.Open(t.Context(), opts)
	if err == nil {
		t.Cleanup(func() { s.Close() })
	}
	return s, err
}

func TestOpen_AbsentStream(t *testing.T) {
	s, err := tryOpen(t, server(t, natsd.Config{Dir: t.TempDir()}), jetstream.Options{})
	if !isFault(err) {
		t.Errorf("open of an absent stream: %v, %v, want a Fault", s, err)
	}
}

func TestOpen_CreateOverMessages(t *testing.T) {
	on := server(t, natsd.Config{Dir: t.TempDir()})
	open(t, on, jetstream.Options{Create: true})
	s := open(t, on, jetstream.Options{Create: true}) // Create continues an interrupted creation
	if err := <-s.Append(t.Context(), []byte("x"), 0); err != nil {
		t.Fatal(err)
	}
	if _, err := tryOpen(t, on, jetstream.Options{Create: true}); !isFault(err) {
		t.Errorf("create over a message: %v, want a Fault", err)
	}
}

func TestOpen_InvalidRealm(t *testing.T) {
	on := server(t, natsd.Config{Dir: t.TempDir()})
	for _, realm := range []string{"", "a.b", "a b", "*", ">", "../x", string(make([]byte, 65))} {
		_, err := jetstream.Open(t.Context(), jetstream.Options{Conns: on, Realm: realm, Create: true})
		if err == nil {
			t.Errorf("open of realm %q: got no error, want one", realm)
		}
	}
}

func TestCheck_UnsyncedServer(t *testing.T) {
	on := server(t, natsd.Config{Dir: t.TempDir(), Unsynced: true})
	s := open(t, on, jetstream.Options{Create: true})
	if err := s.Check(t.Context()); !errors.Is(err, eventstore.ErrNotDurable) {
		t.Errorf("Check on an unsynced server: %v, want ErrNotDurable", err)
	}
	if err := open(t, on, jetstream.Options{Unsynced: true}).Check(t.Context()); err != nil {
		t.Errorf("Check on an unsynced server, allowed: %v", err)
	}
}

func TestAppend_NoServer(t *testing.T) {
	on := server(t, natsd.Config{Dir: t.TempDir()})
	s := open(t, on, jetstream.Options{Create: true})
	if err := <-s.Append(t.Context(), []byte("x"), 0); err != nil {
		t.Fatal(err)
	}
	on.Close()
	if err := <-s.Append(t.Context(), []byte("y"), 1); err == nil || errors.Is(err, eventstore.ErrFenced) {
		t.Errorf("Append without a server: %v, want unknown", err)
	}
	if err := s.Check(t.Context()); err == nil || isFault(err) {
		t.Errorf("Check without a server: %v, want an error that is no Fault", err)
	}
}

func isFault(err error) bool {
	fault := new(eventstore.Fault)
	return errors.As(err, &fault)
}
