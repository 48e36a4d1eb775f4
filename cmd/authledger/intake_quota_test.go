package main

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"authledger/adapters/intake"
	"authledger/adapters/natsconn"
	"authledger/adapters/tokens/tokenstest"
	"authledger/cmd/internal/node"
	"authledger/domain/access"
)

// publish publishes m to the intake, and returns the text of a refusal, "" if the intake
// acknowledged m.
func (c *caller) publish(t *testing.T, m *nats.Msg) (refusal string) {
	t.Helper()
	js, err := jetstream.New(c.Conn, jetstream.WithDefaultTimeout(natsTimeout)) // the machine may be loaded
	if err != nil {
		t.Fatal(err)
	}
	_, err = js.PublishMsg(t.Context(), m)
	refused := (*jetstream.APIError)(nil)
	if errors.As(err, &refused) && refused.Code == http.StatusTooManyRequests {
		return refused.Description
	}
	if err != nil {
		t.Fatal(err)
	}
	return ""
}

// invalidMessage is a message of size bytes that becomes a dead letter.
func invalidMessage(caller string, size int) *nats.Msg {
	return &nats.Msg{Subject: natsconn.IntakeSubject(realmDefault, caller), Data: make([]byte, size)}
}

// awaitAdmitted publishes messages until the intake admits one.
func (c *caller) awaitAdmitted(t *testing.T, message func(i int) *nats.Msg) {
	t.Helper()
	begun, i := time.Now(), 0
	for refusal := c.publish(t, message(i)); refusal != ""; refusal = c.publish(t, message(i)) {
		if i++; time.Since(begun) > natsTimeout {
			t.Fatalf("timed out: got refusal %q, want an admitted message", refusal)
		}
		<-time.After(50 * time.Millisecond)
	}
}

// wantRecorded waits until the log holds a command.
func (s *overNATS) wantRecorded(t *testing.T, source, id string) {
	t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for begun := time.Now(); ; <-tick.C {
		_, _, found, err := s.Rows.Command(source, id)
		if err != nil {
			t.Fatal(err)
		}
		if found {
			return
		}
		if time.Since(begun) > natsTimeout {
			t.Fatalf("timed out: got no record of %s/%s, want one", source, id)
		}
	}
}

// TestIntakeFloodIsRefusedBeyondRate checks that the intake refuses the messages of a caller beyond
// the rate of its token. The ledger records each acknowledged message of that caller, and each
// command of another caller.
func TestIntakeFloodIsRefusedBeyondRate(t *testing.T) {
	const rate, messages, others = 1, 10_000, 20
	refusals := new(atomic.Int64)
	s := serveOverNATS(t)
	s.add(t, tokenstest.Spec{Name: "flood", Role: access.Gateway, Rate: rate})
	s.restart(t,
		node.Options{Log: quietLog,
			NATS: &node.NATSOptions{Listen: "127.0.0.1:0", Observe: intake.Observer{Refused: func(reason string) {
				if reason != intake.OverRate {
					t.Errorf("refusal of a flood: got reason %s, want %s", reason, intake.OverRate)
				}
				refusals.Add(1)
			}}}})
	flood, other := s.connect(t, "flood"), s.connect(t, "gateway")
	js, err := jetstream.New(flood.Conn, jetstream.WithPublishAsyncMaxPending(messages))
	if err != nil {
		t.Fatal(err)
	}
	acks := make([]jetstream.PubAckFuture, messages)
	for i := range acks {
		m := intakeMessage("flood", fmt.Sprint(i), "login.report", time.Now(),
			fmt.Sprintf(`{"user":"u%d","outcome":"succeeded"}`, i%100))
		if acks[i], err = js.PublishMsgAsync(m, jetstream.WithStallWait(natsTimeout)); err != nil {
			t.Fatal(err)
		}
	}
	slowest := time.Duration(0)
	for i := range others {
		begun, id := time.Now(), fmt.Sprint(i)
		refusal := other.publish(t,
			intakeMessage("gateway", id, "login.report", time.Now(), `{"user":"alice","outcome":"succeeded"}`))
		if refusal != "" {
			t.Fatalf("command %s of the other caller: got refusal %q, want none", id, refusal)
		}
		s.wantRecorded(t, "gateway/gateway", id)
		slowest = max(slowest, time.Since(begun))
	}
	acknowledged, refused := 0, 0
	for i, ack := range acks {
		select {
		case <-ack.Ok():
			acknowledged++
			s.wantRecorded(t, "gateway/flood", fmt.Sprint(i))
		case err := <-ack.Err():
			if !strings.Contains(err.Error(), "exceeds the rate of its token, 1 messages a second") {
				t.Fatalf("message %d of the flood: got error %v, want a refusal by the rate", i, err)
			}
			refused++
		case <-time.After(natsTimeout):
			t.Fatalf("timed out: got no answer to message %d of the flood, want one", i)
		}
	}
	if acknowledged < access.BurstMin || acknowledged > access.BurstMin+rate*int(natsTimeout/time.Second) ||
		refused != int(refusals.Load()) {
		t.Errorf("flood: got %d acknowledged, %d refused, %d counted refusals; want %d acknowledged, and all "+
			"others refused and counted", acknowledged, refused, refusals.Load(), access.BurstMin)
	}
	if records := s.recorded(t); len(records) != acknowledged+others {
		t.Errorf("records: got %d, want %d", len(records), acknowledged+others)
	}
	t.Logf("%d acknowledged, %d refused; the slowest command of the other caller took %v", acknowledged,
		refused, slowest)
}

