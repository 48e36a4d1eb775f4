package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"authledger/cmd/internal/render"
	"authledger/eventstore/natsd"
)

// atomicMessages is the number of messages of an atomic batch. It is the default maximum of
// nats-server, and with it a message costs the smallest share of the syncs of a batch.
const atomicMessages = 1_000

// atomicPublishers lists the numbers of concurrent publishers, each with one batch in flight.
// The baseline is the fastest of them, because the best number differs between machines.
var atomicPublishers = []int{1, 2, 4}

// acknowledgedWithin bounds the wait for the acknowledgement of a batch. A batch needs milliseconds
// on an idle disk.
const acknowledgedWithin = time.Minute

// Headers of the messages of an atomic batch (ADR-50 of NATS).
const (
	headerBatch    = "Nats-Batch-Id"
	headerSequence = "Nats-Batch-Sequence"
	headerCommit   = "Nats-Batch-Commit"
	commitBatch    = "1" // the message that ends the batch is part of the batch
)

// atomic measures the faster baseline of the import: it publishes events of the import to
// JetStream on the same disk, in atomic batches that the server syncs before it acknowledges
// them.
func (b *run) atomic(ctx context.Context) error {
	events, err := b.events(ctx, b.size.batched)
	if err != nil {
		return err
	}
	server, err := natsd.Start(ctx, natsd.Config{Dir: filepath.Join(b.dir, dirAtomic), Log: b.Log})
	if err != nil {
		return err
	}
	defer server.Close()
	var best float64
	for _, publishers := range atomicPublishers {
		rate, err := publishAtomically(ctx, server, events, publishers)
		if err != nil {
			return err
		}
		best = max(best, rate)
	}
	b.found(best, "events/s", "events of the import in atomic batches of %s, fastest of %s publishers",
		render.Grouped(atomicMessages), numbers(atomicPublishers))
	b.found(b.figureOf(figureImport)/best, "×", "rate of the import, divided by that of atomic batches")
	b.atLeast(goalAtomic)
	return nil
}

// publishAtomically publishes the events to a new stream, and returns the events a second.
func publishAtomically(ctx context.Context, server *natsd.Server, events [][]byte,
	publishers int) (rate float64, err error) {
	subject := "atomic." + strconv.Itoa(publishers)
	conn, err := nats.Connect("", nats.InProcessServer(server))
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	js, err := jetstream.New(conn)
	if err != nil {
		return 0, err
	}
	stream, err := js.CreateStream(ctx, jetstream.StreamConfig{Name: "ATOMIC_" + strconv.Itoa(publishers),
		Subjects: []string{subject}, Storage: jetstream.FileStorage, AllowAtomicPublish: true})
	if err != nil {
		return 0, err
	}
	batches := make(chan [][]byte, len(events)/atomicMessages+1)
	for batch := range slices.Chunk(events, atomicMessages) {
		batches <- batch
	}
	close(batches)
	begun := time.Now()
	err = together(publishers, func(publisher int) error {
		return publishBatches(ctx, server, subject, publisher, batches)
	})
	if err != nil {
		return 0, err
	}
	rate = float64(len(events)) / time.Since(begun).Seconds()
	info, err := stream.Info(ctx)
	if err == nil && info.State.Msgs != uint64(len(events)) {
		err = fmt.Errorf("the stream of the atomic batches has %d messages, want %d", info.State.Msgs, len(events))
	}
	return rate, err
}

// together runs the function in n goroutines, and returns all their errors.
func together(n int, run func(int) error) error {
	var group sync.WaitGroup
	failed := make([]error, n)
	for i := range n {
		group.Go(func() { failed[i] = run(i) })
	}
	group.Wait()
	return errors.Join(failed...)
}

// publishBatches publishes batches on a connection of its own, one after another.
func publishBatches(ctx context.Context, server *natsd.Server, subject string, publisher int,
	batches <-chan [][]byte) error {
	conn, err := nats.Connect("", nats.InProcessServer(server))
	if err != nil {
		return err
	}
	defer conn.Close()
	published := 0
	for batch := range batches {
		published++
		if err := publishBatch(ctx, conn, subject, fmt.Sprintf("%d-%d", publisher, published), batch); err != nil {
			return err
		}
	}
	return nil
}

// publishBatch publishes one batch, and returns when the server has stored all its messages.
func publishBatch(ctx context.Context, conn *nats.Conn, subject, id string, batch [][]byte) error {
	last := len(batch) - 1
	for i, event := range batch[:last] {
		if err := conn.PublishMsg(batchMessage(subject, id, i, event)); err != nil {
			return err
		}
	}
	commit := batchMessage(subject, id, last, batch[last])
	commit.Header.Set(headerCommit, commitBatch)
	ctx, cancel := context.WithTimeout(ctx, acknowledgedWithin)
	defer cancel()
	reply, err := conn.RequestMsgWithContext(ctx, commit)
	if err != nil {
		return err
	}
	return acknowledged(reply.Data, len(batch))
}

func batchMessage(subject, id string, index int, event []byte) *nats.Msg {
	return &nats.Msg{Subject: subject, Data: event, Header: nats.Header{
		headerBatch: {id}, headerSequence: {strconv.Itoa(index + 1)},
	}}
}

// acknowledged returns an error unless the server's reply to a batch names all its messages.
func acknowledged(reply []byte, messages int) error {
	var ack struct {
		Count int                 `json:"count"`
		Error *jetstream.APIError `json:"error"`
	}
	if err := json.Unmarshal(reply, &ack); err != nil {
		return fmt.Errorf("acknowledgement of an atomic batch: %w", err)
	}
	switch {
	case ack.Error != nil:
		return fmt.Errorf("publish an atomic batch: %w", ack.Error)
	case ack.Count != messages:
		return fmt.Errorf("the server stored %d messages of an atomic batch, want %d", ack.Count, messages)
	}
	return nil
}
