package jetstream_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"testing"

	"github.com/nats-io/nats.go"
	client "github.com/nats-io/nats.go/jetstream"

	"authledger/eventstore"
	"authledger/eventstore/jetstream"
	"authledger/eventstore/natsd"
)

// keep is the number of messages in the stopped logs of these tests.
const keep = 40

// stopped creates a log of keep messages, each of which begins with its position, and
// stops its server.
func stopped(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	on := server(t, natsd.Config{Dir: dir})
	s := open(t, on, jetstream.Options{Create: true})
	for at := range uint64(keep) {
		if err := <-s.Append(t.Context(), body(at+1), at); err != nil {
			t.Fatal(err)
		}
	}
	s.Close()
	on.Close()
	return dir
}

func body(position uint64) []byte {
	return append(fmt.Appendf(nil, "<message %d>", position), bytes.Repeat([]byte("."), 600)...)
}

func TestOpen_AfterCleanStop(t *testing.T) {
	s := open(t, server(t, natsd.Config{Dir: stopped(t)}), jetstream.Options{})
	if err := s.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	last, err := read(s.Read(t.Context(), 1))
	if last != keep || err != nil {
		t.Fatalf("read up to %d, %v, want %d", last, err, keep)
	}
	if err := <-s.Append(t.Context(), body(keep+1), keep); err != nil {
		t.Errorf("append after reopening: %v", err)
	}
}

func TestClose_OutcomesHold(t *testing.T) {
	on := server(t, natsd.Config{Dir: t.TempDir()})
	s := open(t, on, jetstream.Options{Create: true})
	var outcomes []<-chan error
	for at := range uint64(keep) {
		outcomes = append(outcomes, s.Append(t.Context(), body(at+1), at))
	}
	if err := <-outcomes[keep/2]; err != nil {
		t.Fatal(err)
	}
	s.Close()
	last, err := read(open(t, on, jetstream.Options{}).Read(t.Context(), 1))
	if err != nil {
		t.Fatal(err)
	}
	for i, o := range outcomes {
		if i == keep/2 {
			continue
		}
		if err := <-o; err == nil && uint64(i+1) > last {
			t.Errorf("append %d: got nil, want an error, because the log ends at %d", i+1, last)
		}
	}
}

func TestRead_FlippedBit(t *testing.T) {
	for _, position := range []uint64{1, 17, keep - 1, keep} {
		t.Run(fmt.Sprint(position), func(t *testing.T) {
			dir := stopped(t)
			flip(t, find(t, dir, ".blk"), fmt.Appendf(nil, "<message %d>", position))
			s := open(t, server(t, natsd.Config{Dir: dir}), jetstream.Options{})
			if err := s.Check(t.Context()); err != nil {
				t.Logf("already seen by Check: %v", err)
			}
			_, err := s.Get(t.Context(), position)
			wantFaultAt(t, "Get", err, position)
			last, err := read(s.Read(t.Context(), 1))
			wantFaultAt(t, "Read", err, position)
			if last != position-1 {
				t.Errorf("damage at %d: got messages up to %d, want %d", position, last, position-1)
			}
			_, err = read(s.Tail(t.Context(), 1))
			wantFaultAt(t, "Tail", err, position)
		})
	}
}

func TestOpen_DamagedMetadata(t *testing.T) {
	dir := stopped(t)
	flip(t, find(t, dir, "meta.inf"), []byte("LEDGER_"))
	on := server(t, natsd.Config{Dir: dir})
	if _, err := tryOpen(t, on, jetstream.Options{}); !isFault(err) {
		t.Errorf("open with a damaged meta.inf: %v, want a Fault", err)
	}
	if _, err := tryOpen(t, on, jetstream.Options{Create: true}); !isFault(err) {
		t.Errorf("create over blocks whose meta.inf is damaged: %v, want a Fault", err)
	}
}

func TestCheck_ChangedConfiguration(t *testing.T) {
	for name, change := range map[string]func(*client.StreamConfig){
		"direct":      func(c *client.StreamConfig) { c.AllowDirect = true },
		"limit":       func(c *client.StreamConfig) { c.MaxMsgs = 1000 },
		"subject":     func(c *client.StreamConfig) { c.Subjects = append(c.Subjects, "other") },
		"description": func(c *client.StreamConfig) { c.Description = "mine" },
		"rollup": func(c *client.StreamConfig) {
			c.AllowRollup, c.AllowMsgSchedules, c.Discard = true, true, client.DiscardOld
		},
	} {
		t.Run(name, func(t *testing.T) {
			on := server(t, natsd.Config{Dir: t.TempDir()})
			s := open(t, on, jetstream.Options{Create: true})
			stranger := stream(t, on)
			cfg := stranger.CachedInfo().Config
			change(&cfg)
			if _, err := connect(t, on).UpdateStream(t.Context(), cfg); err != nil {
				t.Logf("the server refuses: %v", err)
				return
			}
			if err := s.Check(t.Context()); !isFault(err) {
				t.Errorf("Check of a changed stream: %v, want a Fault", err)
			}
		})
	}
}