// TestIntakeQuotaOfStoredMessages checks that a caller can publish up to its quota while the ledger is
// down, also after a restart of the NATS server. After the ledger has read messages of the caller,
// the caller can publish more.
func TestIntakeQuotaOfStoredMessages(t *testing.T) {
	const size, quota = 1 << 10, 50
	for _, test := range []struct {
		name, message string
		quotas        intake.Quotas
	}{
		{"messages", "messages of this caller in the intake fill its quota", intake.Quotas{Messages: quota}},
		{"bytes", "bytes of this caller in the intake fill its quota", intake.Quotas{Bytes: quota * size}},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := serveOverNATS(t)
			s.add(t, tokenstest.Spec{Name: "other", Role: access.Gateway})
			own := s.natsOwn(t)
			s.stop(t)
			own.stop()
			own.intake.Quotas = test.quotas
			own.start(t)
			full, acknowledged := s.connectAt(t, "gateway", own.address), 0
			message := func(i int) *nats.Msg {
				return intakeMessage("gateway", fmt.Sprint(test.name, i), "login.report", time.Now(),
					`{"user":"alice","outcome":"succeeded"}`+strings.Repeat(" ", size-200))
			}
			for refusal := ""; refusal == ""; acknowledged++ {
				refusal = full.publish(t, message(acknowledged))
				if refusal != "" && !strings.Contains(refusal, test.message) {
					t.Fatalf("message beyond the quota: got refusal %q, want %q", refusal, test.message)
				}
				if acknowledged > 2*quota {
					t.Fatalf("got %d acknowledged messages, want at most %d, twice the quota", acknowledged, 2*quota)
				}
			}
			acknowledged--
			if acknowledged < quota*9/10 {
				t.Errorf("got %d acknowledged messages, want at least %d, 90 %% of the quota", acknowledged, quota*9/10)
			}
			full.Close()
			own.stop()
			own.start(t)
			full, other := s.connectAt(t, "gateway", own.address), s.connectAt(t, "other", own.address)
			extra := 0 // messages that are admitted before the server has counted
			for begun := time.Now(); full.publish(t, message(acknowledged+extra)) == ""; extra++ {
				if time.Since(begun) > natsTimeout {
					t.Fatalf("timed out: got %d messages admitted after the restart, want a refusal", extra)
				}
			}
			refusal := other.publish(t,
				intakeMessage("other", "o-1", "login.report", time.Now(), `{"user":"bob","outcome":"succeeded"}`))
			if refusal != "" {
				t.Errorf("command of the other caller: got refusal %q, want none", refusal)
			}
			s.start(t, node.Options{Log: quietLog, NATS: own.options()})
			s.wantRecorded(t, "gateway/other", "o-1")
			last := acknowledged + extra
			full.awaitAdmitted(t, func(i int) *nats.Msg { return message(last + i) })
			s.until(t, uint64(last+2))
			for i := range last {
				s.wantRecorded(t, "gateway/gateway", fmt.Sprint(test.name, i))
			}
		})
	}
}

