package bench

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/nats-io/nats.go"

	"authledger/eventstore/natsd"
)

// TestPublishAtomically checks that the server stores the events of full batches and of a shorter
// last batch, with each number of publishers.
func TestPublishAtomically(t *testing.T) {
	server := startServer(t)
	events := make([][]byte, 2*atomicMessages+7)
	for i := range events {
		events[i] = fmt.Appendf(nil, "event %d", i)
	}
	for _, publishers := range atomicPublishers {
		rate, err := publishAtomically(t.Context(), server, events, publishers)
		if err != nil || rate <= 0 {
			t.Errorf("%d publishers: got %g events/s and error %v, want a rate and no error", publishers, rate, err)
		}
	}
}

// TestAcknowledged checks that a reply counts as an acknowledgement only if it names all messages
// of the batch.
func TestAcknowledged(t *testing.T) {
	for _, c := range []struct{ reply, want string }{
		{`{"stream":"S","seq":3,"batch":"b","count":3}`, ""},
		{`{"stream":"S","seq":2,"batch":"b","count":2}`, "the server stored 2 messages of an atomic batch, want 3"},
		{`{"stream":"S","seq":3}`, "the server stored 0 messages"},
		{`{"error":{"code":400,"err_code":10176,"description":"incomplete batch"}}`, "incomplete batch"},
		{`no JSON`, "acknowledgement of an atomic batch"},
	} {
		err := acknowledged([]byte(c.reply), 3)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("reply %s: got error %v, want %q", c.reply, err, c.want)
		}
	}
}

// TestPublishBatch_WithoutStream checks that a batch without a stream returns an error.
func TestPublishBatch_WithoutStream(t *testing.T) {
	conn, err := nats.Connect("", nats.InProcessServer(startServer(t)))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := publishBatch(t.Context(), conn, "nowhere", "1", [][]byte{{1}, {2}}); err == nil {
		t.Error("publish to a subject without a stream: got no error")
	}
}

func startServer(t *testing.T) *natsd.Server {
	server, err := natsd.Start(t.Context(), natsd.Config{Dir: t.TempDir(), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	return server
}
