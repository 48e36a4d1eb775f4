package webhooks

import (
	"errors"
	"os"
	"strings"
	"testing"

	"authledger/domain"
)

// A power failure can leave only the end of a line on disk if the line crosses a page.
// The journal drops such a last line, and no other damaged line.
func TestJournalLastLineDamaged(t *testing.T) {
	dir := t.TempDir()
	d := answered(t, dir, domain.EventPosition{},
		func(*Event) outcome { return outcome{accepted: true, status: 200} })
	for n := 1; n <= 3; n++ {
		if err := d.deliver(t.Context(), event(n)); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(d.journal.path)
	if err != nil {
		t.Fatal(err)
	}
	last := strings.LastIndexByte(strings.TrimSuffix(string(text), "\n"), '\n') + 1
	clear(text[last : last+50])
	if err := os.WriteFile(d.journal.path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	d = answered(t, dir, domain.EventPosition{}, nil)
	if d.Finished() != (domain.EventPosition{Seq: 2}) {
		t.Errorf("got finished %v, want 2.0", d.Finished())
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
}

// deliver returns after every line of the journal is on disk. An event is not finished
// before its line is on disk.
func TestJournalOnDisk(t *testing.T) {
	dir := t.TempDir()
	var has []byte // the contents of the journal on disk
	errLost := errors.New("input/output error")
	failing := false
	defer func() { syncFile = (*os.File).Sync }()
	syncFile = func(f *os.File) (err error) {
		if failing {
			return errLost
		}
		has, err = os.ReadFile(f.Name())
		return err
	}
	status := 200
	d := answered(t, dir, domain.EventPosition{},
		func(*Event) outcome { return outcome{accepted: status == 200, status: status} })
	steps := []func() error{
		func() error { return nil },
		func() error { return d.deliver(t.Context(), event(1)) },
		func() error {
			status = 500
			e := event(2)
			_, _, err := d.attempt(t.Context(), &e)
			return err
		},
		func() error { return d.giveUp(event(2)) },
		func() error {
			d.skipped = skippedMax
			return d.Skip(domain.EventPosition{Seq: 3})
		},
		func() error {
			failing = true
			if err := d.giveUp(event(4)); !errors.Is(err, errLost) || d.Finished() != (domain.EventPosition{Seq: 3}) {
				t.Errorf("giveUp on a failing disk: got %v, finished %v, want %v, 3.0", err, d.Finished(), errLost)
			}
			failing = false
			return nil
		},
		func() error { return d.giveUp(event(4)) },
		func() error { return errors.Join(d.Skip(domain.EventPosition{Seq: 5}), d.Close()) },
	}
	for i, step := range steps {
		if err := step(); err != nil {
			t.Fatalf("step %d: %v", i, err)
		}
		if text, err := os.ReadFile(d.journal.path); err != nil || string(text) != string(has) {
			t.Errorf("step %d: got on disk\n%s, want\n%s, %v", i, has, text, err)
		}
	}
	d = answered(t, dir, domain.EventPosition{}, nil)
	if d.Finished() != (domain.EventPosition{Seq: 5}) {
		t.Errorf("next process: got finished %v, want 5.0", d.Finished())
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
}

// OpenDeliverer rejects a journal that is too large, and names the maximum.
func TestJournalTooLarge(t *testing.T) {
	dir := t.TempDir()
	d := answered(t, dir, domain.EventPosition{}, nil)
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(d.journal.path, journalBytesMax+1); err != nil {
		t.Fatal(err)
	}
	_, err := OpenDeliverer(testEndpoint, domain.EventPosition{}, options(dir))
	if err == nil || strings.Contains(err.Error(), "%!") {
		t.Errorf("OpenDeliverer of a large journal: got error %v, want one with the maximum", err)
	}
}

// A deliverer does not recreate the journal of an endpoint that was removed. A new
// endpoint of the same name has its own journal.
func TestJournalRemoved(t *testing.T) {
	dir := t.TempDir()
	d := answered(t, dir, domain.EventPosition{},
		func(*Event) outcome { return outcome{accepted: true, status: 200} })
	if err := deleteFiles(dir, "e"); err != nil {
		t.Fatal(err)
	}
	if err := d.journal.compact(); !errors.Is(err, errRemoved) {
		t.Errorf("compact: got %v, want errRemoved", err)
	}
	if _, err := os.Stat(d.journal.path); err == nil {
		t.Error("journal after compact: got a new file, want none")
	}
	d.journal.lines = linesMax
	if err := d.deliver(t.Context(), event(1)); !errors.Is(err, errRemoved) {
		t.Errorf("deliver: got %v, want errRemoved", err)
	}
	other := answered(t, dir, domain.EventPosition{Seq: 7}, nil)
	err := d.journal.compact()
	if !errors.Is(err, errRemoved) || other.Finished() != (domain.EventPosition{Seq: 7}) {
		t.Errorf("compact beside a new endpoint: got %v, finished %v; want errRemoved, 7.0", err, other.Finished())
	}
	if err := errors.Join(d.Close(), other.Close()); err != nil {
		t.Fatal(err)
	}
}