// fillDeadLetters publishes messages that become dead letters until the intake refuses one. The
// admission counts dead letters each second: after the first messages, which fill the quota, the
// caller pauses after each, so that a fast machine does not store thousands until the next count.
func (c *caller) fillDeadLetters(t *testing.T, quota, size int) (acknowledged int, refusal string) {
	t.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for begun := time.Now(); ; acknowledged++ {
		if refusal = c.publish(t, invalidMessage("faulty", size)); refusal != "" {
			return acknowledged, refusal
		}
		if time.Since(begun) > natsTimeout {
			t.Fatalf("timed out: got %d acknowledged messages, want a refusal", acknowledged)
		}
		if acknowledged >= quota {
			<-tick.C
		}
	}
}

// TestDeadLetterQuotaRefusesOneCaller checks that the intake refuses a caller, and no other caller,
// while its dead letters fill its quota, until an operator drops dead letters. Each acknowledged
// message becomes a record or a dead letter.
func TestDeadLetterQuotaRefusesOneCaller(t *testing.T) {
	t.Parallel()
	const size = 1 << 10
	for _, test := range []struct {
		name     string
		quota    intake.Quotas
		embedded bool
	}{
		{"number of dead letters, embedded server", intake.Quotas{DeadLetters: 20}, true},
		{"bytes of dead letters, separate server", intake.Quotas{DeadLetterBytes: 20 * size}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := serveOverNATS(t)
			s.add(t, tokenstest.Spec{Name: "faulty", Role: access.Gateway})
			o := &node.NATSOptions{Listen: "127.0.0.1:0", Quotas: test.quota}
			address := s.NATSAddress
			if !test.embedded {
				own := s.natsOwn(t)
				own.stop()
				own.intake.Quotas = test.quota
				own.start(t)
				o, address = own.options(), func() string { return own.address }
			}
			s.restart(t, node.Options{Log: quietLog, NATS: o})
			if test.embedded {
				address = s.NATSAddress
			}
			faulty, gateway := s.connectAt(t, "faulty", address()), s.connectAt(t, "gateway", address())
			acknowledged, refusal := faulty.fillDeadLetters(t, 20, size)
			if !strings.Contains(refusal, "dead letters of this caller fill its quota") {
				t.Errorf("message beyond the quota: got refusal %q, want a full quota of dead letters", refusal)
			}
			for i := range 20 {
				if refusal := gateway.publish(t,
					intakeMessage("gateway", fmt.Sprint("g-", i), "login.report", time.Now(),
						`{"user":"alice","outcome":"succeeded"}`)); refusal != "" {
					t.Fatalf("command g-%d of the other caller: got refusal %q, want none", i, refusal)
				}
			}
			s.until(t, 20)
			deadLetters := s.NATS.DeadLetters(s.Ledger)
			s.untilDeadLetters(t, deadLetters, acknowledged)
			if n := s.deadLetterCount(t, deadLetters); n != acknowledged {
				t.Errorf("dead letters: got %d, want %d", n, acknowledged)
			}
			chosen := dlqSelection{caller: "faulty"}
			n, err := chosen.each(t.Context(), localDeadLetters{deadLetters}, nil,
				func(at uint64) error { return deadLetters.Drop(t.Context(), "operator", at) })
			if err != nil || n != acknowledged {
				t.Fatalf("drop the dead letters: got %d, %v, want %d", n, err, acknowledged)
			}
			faulty.awaitAdmitted(t, func(i int) *nats.Msg {
				return intakeMessage("faulty", fmt.Sprint("f-", i), "login.report", time.Now(),
					`{"user":"bob","outcome":"succeeded"}`)
			})
			s.until(t, 21)
		})
	}
}
