package natsapi

import (
	"io"
	"log/slog"
	"net/http"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go/micro"
	"github.com/nats-io/nkeys"

	"authledger/adapters/natsconn"
	"authledger/adapters/tokens/tokenstest"
	"authledger/domain/access"
	"authledger/eventstore/natsd"
)

var quietLog = slog.New(slog.DiscardHandler)

// queryMessage is a micro.Request without a body.
type queryMessage struct {
	micro.Request
	caller string
	reply  string
}

func (m queryMessage) Subject() string        { return natsconn.QuerySubject("main", m.caller, "policy") }
func (m queryMessage) Reply() string          { return m.reply }
func (m queryMessage) Data() []byte           { return nil }
func (m queryMessage) Headers() micro.Headers { return nil }

// startTestService starts a service with the callers me and you, and returns it with its
// connection.
func startTestService(t *testing.T, handle Handler) (*service, *natsconn.Conn) {
	t.Helper()
	server, err := natsd.Start(t.Context(), natsd.Config{Dir: t.TempDir(), NodeAccount: true, Log: quietLog})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	conn := dial(t, server)
	file := tokenstest.New(time.Now)
	for _, name := range []string{"me", "you"} {
		key, err := nkeys.CreateUser()
		if err != nil {
			t.Fatal(err)
		}
		public, err := key.PublicKey()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := file.Add(tokenstest.Spec{Name: name, Role: access.Dashboard, NKey: public}); err != nil {
			t.Fatal(err)
		}
	}
	s, err := startService(t.Context(), conn, &Options{Tokens: file, Serve: handle, Log: quietLog})
	if err != nil {
		t.Fatal(err)
	}
	return s, conn
}

func dial(t *testing.T, server natsconn.InProcess) *natsconn.Conn {
	t.Helper()
	conn, err := natsconn.Dial(natsconn.Server{InProcess: server, User: natsd.NodeUser}, "main", quietLog)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Close)
	return conn
}

func testEndpoint(s *service) *endpoint {
	return s.endpoint(func(micro.Request) (*http.Request, error) { return post("/", nil, nil), nil })
}

// TestSlots_FloodOfThreeCallers checks that callers that flood the service with slow
// requests leave slots for another caller.
func TestSlots_FloodOfThreeCallers(t *testing.T) {
	unblock := make(chan struct{})
	s, conn := startTestService(t, func(_ *access.Caller, w http.ResponseWriter, _ *http.Request) {
		<-unblock
		_, _ = io.WriteString(w, "{}")
	})
	answers, err := conn.SubscribeSync("answers.*")
	if err != nil {
		t.Fatal(err)
	}
	e := testEndpoint(s)
	for _, caller := range []string{"me", "her", "him"} { // one flood after the other
		for range requestsMax / 2 {
			e.Handle(queryMessage{caller: caller})
		}
	}
	e.Handle(queryMessage{caller: "me", reply: "answers.me"})
	m, err := answers.NextMsg(10 * time.Second)
	if err != nil || m.Subject != "answers.me" || m.Header.Get(micro.ErrorCodeHeader) != "503" {
		t.Errorf("request of a caller without free slots: got %+v, %v, want status 503", m, err)
	}
	e.Handle(queryMessage{caller: "you", reply: "answers.you"})
	close(unblock)
	if m, err := answers.NextMsg(10 * time.Second); err != nil || m.Subject != "answers.you" ||
		m.Header.Get(micro.ErrorCodeHeader) != "" {
		t.Errorf("request of another caller: got %+v, %v, want an answer", m, err)
	}
	if err := s.stop(); err != nil || len(s.inUse) > 0 {
		t.Errorf("after stop: got slots of %d callers in use, error %v; want 0, nil", len(s.inUse), err)
	}
}

// TestStop_RequestUnderWay checks that stop waits for the answers of requests under way,
// and that no request reaches the handler afterwards, because the ledger is closed then.
func TestStop_RequestUnderWay(t *testing.T) {
	handled, done := make(chan struct{}, 2), atomic.Bool{}
	var s *service
	var conn *natsconn.Conn
	s, conn = startTestService(t, func(_ *access.Caller, w http.ResponseWriter, _ *http.Request) {
		handled <- struct{}{}
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
	e := testEndpoint(s)
	e.Handle(queryMessage{caller: "me", reply: "answers.first"})
	<-handled
	if err := s.stop(); err != nil || !done.Load() {
		t.Errorf("stop: got answered %t, error %v; want true, nil", done.Load(), err)
	}
	e.Handle(queryMessage{caller: "me", reply: "answers.second"})
	for _, want := range []string{"", "503"} {
		if m, err := answers.NextMsg(10 * time.Second); err != nil || m.Header.Get(micro.ErrorCodeHeader) != want {
			t.Errorf("answer: got %+v, %v, want status %q", m, err, want)
		}
	}
	if len(handled) > 0 {
		t.Errorf("requests to the handler after stop: got %d, want 0", len(handled))
	}
	at := tallyOf(&micro.Endpoint{EndpointConfig: micro.EndpointConfig{Handler: e}})
	got, ok := at.(Tally)
	if !ok || got.Answers != 2 || got.Errors != 1 || got.LastError != 503 || got.AverageAnswer <= 0 {
		t.Errorf("tally: got %+v, want 2 answers, 1 error, last error 503, a positive average", at)
	}
}
