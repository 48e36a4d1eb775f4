//go:build unix

package webhooks

import (
	"errors"
	"os"
	"testing"

	"authledger/domain"
	"authledger/eventstore/childtest"
)

// A partial line that a full disk left does not hide the lines after it: the deliverer
// rereads the journal.
func TestJournalOnFullDisk(t *testing.T) { childtest.Run(t, journalOnFullDisk) }

func journalOnFullDisk(t *testing.T) {
	dir := t.TempDir()
	d := answered(t, dir, domain.EventPosition{},
		func(*Event) outcome { return outcome{accepted: true, status: 200} })
	if err := d.deliver(t.Context(), event(1)); err != nil {
		t.Fatal(err)
	}
	at, err := os.Stat(d.journal.path)
	if err != nil {
		t.Fatal(err)
	}
	childtest.LimitFileSize(t, uint64(at.Size())+40, func() {
		if err := d.deliver(t.Context(), event(2)); err == nil {
			t.Error("deliver on a full disk: got no error, want one")
		}
	})
	for n := 2; n <= 3; n++ {
		if err := d.deliver(t.Context(), event(n)); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	d = answered(t, dir, domain.EventPosition{}, nil)
	if d.Finished() != (domain.EventPosition{Seq: 3}) {
		t.Errorf("next process: got finished %v, want 3.0", d.Finished())
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
}

// On a full disk the deliverer sends an event no more often than the schedule allows. It
// records the response when the disk has free space again.
func TestFullDiskSendsOnce(t *testing.T) { childtest.Run(t, fullDiskSendsOnce) }

func fullDiskSendsOnce(t *testing.T) {
	dir := t.TempDir()
	requested := make(map[string]int)
	status := 200
	d := answered(t, dir, domain.EventPosition{}, func(e *Event) outcome {
		requested[e.ID]++
		return outcome{accepted: status == 200, status: status}
	})
	if err := d.deliver(t.Context(), event(1)); err != nil {
		t.Fatal(err)
	}
	at, err := os.Stat(d.journal.path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Redrive(dir, "e", []string{"evt_test_1_0"}); err != nil {
		t.Fatal(err)
	}
	childtest.LimitFileSize(t, uint64(at.Size()), func() {
		for range 3 {
			if d.deliver(t.Context(), event(2)) == nil || d.makeRedrives(t.Context()) == nil {
				t.Error("deliver or redrive on a full disk: got no error, want one of each")
			}
		}
	})
	if err := errors.Join(d.deliver(t.Context(), event(2)), d.makeRedrives(t.Context())); err != nil {
		t.Fatal(err)
	}
	if requested["evt_test_1_0"] != 2 || requested["evt_test_2_0"] != 1 {
		t.Errorf("got attempts %v, want 2 of event 1 and 1 of event 2", requested)
	}
	if list, err := Deliveries(dir, "e", Delivered); err != nil || len(list) != 2 || list[0].Attempts != 2 {
		t.Errorf("got %+v, %v, want two deliveries, the first with 2 attempts", list, err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
}

// The deliverer compacts a journal that is due before it appends the next line. While
// compaction fails, the deliverer appends no line and finishes no delivery.
func TestCompactionFailsOnFullDisk(t *testing.T) { childtest.Run(t, compactionFailsOnFullDisk) }

func compactionFailsOnFullDisk(t *testing.T) {
	dir := t.TempDir()
	requested := 0
	d := answered(t, dir, domain.EventPosition{},
		func(*Event) outcome { requested++; return outcome{accepted: true, status: 200} })
	if err := d.deliver(t.Context(), event(1)); err != nil {
		t.Fatal(err)
	}
	d.journal.lines = linesMax
	childtest.LimitFileSize(t, 1, func() {
		if d.deliver(t.Context(), event(2)) == nil || d.Finished() != (domain.EventPosition{Seq: 1}) {
			t.Errorf("deliver on a full disk: finished %v, want an error and 1.0", d.Finished())
		}
	})
	if err := d.deliver(t.Context(), event(2)); err != nil || requested != 2 || d.journal.lines != 3 {
		t.Errorf("got %d attempts and %d lines, %v, want 2 and 3", requested, d.journal.lines, err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	d = answered(t, dir, domain.EventPosition{}, nil)
	if d.Finished() != (domain.EventPosition{Seq: 2}) || len(d.journal.order) != 2 {
		t.Errorf("got finished %v and %d deliveries, want 2.0 and 2", d.Finished(), len(d.journal.order))
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
}
