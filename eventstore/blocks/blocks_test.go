package blocks_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"authledger/eventstore"
	"authledger/eventstore/blocks"
	"authledger/eventstore/jetstream"
	"authledger/eventstore/natsd"
	"authledger/eventstore/storetest"
)

const realm = "test"

// mixed appends through a server and reads its files, while it runs.
type mixed struct {
	*jetstream.Store
	dir string
	t   *testing.T
}

func (m *mixed) open(ctx context.Context) (*blocks.Store, error) {
	if _, err := m.Store.Last(ctx); err != nil { // closed
		return nil, err
	}
	return blocks.Open(ctx, options(m.dir))
}

func (m *mixed) Read(ctx context.Context, from uint64) iter.Seq2[eventstore.Message, error] {
	s, err := m.open(ctx)
	if err != nil {
		return func(yield func(eventstore.Message, error) bool) { yield(eventstore.Message{}, err) }
	}
	return s.Read(ctx, from)
}

// Get also reads through the server, which continues a pipeline after a lost fence.
func (m *mixed) Get(ctx context.Context, stream uint64) (eventstore.Message, error) {
	want, wantErr := m.Store.Get(ctx, stream)
	s, err := m.open(ctx)
	if err != nil {
		return eventstore.Message{}, err
	}
	got, err := s.Get(ctx, stream)
	if (err == nil) != (wantErr == nil) || !bytes.Equal(got.Data, want.Data) {
		m.t.Errorf("message %d: got %d bytes, %v, want %d bytes, %v of the server", stream, len(got.Data), err,
			len(want.Data), wantErr)
	}
	return got, err
}

func (m *mixed) Last(ctx context.Context) (uint64, error) {
	s, err := m.open(ctx)
	if err != nil {
		return 0, err
	}
	return s.Last(ctx)
}

func (m *mixed) Check(ctx context.Context) error {
	s, err := m.open(ctx)
	if err != nil {
		return err
	}
	return s.Check(ctx)
}

func TestStore(t *testing.T) {
	storetest.Run(t, func(t *testing.T) eventstore.Store {
		dir := t.TempDir()
		return &mixed{serve(t, dir, true), dir, t}
	})
}

// TestReadEqualsServer reads a log of several blocks, whose newest block also holds small
// messages.
func TestReadEqualsServer(t *testing.T) {
	dir := t.TempDir()
	s := serve(t, dir, true)
	large := bytes.Repeat([]byte("0123456789abcdef"), eventstore.MessageBytesMax/16)
	at := uint64(0)
	for ; at < 120; at++ {
		add(t, s, at, binary.LittleEndian.AppendUint64(large[:len(large)-8:len(large)-8], at))
	}
	for ; at < 300; at++ {
		add(t, s, at, content(at+1))
	}
	files, err := filepath.Glob(filepath.Join(streamDir(dir), "msgs", "*.blk"))
	if err != nil || len(files) < 3 {
		t.Fatalf("%d blocks, %v, want at least 3", len(files), err)
	}
	r := open(t, dir)
	next := uint64(1)
	got, stop := iter.Pull2(r.Read(t.Context(), 1))
	defer stop()
	for want, err := range s.Read(t.Context(), 1) {
		if err != nil {
			t.Fatal(err)
		}
		m, err, ok := got()
		if !ok || err != nil || m.Stream != want.Stream || !bytes.Equal(m.Data, want.Data) {
			t.Fatalf("read message %d of %d bytes, %v, want message %d of %d bytes", m.Stream, len(m.Data),
				err, want.Stream, len(want.Data))
		}
		one, err := r.Get(t.Context(), next)
		if err != nil || !bytes.Equal(one.Data, want.Data) {
			t.Fatalf("get message %d: %d bytes, %v, want %d bytes", next, len(one.Data), err, len(want.Data))
		}
		next++
	}
	if next != at+1 {
		t.Errorf("read up to message %d, want %d", next-1, at)
	}
}

