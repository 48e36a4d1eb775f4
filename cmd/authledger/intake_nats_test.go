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

	"authledger/access"
	"authledger/adapters/natsapi"
	"authledger/domain"
)

// leave is a command as a gateway leaves it.
func leave(caller, id, kind string, at time.Time, data string) *nats.Msg {
	return &nats.Msg{Subject: natsapi.IntakeSubject(realmDefault, caller), Data: []byte(data), Header: nats.Header{
		"ce-specversion": {"1.0"}, "ce-id": {id}, "ce-source": {"gateway/" + caller}, "ce-type": {kind}, "ce-time": {at.UTC().Format(time.RFC3339Nano)},
	}}
}

func (c *caller) leave(t *testing.T, m *nats.Msg) {
	t.Helper()
	js, err := jetstream.New(c.Conn)
	if err == nil {
		_, err = js.PublishMsg(t.Context(), m)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// until waits for the ledger to have seq records that were decided.
func (s *overNATS) until(t testing.TB, seq uint64) {
	t.Helper()
	if err := s.rows.Wait(t.Context(), seq); err != nil {
		t.Fatal(err)
	}
}

// recorded are the commands in the log, as source/id, in order.
func (s *overNATS) recorded(t *testing.T) (ids []string) {
	t.Helper()
	for r, err := range s.ledger.Records(t.Context(), 1, s.rows.Position().Seq, false) {
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, r.Command.Source+"/"+r.Command.ID)
	}
	return ids
}

// What several gateways leave is recorded once, in the order of each; what is invalid
// is a letter, with its reason, and nothing else is.
func TestIntake(t *testing.T) {
	const gateways, commands = 3, 200
	s := serveOverNATS(t)
	var want [gateways][]string
	for g := range gateways {
		name := fmt.Sprint("gw", g)
		s.add(t, access.Spec{Name: name, Role: access.Gateway, Rate: benchRateMax})
		c := s.connect(t, name)
		for i := range commands {
			id := fmt.Sprint("e-", i)
			m := leave(name, id, "login.report", time.Now(), fmt.Sprintf(`{"user":"u%d","outcome":"succeeded"}`, i%7))
			if i%3 == 0 { // in structured mode, and twice
				m.Header = nats.Header{"content-TYPE": {"application/cloudevents+json; charset=utf-8"}}
				m.Data = fmt.Appendf(nil, `{"specversion":"1.0","id":%q,"source":"gateway/%s","type":"login.report","time":%q,"data":%s}`, id, name, time.Now().UTC().Format(time.RFC3339Nano), m.Data)
				c.leave(t, m)
			}
			c.leave(t, m)
			want[g] = append(want[g], "gateway/"+name+"/"+id)
		}
	}
	s.until(t, gateways*commands)
	got := s.recorded(t)
	for g := range gateways {
		own := slices.DeleteFunc(slices.Clone(got), func(id string) bool { return !strings.HasPrefix(id, fmt.Sprintf("gateway/gw%d/", g)) })
		if !slices.Equal(own, want[g]) {
			t.Errorf("gateway %d: %v", g, own)
		}
	}
	if len(got) != gateways*commands {
		t.Errorf("%d records of %d commands", len(got), gateways*commands)
	}
	if page, err := s.messages.Letters(s.ledger).List(t.Context(), 0, 10); err != nil || len(page.Letters) > 0 {
		t.Errorf("letters: %+v, %v", page, err)
	}
}

// A header Nats-Msg-Id, by which NATS drops what comes twice, is nobody's own: who
// repeats another's must not have the other's command dropped.
func TestIntakeKnowsNoMessageIDs(t *testing.T) {
	s := serveOverNATS(t)
	s.add(t, access.Spec{Name: "other", Role: access.Gateway})
	for _, name := range []string{"other", "gateway"} {
		m := leave(name, "e-1", "login.report", time.Now(), `{"user":"alice","outcome":"succeeded"}`)
		m.Header[nats.MsgIdHdr] = []string{"e-1"}
		js, err := jetstream.New(s.connect(t, name).Conn)
		if err != nil {
			t.Fatal(err)
		}
		for begun := time.Now(); ; {
			ack, err := js.PublishMsg(t.Context(), m)
			if err != nil || time.Since(begun) > natsPatience/2 {
				t.Fatalf("%s: %+v, %v", name, ack, err)
			}
			if !ack.Duplicate {
				break
			}
		}
	}
	s.until(t, 2)
}

// Each way of leaving rubbish is a letter with its reason and position, in the order
// in which it was left; what is good among it is recorded.
func TestIntakeLetters(t *testing.T) {
	s := serveOverNATS(t)
	c := s.connect(t, "gateway")
	now := time.Now()
	good := `{"user":"alice","outcome":"succeeded"}`
	change := func(of func(nats.Header)) *nats.Msg {
		m := leave("gateway", "x", "login.report", now, good)
		of(m.Header)
		return m
	}
	rubbish := []struct {
		says   string
		m      *nats.Msg
		reason domain.Reason
	}{
		{"no headers at all", &nats.Msg{Subject: natsapi.IntakeSubject(realmDefault, "gateway"), Data: []byte("rubbish")}, domain.Malformed},
		{"an id twice, in two cases", change(func(h nats.Header) { h["CE-Id"] = []string{"x"} }), domain.Malformed},
		{"an id twice", change(func(h nats.Header) { h["ce-id"] = []string{"x", "x"} }), domain.Malformed},
		{"two content types", change(func(h nats.Header) {
			h["Content-Type"], h["content-type"] = []string{"application/json"}, []string{"application/json"}
		}), domain.Malformed},
		{"another content type", change(func(h nats.Header) { h["Content-Type"] = []string{"text/plain"} }), domain.Malformed},
		{"no type", change(func(h nats.Header) { delete(h, "ce-type") }), domain.Malformed},
		{"an unknown type", leave("gateway", "x", "login.nothing", now, good), domain.UnknownType},
		{"a percent sign alone", change(func(h nats.Header) { h["ce-id"] = []string{"%"} }), domain.Malformed},
		{"no object", leave("gateway", "x", "login.report", now, "[]"), domain.Malformed},
		{"an unknown member", leave("gateway", "x", "login.report", now, `{"user":"alice","outcome":"succeeded","pin":"1"}`), domain.UnknownField},
		{"a member twice", leave("gateway", "x", "login.report", now, `{"user":"alice","user":"bob","outcome":"succeeded"}`), domain.Malformed},
		{"as much as fits, of which a letter is the largest", &nats.Msg{Subject: natsapi.IntakeSubject(realmDefault, "gateway"),
			Data: bytes.Repeat([]byte("<"), 68<<10), Header: nats.Header{"ce-id": {strings.Repeat("<", 63<<10)}}}, domain.Malformed},
		{"long ago", leave("gateway", "x", "login.report", now.Add(-time.Hour), good), domain.ClockSkew},
		{"to come", leave("gateway", "x", "login.report", now.Add(time.Hour), good), domain.ClockSkew},
		{"another's source", change(func(h nats.Header) { h["ce-source"] = []string{"gateway/other"} }), natsapi.Denied},
		{"the importers'", change(func(h nats.Header) { h["ce-source"] = []string{"import/x"} }), domain.BadField},
		{"what a gateway may not", leave("gateway", "x", "lockout.release", now, `{"user":"alice","agent":"gateway"}`), natsapi.Denied},
	}
	for _, status := range []string{"100", "400", "404", "408", "409", "503"} { // what the server says to whoever reads
		rubbish = append(rubbish, struct {
			says   string
			m      *nats.Msg
			reason domain.Reason
		}{"a status " + status, &nats.Msg{Subject: natsapi.IntakeSubject(realmDefault, "gateway"), Header: nats.Header{"Status": {status}, "Description": {"Consumer Deleted"}}}, domain.Malformed})
	}
	for i, r := range rubbish {
		c.leave(t, r.m)
		c.leave(t, leave("gateway", fmt.Sprint("good-", i), "login.report", now, good))
	}
	s.until(t, uint64(len(rubbish)))
	letters := s.messages.Letters(s.ledger)
	var last uint64
	for i, r := range rubbish { // a page at a time
		page, err := letters.List(t.Context(), last, 1)
		if err != nil || len(page.Letters) != 1 || page.More != (i < len(rubbish)-1) {
			t.Fatalf("behind %d: %+v, %v", last, page, err)
		}
		l := page.Letters[0]
		if l.Reason != r.reason || l.Position != uint64(2*i+1) || l.Caller != "gateway" || l.Detail == "" {
			t.Errorf("%s: %+v", r.says, l)
		}
		last = l.Position
		whole, err := letters.Show(t.Context(), l.Position)
		if err != nil || string(whole.Payload) != string(r.m.Data) {
			t.Errorf("%s: %+v, %v", r.says, whole, err)
		}
	}
	if len(s.recorded(t)) != len(rubbish) {
		t.Errorf("%v", s.recorded(t))
	}
}

// A letter is tried again as of when it was left, and is gone with its verdict, which
// a second try repeats no more; or it is thrown away.
func TestLetterRetry(t *testing.T) {
	s := serveOverNATS(t)
	s.inside(t).leave(t, leave("late", "e-1", "login.report", time.Now(), `{"user":"alice","outcome":"succeeded"}`))
	letters := s.messages.Letters(s.ledger)
	for s.letterCount(t, letters) == 0 { // the intake's own goroutine writes it
		if err := t.Context().Err(); err != nil {
			t.Fatal(err)
		}
	}
	v, err := letters.Retry(t.Context(), 1)
	if err != nil || v.Status != domain.Invalid || v.Reason != natsapi.Denied {
		t.Fatalf("%+v %v", v, err)
	}
	s.add(t, access.Spec{Name: "late", Role: access.Gateway})
	v, err = letters.Retry(t.Context(), 1)
	if err != nil || v.Status != domain.Accepted || v.Seq != 1 {
		t.Fatalf("%+v %v", v, err)
	}
	if _, err := letters.Retry(t.Context(), 1); err == nil || s.letterCount(t, letters) != 0 {
		t.Error("the letter is still there")
	}
}

// A letter holds what was left, to the byte: what was wrong with it stays wrong.
func TestLetterOfNoText(t *testing.T) {
	s := serveOverNATS(t)
	c := s.connect(t, "gateway")
	c.leave(t, leave("gateway", "e-\xff", "login.report", time.Now(), `{"user":"alice","outcome":"succeeded"}`))
	letters := s.messages.Letters(s.ledger)
	for s.letterCount(t, letters) == 0 {
		if err := t.Context().Err(); err != nil {
			t.Fatal(err)
		}
	}
	if l, err := letters.Show(t.Context(), 1); err != nil || l.Headers["ce-id"][0] != "e-%FF" {
		t.Errorf("%+v %v", l, err)
	}
	if v, err := letters.Retry(t.Context(), 1); err != nil || v.Status != domain.Invalid {
		t.Errorf("%+v %v", v, err)
	}
}

func (s *overNATS) letterCount(t *testing.T, l *natsapi.Letters) int {
	t.Helper()
	page, err := l.List(t.Context(), 0, 1000)
	if err != nil {
		t.Fatal(err)
	}
	return len(page.Letters)
}
