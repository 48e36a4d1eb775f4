package webhooks

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"authledger/domain"
)

// A journal that is cut at any byte is read up to its last complete line, and reports no
// more finished events than were written. A journal with damage in the middle is an error.
func TestJournalCutAnywhere(t *testing.T) {
	dir := t.TempDir()
	d := answered(t, dir, domain.AfterRecord(0),
		func(*Event) outcome { return outcome{accepted: true, status: 200} })
	for n := 1; n <= 5; n++ {
		if err := d.deliver(t.Context(), event(n)); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(journalPath(dir, "e"))
	if err != nil {
		t.Fatal(err)
	}
	last := uint64(0)
	for cut := range len(text) + 1 {
		into := t.TempDir()
		if err := os.MkdirAll(filepath.Join(into, dirName), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(journalPath(into, "e"), text[:cut], 0o600); err != nil {
			t.Fatal(err)
		}
		j, err := openJournal(into, "e")
		if err != nil {
			t.Fatalf("cut at %d: %v", cut, err)
		}
		lines := slices.Index([]uint64{0, 1, 2, 3, 4, 5}, j.finished.Seq)
		if lines < 0 || j.finished.Seq < last || j.finished.Seq > last+1 {
			t.Fatalf("cut at %d: got finished %v, want %d.0 or the next", cut, j.finished, last)
		}
		last = j.finished.Seq
		if err := j.close(); err != nil {
			t.Fatal(err)
		}
	}
	if last != 5 {
		t.Errorf("the whole journal: got finished %d, want 5", last)
	}
	text[30] ^= 0xff
	if err := os.WriteFile(journalPath(dir, "e"), text, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenDeliverer(testEndpoint, domain.EventPosition{}, options(dir)); err == nil {
		t.Error("OpenDeliverer of a damaged journal: got no error, want one")
	}
}

// The checksum detects a line that was changed to another valid line. The journal drops
// a changed last line.
func TestJournalChanged(t *testing.T) {
	dir := t.TempDir()
	d := deliverTwo(t, dir)
	whole, err := os.ReadFile(d.journal.path)
	if err != nil {
		t.Fatal(err)
	}
	for was, finished := range map[string]uint64{`"position":"1.0"`: 0, `"position":"2.0"`: 1} {
		text := strings.Replace(string(whole), was, `"position":"7.0"`, 1)
		if err := os.WriteFile(d.journal.path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		j, err := openJournal(dir, "e")
		if finished == 0 && err != nil {
			continue
		}
		if err != nil || j.finished.Seq != finished {
			t.Fatalf("%s changed: got %+v, %v, want finished %d", was, j, err, finished)
		}
		if err := j.close(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestJournalCompacts(t *testing.T) {
	dir := t.TempDir()
	d := answered(t, dir, domain.EventPosition{}, func(e *Event) outcome { return outcome{accepted: true} })
	for n := 1; n <= finishedMax+50; n++ {
		finish := d.deliver
		if n%100 == 0 {
			finish = func(_ context.Context, e Event) error { return d.giveUp(e) }
		}
		if err := finish(t.Context(), event(n)); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.journal.compact(); err != nil {
		t.Fatal(err)
	}
	if err := d.deliver(t.Context(), event(finishedMax+51)); err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	for state, want := range map[State]int{GivenUp: 10, Delivered: finishedMax + 1, "": finishedMax + 11} {
		if list, err := Deliveries(dir, "e", state); err != nil || len(list) != want {
			t.Errorf("state %q: got %d deliveries, %v, want %d", state, len(list), err, want)
		}
	}
	d = answered(t, dir, domain.EventPosition{}, nil)
	if d.Finished() != (domain.EventPosition{Seq: finishedMax + 51}) {
		t.Errorf("next process: got finished %v, want %d.0", d.Finished(), finishedMax+51)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestJournalInMemory checks that the journal holds in memory at most twice as many delivered events
// as after a compaction, and every delivery that is pending or was given up.
func TestJournalInMemory(t *testing.T) {
	defer func() { syncFile = (*os.File).Sync }()
	syncFile = func(*os.File) error { return nil } // many writes
	dir := t.TempDir()
	d := answered(t, dir, domain.EventPosition{},
		func(e *Event) outcome { return outcome{accepted: e.ID != "evt_test_2_0", status: 200} })
	if err := d.giveUp(event(1)); err != nil {
		t.Fatal(err)
	}
	pending := event(2)
	if done, _, err := d.attempt(t.Context(), &pending); done || err != nil {
		t.Fatalf("failed attempt: got done %t, %v, want false", done, err)
	}
	const last = 5*finishedMax + 2
	for n := 3; n <= last; n++ {
		if err := d.deliver(t.Context(), event(n)); err != nil {
			t.Fatal(err)
		}
		if limit := 3*finishedMax + 4; len(d.journal.all) > limit || len(d.journal.order) > limit {
			t.Fatalf("after %d events: got %d deliveries in memory, want at most %d", n, len(d.journal.all), limit)
		}
	}
	for id, want := range map[string]State{"evt_test_1_0": GivenUp, "evt_test_2_0": Pending,
		event(last - finishedMax + 1).ID: Delivered, event(last).ID: Delivered} {
		if got := d.journal.all[id]; got == nil || got.State != want {
			t.Errorf("%s: got %+v, want state %s", id, got, want)
		}
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
}
