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

// A service that stops answers what is under way first, and nothing reaches the ledger
// once it has stopped: that of a request is closed by then.
func TestStoppedServiceAsksNothing(t *testing.T) {
	server, err := natsd.Start(t.Context(), natsd.Config{Dir: t.TempDir(), Edge: true, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	conn, err := nats.Connect("", nats.InProcessServer(server), nats.UserInfo(natsd.NodeUser, ""))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	tokens := access.OpenTokens(filepath.Join(t.TempDir(), "tokens.json"), time.Now)
	key, err := nkeys.CreateUser()
	if err != nil {
		t.Fatal(err)
	}
	public, err := key.PublicKey()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tokens.Add(access.Spec{Name: "me", Role: access.Dashboard, NKey: public}); err != nil {
		t.Fatal(err)
	}
	asked, done := make(chan struct{}, 2), atomic.Bool{}
	var s *service
	s, err = startService(t.Context(), conn, &Options{Realm: "main", Tokens: tokens, Serve: func(_ *access.Caller, w http.ResponseWriter, _ *http.Request) {
		asked <- struct{}{}
		for !s.micro.Stopped() {
			runtime.Gosched()
		}
		_, _ = io.WriteString(w, "{}")
		done.Store(true)
	}})
	if err != nil {
		t.Fatal(err)
	}
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