// TestRead_LastPosition checks that a reader of the files of a running server returns no
// message after its Last, and reports a log that ends before Last.
func TestRead_LastPosition(t *testing.T) {
	dir := stopped(t)
	o := options(dir)
	o.Last = keep - 10
	last, err := readAll(t, mustOpen(t, o))
	if last != keep-10 || err != nil {
		t.Errorf("read up to message %d, %v, want %d", last, err, keep-10)
	}
	o.Last = keep + 1
	last, err = readAll(t, mustOpen(t, o))
	wantFault(t, err, keep+1)
	if last != keep {
		t.Errorf("read up to message %d, want %d", last, keep)
	}
}

func TestReaderChangesNoFile(t *testing.T) {
	dir := stopped(t)
	before := tree(t, dir)
	s := open(t, dir)
	if err := s.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := readAll(t, s); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Get(t.Context(), keep); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if after := tree(t, dir); after != before {
		t.Errorf("files after the read: got\n%s\nwant\n%s", after, before)
	}
}

func TestCheckComparesConfiguration(t *testing.T) {
	dir := stopped(t)
	o := options(dir)
	o.Config = func(described []byte) error { return jetstream.CheckDescription(described, "other") }
	wantFault(t, mustOpen(t, o).Check(t.Context()), 0)
}

// keep is the number of messages in the stopped logs of these tests.
const keep = 20

// stopped returns the directory of a log of keep messages, after a clean stop.
func stopped(t testing.TB) (dir string) {
	t.Helper()
	dir = t.TempDir()
	fill(t, dir, keep)
	return dir
}

func fill(t testing.TB, dir string, count uint64) {
	t.Helper()
	on, err := natsd.Start(t.Context(), natsd.Config{Dir: dir, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer on.Close()
	s, err := jetstream.Open(t.Context(),
		jetstream.Options{Conns: on, Realm: realm, Create: true, SyncAlways: on.SyncAlways})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for at := range count {
		add(t, s, at, content(at+1))
	}
}

func content(position uint64) []byte {
	return append(fmt.Appendf(nil, "<message %d>", position), bytes.Repeat([]byte("."), int(position%7)*20)...)
}

func add(t testing.TB, s eventstore.Store, expect uint64, data []byte) {
	t.Helper()
	if err := <-s.Append(t.Context(), data, expect); err != nil {
		t.Fatal(err)
	}
}

func serve(t testing.TB, dir string, create bool) *jetstream.Store {
	t.Helper()
	on, err := natsd.Start(t.Context(), natsd.Config{Dir: dir, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(on.Close)
	s, err := jetstream.Open(t.Context(),
		jetstream.Options{Conns: on, Realm: realm, Create: create, SyncAlways: on.SyncAlways})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func streamDir(dir string) string {
	return natsd.StreamDir(dir, natsd.LogAccount, jetstream.StreamName(realm))
}

func options(dir string) blocks.Options {
	return blocks.Options{
		Dir: streamDir(dir), Stream: jetstream.StreamName(realm), Subject: jetstream.Subject(realm),
		Config: func(described []byte) error { return jetstream.CheckDescription(described, realm) },
	}
}

func open(t testing.TB, dir string) *blocks.Store {
	t.Helper()
	return mustOpen(t, options(dir))
}

func mustOpen(t testing.TB, o blocks.Options) *blocks.Store {
	t.Helper()
	s, err := blocks.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// readAll reads the log to its end or first error, and compares each message with its
// expected content.
func readAll(t testing.TB, s *blocks.Store) (last uint64, err error) {
	t.Helper()
	for m, err := range s.Read(t.Context(), 1) {
		if err != nil {
			return last, err
		}
		if m.Stream != last+1 || !bytes.Equal(m.Data, content(m.Stream)) {
			t.Fatalf("got message %d, %.40q, want message %d with its content", m.Stream, m.Data, last+1)
		}
		last = m.Stream
	}
	return last, nil
}

func wantFault(t testing.TB, err error, position uint64) {
	t.Helper()
	var fault *eventstore.Fault
	if !errors.As(err, &fault) || fault.Stream != position {
		t.Errorf("error %v, want a Fault at position %d", err, position)
	}
}

// tree describes every file below dir with its time of change.
func tree(t testing.TB, dir string) string {
	t.Helper()
	var b bytes.Buffer
	err := filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := e.Info()
		fmt.Fprintf(&b, "%s %v %d %v\n", path, info.Mode(), info.Size(), info.ModTime())
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}
