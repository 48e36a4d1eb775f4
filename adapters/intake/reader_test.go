package intake

import (
	"errors"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"authledger/adapters/natsconn"
	"authledger/eventstore/natsd"
)

// TestCounter_ReadsWholeStream checks that a counter reads every message of a stream of
// several batches before it reports the end of the stream, also if a batch takes longer than
// 250 ms.
func TestCounter_ReadsWholeStream(t *testing.T) {
	log := slog.New(slog.DiscardHandler)
	server, err := natsd.Start(t.Context(), natsd.Config{Dir: t.TempDir(), NodeAccount: true, Log: log})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	conn, err := natsconn.Dial(natsconn.Server{InProcess: server, User: natsd.NodeUser}, "main", log)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Close)
	js, err := jetstream.New(conn.Conn, jetstream.WithPublishAsyncMaxPending(10_000))
	if err != nil {
		t.Fatal(err)
	}
	stream, err := js.CreateStream(t.Context(),
		jetstream.StreamConfig{Name: "S", Subjects: []string{"s"}, Storage: jetstream.MemoryStorage})
	if err != nil {
		t.Fatal(err)
	}
	for _, messages := range []int{0, 1, 2*readBatch + 10} {
		t.Run(fmt.Sprint(messages, " messages"), func(t *testing.T) {
			if err := stream.Purge(t.Context()); err != nil {
				t.Fatal(err)
			}
			for range messages {
				if _, err := js.PublishAsync("s", []byte("payload")); err != nil {
					t.Fatal(err)
				}
			}
			select {
			case <-js.PublishAsyncComplete():
			case <-time.After(time.Minute):
				t.Fatalf("timed out after a minute: got unstored messages, want all %d stored", messages)
			}
			r, err := openCounter(t.Context(), conn, stream)
			if err != nil {
				t.Fatal(err)
			}
			defer r.close()
			got := 0
			for ; ; got++ {
				m, _, err := r.next(t.Context())
				if errors.Is(err, errEndOfStream) {
					break
				}
				if err != nil {
					t.Fatalf("message %d: %v", got+1, err)
				}
				if len(m.Data) > 0 {
					t.Fatalf("message %d: got a payload of %d bytes, want only headers", got+1, len(m.Data))
				}
				if got%readBatch == 1 {
					time.Sleep(300 * time.Millisecond) // the request is older than 250 ms when its batch ends
				}
			}
			if got != messages {
				t.Errorf("counted messages: got %d, want %d", got, messages)
			}
		})
	}
}
