package webhooks

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// A journal that was cut anywhere is read up to its last whole line, and never says
// that more is finished than was; one that is damaged in its middle is not used.
func TestJournalCutAnywhere(t *testing.T) {
	dir := t.TempDir()
	d := answered(t, dir, Behind(0), func(*Event) outcome { return outcome{taken: true, status: 200} })
	for n := 1; n <= 5; n++ {
		if err := d.Deliver(t.Context(), event(n)); err != nil {
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
		if lines := slices.Index([]uint64{0, 1, 2, 3, 4, 5}, j.finished.Seq); lines < 0 || j.finished.Seq < last || j.finished.Seq > last+1 {
			t.Fatalf("cut at %d: finished %v behind %d", cut, j.finished, last)
		}
		last = j.finished.Seq
		if err := j.close(); err != nil {
			t.Fatal(err)
		}
	}
	if last != 5 {
		t.Errorf("the whole journal finishes %d", last)
	}
	text[30] ^= 0xff
	if err := os.WriteFile(journalPath(dir, "e"), text, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenDeliverer(testEndpoint, Position{}, options(dir)); err == nil {
		t.Error("a damaged journal is used")
	}
}

// A line that says something else than was written is no line of the journal, however
// well it reads; as the last it was not written.
func TestJournalChanged(t *testing.T) {
	dir := t.TempDir()
	d := tookTwo(t, dir)
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
			t.Fatalf("%s was changed: %+v, %v", was, j, err)
		}
		if err := j.close(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestJournalWrittenAnew(t *testing.T) {
	dir := t.TempDir()
	d := answered(t, dir, Position{}, func(e *Event) outcome { return outcome{taken: true} })
	for n := 1; n <= finishedMax+50; n++ {
		take := d.Deliver
		if n%100 == 0 {
			take = func(_ context.Context, e Event) error { return d.GiveUp(e) }
		}
		if err := take(t.Context(), event(n)); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.journal.compact(); err != nil {
		t.Fatal(err)
	}
	if err := d.Deliver(t.Context(), event(finishedMax+51)); err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	for state, want := range map[State]int{GivenUp: 10, Delivered: finishedMax + 1, "": finishedMax + 11} {
		if list, err := Deliveries(dir, "e", state); err != nil || len(list) != want {
			t.Errorf("%d deliveries %q, want %d: %v", len(list), state, want, err)
		}
	}
	d = answered(t, dir, Position{}, nil)
	if d.Finished() != (Position{finishedMax + 51, 0}) {
		t.Errorf("finished %v", d.Finished())
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
}

// Of what was delivered no more is kept in memory than is remembered, and as much
// again, however long it is until the journal is written anew. What waits, and what
// was given up, stays.
func TestJournalInMemory(t *testing.T) {
	defer func() { onDisk = (*os.File).Sync }()
	onDisk = func(*os.File) error { return nil } // there is much to write
	dir := t.TempDir()
	d := answered(t, dir, Position{}, func(e *Event) outcome { return outcome{taken: e.ID != "evt_2", status: 200} })
	if err := d.GiveUp(event(1)); err != nil {
		t.Fatal(err)
	}
	waits := event(2)
	if done, _, err := d.attempt(t.Context(), &waits); done || err != nil {
		t.Fatal(done, err)
	}
	const last = 5*finishedMax + 2
	for n := 3; n <= last; n++ {
		if err := d.Deliver(t.Context(), event(n)); err != nil {
			t.Fatal(err)
		}
		if most := 3*finishedMax + 4; len(d.journal.all) > most || len(d.journal.order) > most {
			t.Fatalf("%d deliveries in memory behind %d", len(d.journal.all), n)
		}
	}
	for id, want := range map[string]State{"evt_1": GivenUp, "evt_2": Pending, event(last - finishedMax + 1).ID: Delivered, event(last).ID: Delivered} {
		if got := d.journal.all[id]; got == nil || got.State != want {
			t.Errorf("%s: %+v, want it %s", id, got, want)
		}
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
}
