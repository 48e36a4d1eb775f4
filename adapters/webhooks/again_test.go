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
)

// Who has mended an endpoint need not wait for the next attempt, and nothing changes
// its place; asked twice it is made once.
func TestRedrivePending(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		var got []string
		d := answered(t, dir, Position{}, func(e *Event) outcome {
			if got = append(got, e.ID); len(got) <= 3 {
				return outcome{status: 500}
			}
			return outcome{taken: true, status: 200}
		})
		done, begun := make(chan error, 1), time.Now()
		go func() { done <- errors.Join(d.Deliver(t.Context(), event(1)), d.Deliver(t.Context(), event(2))) }()
		time.Sleep(schedule[0] * 2) // of the bubble: two attempts have failed
		synctest.Wait()
		for range 2 {
			if n, err := Redrive(dir, "e", []string{"evt_1", "evt_1"}); n != 1 || err != nil {
				t.Error(n, err)
			}
			if err := d.again(t.Context()); err != nil {
				t.Error(err)
			}
			synctest.Wait()
		}
		if err := <-done; err != nil || time.Since(begun) > schedule[1] {
			t.Errorf("delivered after %v, %v", time.Since(begun), err)
		}
		if order := strings.Join(got, " "); order != "evt_1 evt_1 evt_1 evt_1 evt_2" {
			t.Error(order)
		}
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
	})
}

// A delivery that is made again in vain is logged as any other, says how often it was
// attempted, and stays what it was.
func TestRedriveInVain(t *testing.T) {
	dir := t.TempDir()
	status := 200
	d := answered(t, dir, Position{}, func(*Event) outcome { return outcome{taken: status == 200, status: status} })
	var log bytes.Buffer
	d.options.Log = slog.New(slog.NewTextHandler(&log, nil))
	if err := d.Deliver(t.Context(), event(1)); err != nil {
		t.Fatal(err)
	}
	status = 410
	if err := d.Deliver(t.Context(), event(2)); !errors.Is(err, ErrGivenUp) {
		t.Fatal(err)
	}
	if err := d.GiveUp(event(2)); err != nil {
		t.Fatal(err)
	}
	log.Reset()
	status = 503
	if n, err := Redrive(dir, "e", []string{"evt_1", "evt_2"}); n != 2 || err != nil {
		t.Fatal(n, err)
	}
	if err := d.again(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"id=evt_1 attempt=2 status=503", "id=evt_2 attempt=2 status=503"} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("no %s in %s", want, log.String())
		}
	}
	list, err := Deliveries(dir, "e", "")
	if err != nil || len(list) != 2 || list[0].State != Delivered || list[1].State != GivenUp || list[1].Attempts != 2 {
		t.Errorf("%+v, %v", list, err)
	}
}

// What is to be made again and can't be is said once, not every second.
func TestRedriveCantBeRead(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		d := answered(t, dir, Position{}, nil)
		var log bytes.Buffer
		d.options.Log = slog.New(slog.NewTextHandler(&log, nil))
		if err := os.WriteFile(againPath(dir, "e"), []byte("["), 0o600); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		d.Run(ctx)
		if n := strings.Count(log.String(), "not driven again"); n != 1 {
			t.Errorf("said %d times", n)
		}
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
	})
}

// What a node hangs up on because it stops was no attempt of the endpoint's: it is made
// again at once by the next one, and what is to be driven again still is. What the
// endpoint has taken meanwhile counts.
func TestStopIsNoAttempt(t *testing.T) {
	dir := t.TempDir()
	ctx, stop := context.WithCancel(t.Context())
	taken, asked := true, 0
	d := answered(t, dir, Position{}, func(*Event) outcome {
		asked++
		stop()
		return outcome{taken: taken, wrong: "no answer in time"}
	})
	if err := d.Deliver(ctx, event(1)); err != nil || d.Finished() != (Position{1, 0}) {
		t.Errorf("finished %v, %v", d.Finished(), err)
	}
	taken = false
	if err := d.Deliver(ctx, event(2)); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if _, err := Redrive(dir, "e", []string{"evt_1"}); err != nil {
		t.Fatal(err)
	}
	if err := d.again(ctx); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if list, err := Deliveries(dir, "e", ""); err != nil || len(list) != 1 || list[0].Attempts != 1 || asked != 3 {
		t.Errorf("asked %d times: %+v, %v", asked, list, err)
	}
	if waiting, err := readAgain(againPath(dir, "e")); err != nil || len(waiting) != 1 {
		t.Errorf("%v are to be made again, %v", waiting, err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
}

// Those who ask at once, while a node does what it was asked for, lose nothing.
func TestRedriveTogether(t *testing.T) {
	const askers, each = 4, 12
	dir := t.TempDir()
	asked := make(map[string]int)
	d := answered(t, dir, Position{}, func(e *Event) outcome {
		asked[e.ID]++
		return outcome{taken: true, status: 200}
	})
	for n := 1; n <= askers*each; n++ {
		if err := d.Deliver(t.Context(), event(n)); err != nil {
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
		if err := d.again(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	for n := 1; n <= askers*each; n++ {
		if id := event(n).ID; asked[id] != 2 {
			t.Errorf("%s was made %d times, want twice", id, asked[id])
		}
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
}

// What waits to be made again waits once, and not without a bound.
func TestRedriveIsBounded(t *testing.T) {
	dir := t.TempDir()
	tookTwo(t, dir)
	many := []string{"evt_1"}
	for n := range againMax - 1 {
		many = append(many, fmt.Sprint("evt_old_", n))
	}
	text, err := json.Marshal(many)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(againPath(dir, "e"), text, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Redrive(dir, "e", []string{"evt_1"}); err != nil {
		t.Error("what waits already:", err)
	}
	if _, err := Redrive(dir, "e", []string{"evt_2"}); err == nil {
		t.Error("one more than may wait is taken")
	}
	if waiting, err := readAgain(againPath(dir, "e")); err != nil || len(waiting) != againMax {
		t.Errorf("%d wait, %v", len(waiting), err)
	}
}
