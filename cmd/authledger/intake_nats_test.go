package main

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"authledger/adapters/intake"
	"authledger/adapters/natsconn"
	"authledger/adapters/tokens/tokenstest"
	"authledger/domain"
	"authledger/domain/access"
)

// intakeMessage returns an intake message of a caller: a CloudEvent in binary mode.
func intakeMessage(caller, id, kind string, at time.Time, data string) *nats.Msg {
	return &nats.Msg{Subject: natsconn.IntakeSubject(realmDefault, caller), Data: []byte(data),
		Header: nats.Header{
			"ce-specversion": {"1.0"}, "ce-id": {id}, "ce-source": {"gateway/" + caller}, "ce-type": {kind},
			"ce-time": {at.UTC().Format(time.RFC3339Nano)},
		}}
}

func (c *caller) mustPublish(t *testing.T, m *nats.Msg) {
	t.Helper()
	js, err := jetstream.New(c.Conn, jetstream.WithDefaultTimeout(natsTimeout))
	if err == nil {
		_, err = js.PublishMsg(t.Context(), m)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// until waits until the ledger has seq records.
func (s *overNATS) until(t testing.TB, seq uint64) {
	t.Helper()
	if err := s.Rows.Wait(t.Context(), seq); err != nil {
		t.Fatal(err)
	}
}

// recorded returns source/id of each recorded command, in order.
func (s *overNATS) recorded(t *testing.T) (ids []string) {
	t.Helper()
	for r, err := range s.Ledger.Records(t.Context(), 1, s.Rows.Position().Seq, false) {
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, r.Command.Source+"/"+r.Command.ID)
	}
	return ids
}

// TestIntake_SeveralGateways checks that the messages of several gateways are recorded once, in
// the order of each gateway, and that valid messages leave no dead letter.
func TestIntake_SeveralGateways(t *testing.T) {
	const gateways, commands = 3, 200
	s := serveOverNATS(t)
	var want [gateways][]string
	for g := range gateways {
		name := fmt.Sprint("gw", g)
		s.add(t, tokenstest.Spec{Name: name, Role: access.Gateway, Rate: testRateMax})
		c := s.connect(t, name)
		for i := range commands {
			id := fmt.Sprint("e-", i)
			m := intakeMessage(name, id, "login.report", time.Now(),
				fmt.Sprintf(`{"user":"u%d","outcome":"succeeded"}`, i%7))
			if i%3 == 0 { // in structured mode, and twice
				m.Header = nats.Header{"content-TYPE": {"application/cloudevents+json; charset=utf-8"}}
				m.Data = fmt.Appendf(nil,
					`{"specversion":"1.0","id":%q,"source":"gateway/%s","type":"login.report","time":%q,"data":%s}`, id,
					name, time.Now().UTC().Format(time.RFC3339Nano), m.Data)
				c.mustPublish(t, m)
			}
			c.mustPublish(t, m)
			want[g] = append(want[g], "gateway/"+name+"/"+id)
		}
	}
	s.until(t, gateways*commands)
	got := s.recorded(t)
	for g := range gateways {
		own := slices.DeleteFunc(slices.Clone(got),
			func(id string) bool { return !strings.HasPrefix(id, fmt.Sprintf("gateway/gw%d/", g)) })
		if !slices.Equal(own, want[g]) {
			t.Errorf("gateway %d: got commands %v, want %v", g, own, want[g])
		}
	}
	if len(got) != gateways*commands {
		t.Errorf("records: got %d, want %d", len(got), gateways*commands)
	}
	page, err := s.NATS.DeadLetters(s.Ledger).List(t.Context(), 0, 10)
	if err != nil || len(page.Items) > 0 {
		t.Errorf("dead letters: got %+v, %v, want none", page, err)
	}
}

// TestIntake_RemovesMessageIDs checks that a caller can't suppress a message of another caller by
// the header Nats-Msg-Id, with which NATS detects duplicates.
func TestIntake_RemovesMessageIDs(t *testing.T) {
	s := serveOverNATS(t)
	s.add(t, tokenstest.Spec{Name: "other", Role: access.Gateway})
	for _, name := range []string{"other", "gateway"} {
		m := intakeMessage(name, "e-1", "login.report", time.Now(), `{"user":"alice","outcome":"succeeded"}`)
		m.Header[nats.MsgIdHdr] = []string{"e-1"}
		js, err := jetstream.New(s.connect(t, name).Conn, jetstream.WithDefaultTimeout(natsTimeout))
		if err != nil {
			t.Fatal(err)
		}
		for begun := time.Now(); ; {
			ack, err := js.PublishMsg(t.Context(), m)
			if err != nil || time.Since(begun) > natsTimeout {
				t.Fatalf("publish as %s: got %+v, %v, want no duplicate", name, ack, err)
			}
			if !ack.Duplicate {
				break
			}
		}
	}
	s.until(t, 2)
}

// TestDeadLetters_Reasons checks that each kind of invalid message becomes a dead letter with its
// reason and position, in order, and that the valid messages among them are recorded.
func TestDeadLetters_Reasons(t *testing.T) {
	s := serveOverNATS(t)
	c := s.connect(t, "gateway")
	now := time.Now()
	good := `{"user":"alice","outcome":"succeeded"}`
	change := func(of func(nats.Header)) *nats.Msg {
		m := intakeMessage("gateway", "x", "login.report", now, good)
		of(m.Header)
		return m
	}
	invalid := []struct {
		name   string
		m      *nats.Msg
		reason domain.Reason
	}{
		{"no headers", &nats.Msg{Subject: natsconn.IntakeSubject(realmDefault, "gateway"), Data: []byte("invalid")},
			domain.Malformed},
		{"id in two headers", change(func(h nats.Header) { h["CE-Id"] = []string{"x"} }), domain.Malformed},
		{"repeated id", change(func(h nats.Header) { h["ce-id"] = []string{"x", "x"} }), domain.Malformed},
		{"two content types", change(func(h nats.Header) {
			h["Content-Type"], h["content-type"] = []string{"application/json"}, []string{"application/json"}
		}), domain.Malformed},
		{"unknown content type", change(func(h nats.Header) { h["Content-Type"] = []string{"text/plain"} }),
			domain.Malformed},
		{"missing type", change(func(h nats.Header) { delete(h, "ce-type") }), domain.Malformed},
		{"unknown type", intakeMessage("gateway", "x", "login.nothing", now, good), domain.UnknownType},
		{"incomplete percent-encoding", change(func(h nats.Header) { h["ce-id"] = []string{"%"} }),
			domain.Malformed},
		{"array as data", intakeMessage("gateway", "x", "login.report", now, "[]"), domain.Malformed},
		{"unknown member",
			intakeMessage("gateway", "x", "login.report", now, `{"user":"alice","outcome":"succeeded","pin":"1"}`),
			domain.UnknownField},
		{"repeated member",
			intakeMessage("gateway", "x", "login.report", now, `{"user":"alice","user":"bob","outcome":"succeeded"}`),
			domain.Malformed},
		{"largest message", &nats.Msg{Subject: natsconn.IntakeSubject(realmDefault, "gateway"),
			Data: bytes.Repeat([]byte("<"), 68<<10), Header: nats.Header{"ce-id": {strings.Repeat("<", 63<<10)}}},
			domain.Malformed},
		{"old time", intakeMessage("gateway", "x", "login.report", now.Add(-time.Hour), good), domain.ClockSkew},
		{"future time", intakeMessage("gateway", "x", "login.report", now.Add(time.Hour), good), domain.ClockSkew},
		{"source of another caller", change(func(h nats.Header) { h["ce-source"] = []string{"gateway/other"} }),
			intake.Denied},
		{"source of importers", change(func(h nats.Header) { h["ce-source"] = []string{"import/x"} }),
			domain.BadField},
		{"command without permission",
			intakeMessage("gateway", "x", "lockout.release", now,
				`{"user":"alice","agent":"gateway"}`), intake.Denied},
	}
	// statuses that the server sends to a reader
	for _, status := range []string{"100", "400", "404", "408", "409", "503"} {
		invalid = append(invalid, struct {
			name   string
			m      *nats.Msg
			reason domain.Reason
		}{"status " + status,
			&nats.Msg{Subject: natsconn.IntakeSubject(realmDefault, "gateway"),
				Header: nats.Header{"Status": {status}, "Description": {"Consumer Deleted"}}}, domain.Malformed})
	}
	for i, r := range invalid {
		c.mustPublish(t, r.m)
		c.mustPublish(t, intakeMessage("gateway", fmt.Sprint("good-", i), "login.report", now, good))
	}
	s.until(t, uint64(len(invalid)))
	deadLetters := s.NATS.DeadLetters(s.Ledger)
	s.untilDeadLetters(t, deadLetters, len(invalid))
	var last uint64
	for i, r := range invalid { // a page at a time
		page, err := deadLetters.List(t.Context(), last, 1)
		if err != nil || len(page.Items) != 1 || page.More != (i < len(invalid)-1) {
			t.Fatalf("page after %d: got %+v, %v, want 1 dead letter", last, page, err)
		}
		l := page.Items[0]
		if l.Reason != r.reason || l.Position != uint64(2*i+1) || l.Caller != "gateway" || l.Detail == "" {
			t.Errorf("%s: got dead letter %+v, want reason %s", r.name, l, r.reason)
		}
		last = l.Position
		whole, err := deadLetters.Show(t.Context(), l.Position)
		if err != nil || string(whole.Payload) != string(r.m.Data) {
			t.Errorf("%s: got %+v, %v, want the payload unchanged", r.name, whole, err)
		}
	}
	if len(s.recorded(t)) != len(invalid) {
		t.Errorf("recorded commands: got %v, want %d", s.recorded(t), len(invalid))
	}
}

// TestDeadLetters_Retry checks that a retry judges the command as of the instant at which it was
// stored, and that an accepted command deletes the dead letter.
func TestDeadLetters_Retry(t *testing.T) {
	s := serveOverNATS(t)
	s.inside(t).mustPublish(t,
		intakeMessage("late", "e-1", "login.report", time.Now(), `{"user":"alice","outcome":"succeeded"}`))
	deadLetters := s.NATS.DeadLetters(s.Ledger)
	s.untilDeadLetters(t, deadLetters, 1)
	v, err := deadLetters.Retry(t.Context(), "operator", 1)
	if err != nil || v.Status != domain.Invalid || v.Reason != intake.Denied {
		t.Fatalf("retry without a token: got %+v, %v, want invalid with reason %s", v, err, intake.Denied)
	}
	s.add(t, tokenstest.Spec{Name: "late", Role: access.Gateway})
	v, err = deadLetters.Retry(t.Context(), "operator", 1)
	if err != nil || v.Status != domain.Accepted || v.Seq != 1 {
		t.Fatalf("retry with a token: got %+v, %v, want accepted as record 1", v, err)
	}
	if _, err := deadLetters.Retry(t.Context(), "operator", 1); err == nil ||
		s.deadLetterCount(t, deadLetters) != 0 {
		t.Errorf("retry after an accepted verdict: got error %v and %d dead letters, want an error and 0", err,
			s.deadLetterCount(t, deadLetters))
	}
}

// TestDeadLetters_InvalidUTF8 checks that a dead letter keeps a header value that is not valid
// UTF-8 as percent-encoded bytes, so that a retry is still invalid.
func TestDeadLetters_InvalidUTF8(t *testing.T) {
	s := serveOverNATS(t)
	c := s.connect(t, "gateway")
	c.mustPublish(t,
		intakeMessage("gateway", "e-\xff", "login.report", time.Now(), `{"user":"alice","outcome":"succeeded"}`))
	deadLetters := s.NATS.DeadLetters(s.Ledger)
	s.untilDeadLetters(t, deadLetters, 1)
	if l, err := deadLetters.Show(t.Context(), 1); err != nil || l.Headers["ce-id"][0] != "e-%FF" {
		t.Errorf("show dead letter 1: got %+v, %v, want the header ce-id e-%%FF", l, err)
	}
	if v, err := deadLetters.Retry(t.Context(), "operator", 1); err != nil || v.Status != domain.Invalid {
		t.Errorf("retry dead letter 1: got %+v, %v, want invalid", v, err)
	}
}

func (s *overNATS) deadLetterCount(t *testing.T, l *intake.DeadLetters) int {
	t.Helper()
	page, err := l.List(t.Context(), 0, 1000)
	if err != nil {
		t.Fatal(err)
	}
	return len(page.Items)
}

// untilDeadLetters waits until the stream of dead letters holds n. The intake stores a dead letter
// while it decides later messages, so that the ledger can have their records before.
func (s *overNATS) untilDeadLetters(t *testing.T, l *intake.DeadLetters, n int) {
	t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for begun := time.Now(); s.deadLetterCount(t, l) < n; <-tick.C {
		if time.Since(begun) > natsTimeout {
			t.Fatalf("timed out: got %d dead letters, want %d", s.deadLetterCount(t, l), n)
		}
	}
}
