package natsapi_test

import (
	"log/slog"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nkeys"

	"authledger/eventstore/natsd"
)

// startServer starts a server that listens, until the end of the test.
func startServer(t *testing.T, cfg natsd.Config) *natsd.Server {
	t.Helper()
	cfg.Log = slog.New(slog.DiscardHandler)
	s, err := natsd.Start(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	if err := s.Listen(); err != nil {
		t.Fatal(err)
	}
	return s
}

// timeout bounds each wait for the server.
const timeout = time.Minute

// client is a caller with a key pair.
type client struct {
	public string
	sign   nats.Option
}

func newClient(t *testing.T) client {
	t.Helper()
	key, err := nkeys.CreateUser()
	if err != nil {
		t.Fatal(err)
	}
	public, err := key.PublicKey()
	if err != nil {
		t.Fatal(err)
	}
	return client{public, nats.Nkey(public, key.Sign)}
}

func (h client) connect(s *natsd.Server, more ...nats.Option) (*nats.Conn, error) {
	return nats.Connect("nats://"+s.Addr().String(), append(more, h.sign, nats.Timeout(timeout))...)
}

// startWithStreams starts a server with the stream LOG in the account of the log, and the
// stream IN in the account of the node.
func startWithStreams(t *testing.T, permit func(key string) (natsd.Permit, bool)) *natsd.Server {
	t.Helper()
	s := startServer(t, natsd.Config{Dir: t.TempDir(), Listen: &natsd.Listening{
		Address: "127.0.0.1:0", Admit: permit,
		Crossing: natsd.Crossing{Requests: []string{"svc.>", "in.*"}, Events: []string{"events.>"}},
	}})
	connectAs(t, s, "", "LOG", "log")
	connectAs(t, s, natsd.NodeUser, "IN", "in.*")
	return s
}

// connectAs connects as a user of the process, and creates a stream in its account.
func connectAs(t *testing.T, s *natsd.Server, user, name, subject string) *nats.Conn {
	t.Helper()
	conn, err := nats.Connect("", nats.InProcessServer(s), nats.UserInfo(user, ""))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Close)
	js, err := jetstream.New(conn, jetstream.WithDefaultTimeout(timeout))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := js.CreateOrUpdateStream(t.Context(),
		jetstream.StreamConfig{Name: name, Subjects: []string{subject}}); err != nil {
		t.Fatal(err)
	}
	return conn
}

// streamState returns the state of a stream in the account of a user of the process.
func streamState(t *testing.T, s *natsd.Server, user, name string) (jetstream.StreamState, error) {
	t.Helper()
	conn, err := nats.Connect("", nats.InProcessServer(s), nats.UserInfo(user, ""))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	js, err := jetstream.New(conn, jetstream.WithDefaultTimeout(timeout))
	if err != nil {
		t.Fatal(err)
	}
	stream, err := js.Stream(t.Context(), name)
	if err != nil {
		return jetstream.StreamState{}, err
	}
	info, err := stream.Info(t.Context())
	if err != nil {
		return jetstream.StreamState{}, err
	}
	return info.State, nil
}