func TestStream_NoDeleteOrPurge(t *testing.T) {
	on := server(t, natsd.Config{Dir: t.TempDir()})
	s := open(t, on, jetstream.Options{Create: true})
	for at := range uint64(5) {
		if err := <-s.Append(t.Context(), body(at+1), at); err != nil {
			t.Fatal(err)
		}
	}
	stranger := stream(t, on)
	if err := stranger.DeleteMsg(t.Context(), 3); err == nil {
		t.Error("delete a message: got nil, want an error")
	}
	if err := stranger.SecureDeleteMsg(t.Context(), 3); err == nil {
		t.Error("erase a message: got nil, want an error")
	}
	if err := stranger.Purge(t.Context()); err == nil {
		t.Error("purge the stream: got nil, want an error")
	}
	cfg := stranger.CachedInfo().Config
	cfg.DenyDelete, cfg.DenyPurge = false, false
	if _, err := connect(t, on).UpdateStream(t.Context(), cfg); err == nil {
		t.Error("allow deletion: got nil, want an error")
	}
	rollup := &nats.Msg{Subject: jetstream.Subject(realm), Header: nats.Header{"Nats-Rollup": {"all"}}}
	if _, err := connect(t, on).PublishMsg(t.Context(), rollup); err == nil {
		t.Error("roll up the log: got nil, want an error")
	}
	if last, err := read(s.Read(t.Context(), 1)); last != 5 || err != nil {
		t.Errorf("read up to %d, %v, want 5", last, err)
	}
}

func TestConfigJSON_RoundTrip(t *testing.T) {
	text := jetstream.ConfigJSON("main")
	if !bytes.Equal(text, jetstream.ConfigJSON("main")) || bytes.Equal(text, jetstream.ConfigJSON("other")) {
		t.Error("ConfigJSON: got different texts of one realm or one text of two, want one text of each realm")
	}
	var cfg client.StreamConfig
	err := json.Unmarshal(text, &cfg)
	if err != nil || cfg.Name != "LEDGER_main" || !cfg.DenyDelete || !cfg.DenyPurge {
		t.Errorf("ConfigJSON, decoded: got %+v, %v, want LEDGER_main without deletion and purge", cfg, err)
	}
}

func read(messages iter.Seq2[eventstore.Message, error]) (last uint64, err error) {
	for m, err := range messages {
		if err != nil {
			return last, err
		}
		if !bytes.HasPrefix(m.Data, fmt.Appendf(nil, "<message %d>", m.Stream)) {
			return last, fmt.Errorf("message %d: got %.40q, want its own bytes", m.Stream, m.Data)
		}
		last = m.Stream
	}
	return last, nil
}

func wantFaultAt(t *testing.T, call string, err error, position uint64) {
	t.Helper()
	fault := new(eventstore.Fault)
	if !errors.As(err, &fault) || fault.Stream != position {
		t.Errorf("%s: %v, want a Fault at %d", call, err, position)
	}
}

func find(t *testing.T, dir, suffix string) (path string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(at string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && len(at) > len(suffix) && at[len(at)-len(suffix):] == suffix {
			path = at
		}
		return err
	})
	if err != nil || path == "" {
		t.Fatalf("%s: got no file *%s, %v, want one", dir, suffix, err)
	}
	return path
}

// flip flips one bit of the bytes mark in a file.
func flip(t *testing.T, path string, mark []byte) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	at := bytes.Index(data, mark)
	if at < 0 {
		t.Fatalf("%s: got no %q, want it", path, mark)
	}
	data[at] ^= 1
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

// connect returns a plain client of the server.
func connect(t *testing.T, on *natsd.Server) client.JetStream {
	t.Helper()
	conn, err := nats.Connect("", nats.InProcessServer(on))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Close)
	js, err := client.New(conn)
	if err != nil {
		t.Fatal(err)
	}
	return js
}

func stream(t *testing.T, on *natsd.Server) client.Stream {
	t.Helper()
	s, err := connect(t, on).Stream(context.WithoutCancel(t.Context()), jetstream.StreamName(realm))
	if err != nil {
		t.Fatal(err)
	}
	return s
}
