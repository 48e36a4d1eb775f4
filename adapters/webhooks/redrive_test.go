package webhooks

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"authledger/domain"
)

// A redrive makes a pending delivery due at once and does not change the order. Two
// redrives of one delivery cause one attempt.
func TestRedrivePending(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		var got []string
		d := answered(t, dir, domain.EventPosition{}, func(e *Event) outcome {
			if got = append(got, e.ID); len(got) <= 3 {
				return outcome{status: 500}
			}
			return outcome{accepted: true, status: 200}
		})
		done, begun := make(chan error, 1), time.Now()
		go func() { done <- errors.Join(d.deliver(t.Context(), event(1)), d.deliver(t.Context(), event(2))) }()
		time.Sleep(schedule[0] * 2) // in the synctest bubble: two attempts have failed
		synctest.Wait()
		for range 2 {
			if n, err := Redrive(dir, "e", []string{"evt_test_1_0", "evt_test_1_0"}); n != 1 || err != nil {
				t.Errorf("Redrive: got %d, %v, want 1", n, err)
			}
			if err := d.makeRedrives(t.Context()); err != nil {
				t.Error(err)
			}
			synctest.Wait()
		}
		if err := <-done; err != nil || time.Since(begun) > schedule[1] {
			t.Errorf("delivered after %v, %v, want within %v", time.Since(begun), err, schedule[1])
		}
		order := strings.Join(got, " ")
		if order != "evt_test_1_0 evt_test_1_0 evt_test_1_0 evt_test_1_0 evt_test_2_0" {
			t.Errorf("attempts: got %s, want evt_test_1_0 4 times, then evt_test_2_0", order)
		}
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
	})
}

// The deliverer logs a failed redelivery with the number of attempts, and does not change
// the state of the delivery.
func TestRedriveFails(t *testing.T) {
	dir := t.TempDir()
	status := 200
	d := answered(t, dir, domain.EventPosition{},
		func(*Event) outcome { return outcome{accepted: status == 200, status: status} })
	var log bytes.Buffer
	d.options.Log = slog.New(slog.NewTextHandler(&log, nil))
	if err := d.deliver(t.Context(), event(1)); err != nil {
		t.Fatal(err)
	}
	status = 410
	if err := d.deliver(t.Context(), event(2)); !errors.Is(err, errGivenUp) {
		t.Fatal(err)
	}
	if err := d.giveUp(event(2)); err != nil {
		t.Fatal(err)
	}
	log.Reset()
	status = 503
	if n, err := Redrive(dir, "e", []string{"evt_test_1_0", "evt_test_2_0"}); n != 2 || err != nil {
		t.Fatalf("Redrive: got %d, %v, want 2", n, err)
	}
	if err := d.makeRedrives(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"id=evt_test_1_0 attempt=2 status=503",
		"id=evt_test_2_0 attempt=2 status=503"} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("log: got\n%s\nwant %q in it", log.String(), want)
		}
	}
	list, err := Deliveries(dir, "e", "")
	if err != nil || len(list) != 2 || list[0].State != Delivered || list[1].State != GivenUp ||
		list[1].Attempts != 2 {
		t.Errorf("got %+v, %v, want one delivered and one given up after 2 attempts", list, err)
	}
}

// The deliverer logs an unreadable queue once, not every second.
func TestRedriveLogsUnreadableQueueOnce(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		d := answered(t, dir, domain.EventPosition{}, nil)
		var log bytes.Buffer
		d.options.Log = slog.New(slog.NewTextHandler(&log, nil))
		if err := os.WriteFile(redrivesPath(dir, "e"), []byte("["), 0o600); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		d.Run(ctx)
		if n := strings.Count(log.String(), "webhook redeliveries failed"); n != 1 {
			t.Errorf("got %d log lines, want 1", n)
		}
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
	})
}

// TestStopCountsNoAttempt checks that a stopping node counts no attempt that it cancels. The next
// process repeats the attempt at once, and makes the queued redeliveries. A delivery that the endpoint
// accepted before the cancellation counts.
func TestStopCountsNoAttempt(t *testing.T) {
	dir := t.TempDir()
	ctx, stop := context.WithCancel(t.Context())
	accepted, requested := true, 0
	d := answered(t, dir, domain.EventPosition{}, func(*Event) outcome {
		requested++
		stop()
		return outcome{accepted: accepted, cause: "timed out"}
	})
	if err := d.deliver(ctx, event(1)); err != nil || d.Finished() != (domain.EventPosition{Seq: 1}) {
		t.Errorf("got finished %v, %v, want 1.0", d.Finished(), err)
	}
	accepted = false
	if err := d.deliver(ctx, event(2)); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if _, err := Redrive(dir, "e", []string{"evt_test_1_0"}); err != nil {
		t.Fatal(err)
	}
	if err := d.makeRedrives(ctx); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	list, err := Deliveries(dir, "e", "")
	if err != nil || len(list) != 1 || list[0].Attempts != 1 || requested != 3 {
		t.Errorf("got %d requests and deliveries %+v, %v, want 3 requests and one delivery with one attempt",
			requested, list, err)
	}
	if queued, err := readRedrives(redrivesPath(dir, "e")); err != nil || len(queued) != 1 {
		t.Errorf("got queue %v, %v, want one id", queued, err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
}

// Several processes that request redeliveries while a node makes some lose none.
func TestRedriveConcurrently(t *testing.T) {
	const askers, each = 4, 12
	dir := t.TempDir()
	requested := make(map[string]int)
	d := answered(t, dir, domain.EventPosition{}, func(e *Event) outcome {
		requested[e.ID]++
		return outcome{accepted: true, status: 200}
	})
	for n := 1; n <= askers*each; n++ {
		if err := d.deliver(t.Context(), event(n)); err != nil {
			t.Fatal(err)
		}
	}
	var asking sync.WaitGroup
	for asker := range askers {
		asking.Go(func() {
			for n := 1; n <= each; n++ {
				if _, err := Redrive(dir, "e", []string{event(asker*each + n).ID}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	done := make(chan bool)
	go func() { asking.Wait(); close(done) }()
	for more := true; more; {
		select {
		case <-done:
			more = false
		default:
		}
		if err := d.makeRedrives(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	for n := 1; n <= askers*each; n++ {
		if id := event(n).ID; requested[id] != 2 {
			t.Errorf("%s: got %d attempts, want 2", id, requested[id])
		}
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
}

// Each redelivery waits once, and the number of waiting redeliveries is bounded.
func TestRedriveIsBounded(t *testing.T) {
	dir := t.TempDir()
	deliverTwo(t, dir)
	many := []string{"evt_test_1_0"}
	for n := range redrivesMax - 1 {
		many = append(many, fmt.Sprint("evt_old_", n))
	}
	text, err := json.Marshal(many)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(redrivesPath(dir, "e"), text, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Redrive(dir, "e", []string{"evt_test_1_0"}); err != nil {
		t.Errorf("Redrive of a queued delivery: got error %v, want none", err)
	}
	if _, err := Redrive(dir, "e", []string{"evt_test_2_0"}); err == nil {
		t.Error("Redrive beyond the maximum: got no error, want one")
	}
	if queued, err := readRedrives(redrivesPath(dir, "e")); err != nil || len(queued) != redrivesMax {
		t.Errorf("got %d queued ids, %v, want %d", len(queued), err, redrivesMax)
	}
}
