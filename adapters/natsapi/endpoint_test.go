package natsapi

import (
	"io"
	"log/slog"
	"net/http"
	"path/filepath"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/micro"
	"github.com/nats-io/nkeys"

	"authledger/access"
	"authledger/eventstore/natsd"
)

// said is a request that is handed to an endpoint without a server.
type said struct {
	micro.Request
	subject, reply string
}

func (s said) Subject() string        { return s.subject }
func (s said) Reply() string          { return s.reply }
func (s said) Data() []byte           { return nil }
func (s said) Headers() micro.Headers { return nil }

// serving is a service that the callers me and you may ask, and a connection beside it.
func serving(t *testing.T, serve Interface) (*service, *nats.Conn) {
	t.Helper()
	server, err := natsd.Start(t.Context(), natsd.Config{Dir: t.TempDir(), Edge: true, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	conn, err := nats.Connect("", nats.InProcessServer(server), nats.UserInfo(natsd.NodeUser, ""))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Close)
	tokens := access.OpenTokens(filepath.Join(t.TempDir(), "tokens.json"), time.Now)
	for _, name := range []string{"me", "you"} {
		key, err := nkeys.CreateUser()
		if err != nil {
			t.Fatal(err)
		}
		public, err := key.PublicKey()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := tokens.Add(access.Spec{Name: name, Role: access.Dashboard, NKey: public}); err != nil {
			t.Fatal(err)
		}
	}
	s, err := startService(t.Context(), conn, &Options{Realm: "main", Tokens: tokens, Serve: serve, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	return s, conn
}

// One caller, whatever it asks and however long that takes, leaves places to others.
func TestPlacesOfOne(t *testing.T) {
	goOn := make(chan struct{})
	s, conn := serving(t, func(_ *access.Caller, w http.ResponseWriter, _ *http.Request) {
		<-goOn
		_, _ = io.WriteString(w, "{}")
	})
	answers, err := conn.SubscribeSync("answers.*")
	if err != nil {
		t.Fatal(err)
	}
	policy := s.endpoint(func(micro.Request) (*http.Request, error) { return post("/", nil, nil), nil })
	for range requestsOfOneMax {
		policy.Handle(said{subject: "ledger.main.ask.me.policy"})
	}
	policy.Handle(said{subject: "ledger.main.ask.me.policy", reply: "answers.me"})
	if m, err := answers.NextMsg(10 * time.Second); err != nil || m.Subject != "answers.me" || m.Header.Get(micro.ErrorCodeHeader) != "503" {
		t.Errorf("one too many of one: %+v, %v", m, err)
	}
	policy.Handle(said{subject: "ledger.main.ask.you.policy", reply: "answers.you"})
	close(goOn)
	if m, err := answers.NextMsg(10 * time.Second); err != nil || m.Subject != "answers.you" || m.Header.Get(micro.ErrorCodeHeader) != "" {
		t.Errorf("another: %+v, %v", m, err)
	}
	if err := s.stop(); err != nil || len(s.own) > 0 {
		t.Errorf("%d callers are still counted, %v", len(s.own), err)
	}
}

// A service that stops answers what is under way first, and nothing reaches the ledger
// once it has stopped: that of a request is closed by then.
func TestStoppedServiceAsksNothing(t *testing.T) {
	asked, done := make(chan struct{}, 2), atomic.Bool{}
	var s *service
	var conn *nats.Conn
	s, conn = serving(t, func(_ *access.Caller, w http.ResponseWriter, _ *http.Request) {
		asked <- struct{}{}
		for !s.micro.Stopped() {
			runtime.Gosched()
		}
		_, _ = io.WriteString(w, "{}")
		done.Store(true)
	})
	answers, err := conn.SubscribeSync("answers.*")
	if err != nil {
		t.Fatal(err)
	}
	policy := s.endpoint(func(micro.Request) (*http.Request, error) { return post("/", nil, nil), nil })
	policy.Handle(said{subject: "ledger.main.ask.me.policy", reply: "answers.first"})
	<-asked
	if err := s.stop(); err != nil || !done.Load() {
		t.Errorf("stopped, with what was under way through: %t, %v", done.Load(), err)
	}
	policy.Handle(said{subject: "ledger.main.ask.me.policy", reply: "answers.second"})
	for _, want := range []string{"", "503"} {
		if m, err := answers.NextMsg(10 * time.Second); err != nil || m.Header.Get(micro.ErrorCodeHeader) != want {
			t.Errorf("%+v, %v, want %q", m, err, want)
		}
	}
	if len(asked) > 0 {
		t.Error("it asks after it has stopped")
	}
	at := tallyOf(&micro.Endpoint{EndpointConfig: micro.EndpointConfig{Handler: policy}})
	if got, ok := at.(Tally); !ok || got.Answers != 2 || got.Errors != 1 || got.LastError != 503 || got.AverageAnswer <= 0 {
		t.Errorf("its tally is %+v", at)
	}
}
