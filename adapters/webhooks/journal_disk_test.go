package webhooks

import (
	"errors"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A line of which only the beginning fitted on the disk is not in the way of those
// behind it: the journal is read again as a whole.
func TestJournalOnFullDisk(t *testing.T) {
	dir := t.TempDir()
	d := answered(t, dir, Position{}, func(*Event) outcome { return outcome{taken: true, status: 200} })
	if err := d.Deliver(t.Context(), event(1)); err != nil {
		t.Fatal(err)
	}
	at, err := os.Stat(d.journal.path)
	if err != nil {
		t.Fatal(err)
	}
	limitFiles(t, uint64(at.Size())+40, func() {
		if err := d.Deliver(t.Context(), event(2)); err == nil {
			t.Error("a delivery that is not on disk is done")
		}
	})
	for n := 2; n <= 3; n++ {
		if err := d.Deliver(t.Context(), event(n)); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	d = answered(t, dir, Position{}, nil)
	if d.Finished() != (Position{3, 0}) {
		t.Errorf("finished %v", d.Finished())
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
}

// A disk that is full is no reason to ask an endpoint more often than its schedule
// says: what it has answered is written down once there is room.
func TestFullDiskAsksOnce(t *testing.T) {
	dir := t.TempDir()
	asked := make(map[string]int)
	status := 200
	d := answered(t, dir, Position{}, func(e *Event) outcome {
		asked[e.ID]++
		return outcome{taken: status == 200, status: status}
	})
	if err := d.Deliver(t.Context(), event(1)); err != nil {
		t.Fatal(err)
	}
	at, err := os.Stat(d.journal.path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Redrive(dir, "e", []string{"evt_1"}); err != nil {
		t.Fatal(err)
	}
	limitFiles(t, uint64(at.Size()), func() {
		for range 3 {
			if d.Deliver(t.Context(), event(2)) == nil || d.again(t.Context()) == nil {
				t.Error("what is not on disk is done")
			}
		}
	})
	if err := errors.Join(d.Deliver(t.Context(), event(2)), d.again(t.Context())); err != nil {
		t.Fatal(err)
	}
	if asked["evt_1"] != 2 || asked["evt_2"] != 1 {
		t.Errorf("asked %v", asked)
	}
	if list, err := Deliveries(dir, "e", Delivered); err != nil || len(list) != 2 || list[0].Attempts != 2 {
		t.Errorf("%+v, %v", list, err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
}

// limitFiles lets no file of the process grow beyond a size meanwhile.
func limitFiles(t *testing.T, bytes uint64, do func()) {
	t.Helper()
	var before syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &before); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: bytes, Max: before.Max}); err != nil {
		t.Fatal(err)
	}
	do()
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &before); err != nil {
		t.Fatal(err)
	}
}

// The power may go when of a line that crosses a page only the end is on disk: it was
// not written either. Nothing else that is damaged is passed over.
func TestJournalLastLineDamaged(t *testing.T) {
	dir := t.TempDir()
	d := answered(t, dir, Position{}, func(*Event) outcome { return outcome{taken: true, status: 200} })
	for n := 1; n <= 3; n++ {
		if err := d.Deliver(t.Context(), event(n)); err != nil {
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
	d = answered(t, dir, Position{}, nil)
	if d.Finished() != (Position{2, 0}) {
		t.Errorf("finished %v", d.Finished())
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
}

// What a deliverer has done is on disk when it says so, to the last line; what the disk
// has not confirmed is not done.
func TestJournalOnDisk(t *testing.T) {
	dir := t.TempDir()
	var has []byte // the disk, of the journal
	lost := errors.New("the disk is lost")
	failing := false
	defer func() { onDisk = (*os.File).Sync }()
	onDisk = func(f *os.File) (err error) {
		if failing {
			return lost
		}
		has, err = os.ReadFile(f.Name())
		return err
	}
	status := 200
	d := answered(t, dir, Position{}, func(*Event) outcome { return outcome{taken: status == 200, status: status} })
	steps := []func() error{
		func() error { return nil },
		func() error { return d.Deliver(t.Context(), event(1)) },
		func() error {
			status = 500
			e := event(2)
			_, _, err := d.attempt(t.Context(), &e)
			return err
		},
		func() error { return d.GiveUp(event(2)) },
		func() error {
			d.skipped = skippedMax
			return d.Skip(Position{3, 0})
		},
		func() error {
			failing = true
			if err := d.GiveUp(event(4)); !errors.Is(err, lost) || d.Finished() != (Position{3, 0}) {
				t.Errorf("finished %v, %v", d.Finished(), err)
			}
			failing = false
			return nil
		},
		func() error { return d.GiveUp(event(4)) },
		func() error { return errors.Join(d.Skip(Position{5, 0}), d.Close()) },
	}
	for i, step := range steps {
		if err := step(); err != nil {
			t.Fatalf("step %d: %v", i, err)
		}
		if text, err := os.ReadFile(d.journal.path); err != nil || string(text) != string(has) {
			t.Errorf("step %d: the disk has\n%s, want\n%s, %v", i, has, text, err)
		}
	}
	d = answered(t, dir, Position{}, nil)
	if d.Finished() != (Position{5, 0}) {
		t.Errorf("finished %v", d.Finished())
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
}

// A journal that is too large is an error that says so.
func TestJournalTooLarge(t *testing.T) {
	dir := t.TempDir()
	d := answered(t, dir, Position{}, nil)
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(d.journal.path, journalBytesMax+1); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenDeliverer(testEndpoint, Position{}, options(dir)); err == nil || strings.Contains(err.Error(), "%!") {
		t.Error(err)
	}
}

// Of an endpoint that was removed while it was told nothing comes back: another of its
// name begins anew.
func TestJournalRemoved(t *testing.T) {
	dir := t.TempDir()
	s := OpenEndpoints(dir, time.Now)
	if _, err := s.Add(Endpoint{Name: "e", URL: "https://example.org"}); err != nil {
		t.Fatal(err)
	}
	d := answered(t, dir, Position{}, func(*Event) outcome { return outcome{taken: true, status: 200} })
	if err := s.Remove("e"); err != nil {
		t.Fatal(err)
	}
	if err := d.journal.compact(); !errors.Is(err, errRemoved) {
		t.Errorf("written anew: %v", err)
	}
	if _, err := os.Stat(d.journal.path); err == nil {
		t.Error("the journal is back")
	}
	d.journal.lines = linesMax
	if err := d.Deliver(t.Context(), event(1)); !errors.Is(err, errRemoved) {
		t.Errorf("delivered: %v", err)
	}
	other := answered(t, dir, Position{7, 0}, nil)
	if err := d.journal.compact(); !errors.Is(err, errRemoved) || other.Finished() != (Position{7, 0}) {
		t.Errorf("another's journal was written over: %v", err)
	}
	if err := errors.Join(d.Close(), other.Close()); err != nil {
		t.Fatal(err)
	}
}

// A journal that is due to be written anew is, before the next line; while it can't be,
// nothing is written and nothing is done.
func TestJournalIsWrittenAnew(t *testing.T) {
	dir := t.TempDir()
	asked := 0
	d := answered(t, dir, Position{}, func(*Event) outcome { asked++; return outcome{taken: true, status: 200} })
	if err := d.Deliver(t.Context(), event(1)); err != nil {
		t.Fatal(err)
	}
	d.journal.lines = linesMax
	limitFiles(t, 1, func() {
		if d.Deliver(t.Context(), event(2)) == nil || d.Finished() != (Position{1, 0}) {
			t.Errorf("finished %v, and not on disk", d.Finished())
		}
	})
	if err := d.Deliver(t.Context(), event(2)); err != nil || asked != 2 || d.journal.lines != 3 {
		t.Errorf("asked %d times, %d lines, %v", asked, d.journal.lines, err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	d = answered(t, dir, Position{}, nil)
	if d.Finished() != (Position{2, 0}) || len(d.journal.order) != 2 {
		t.Errorf("finished %v, %d deliveries", d.Finished(), len(d.journal.order))
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
}
