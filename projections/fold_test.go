package projections

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/google/go-cmp/cmp"

	"authledger/domain"
)

func TestFoldRefusesWhatDoesNotFollow(t *testing.T) {
	h := newHistory()
	newChance(1, 3).write(h, 60, 5)
	e := open(t, "/d", quiet(vfs.NewMem()))
	for _, c := range h.commits[:3] {
		if err := e.Fold(c); err != nil {
			t.Fatal(err)
		}
	}
	before := e.Position()
	for name, change := range map[string]func(c *domain.Commit){
		"again":           func(c *domain.Commit) { *c = *h.commits[2] },
		"a record ahead":  func(c *domain.Commit) { c.First++ },
		"a message ahead": func(c *domain.Commit) { c.Stream++ },
		"another chain":   func(c *domain.Commit) { c.Prev[0]++ },
		"no records":      func(c *domain.Commit) { c.Records = nil },
		"a name no key holds": func(c *domain.Commit) {
			c.Records = append([]domain.Record{}, c.Records...)
			c.Records[0].Command.ID = "a\x00b"
		},
		"a gap inside": func(c *domain.Commit) { c.Records = append([]domain.Record{}, c.Records[1:]...) },
	} {
		c := *h.commits[3]
		if name == "a gap inside" && len(c.Records) == 1 {
			c = *h.commits[4]
		}
		change(&c)
		if err := e.Fold(&c); !errors.Is(err, ErrOutOfOrder) && !errors.Is(err, errText) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if e.Position() != before {
		t.Fatalf("position is %v, was %v", e.Position(), before)
	}
	fold(t, e, h)
	checkRows(t, e, h)
	closeAll(t, e)
}

// TestReadersSeeWhatIsFolded reads from many goroutines while one folds and
// another writes spans of a few records.
func TestReadersSeeWhatIsFolded(t *testing.T) {
	c := newChance(11, 30)
	h := newHistory()
	c.write(h, 6000, 12)
	o := quiet(vfs.NewMem())
	o.SpanRecords, o.SpanAge = 50, time.Millisecond
	o.tune = func(p *pebble.Options) { p.MemTableSize = 64 << 10 }
	e := open(t, "/d", o)
	ctx, stop := context.WithCancel(t.Context())
	var readers sync.WaitGroup
	for i := range 4 {
		readers.Go(func() {
			for n := i; ctx.Err() == nil; n++ {
				if err := readOne(e, h, n); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	fold(t, e, h)
	stop()
	readers.Wait()
	checkRows(t, e, h)
	closeAll(t, e)
}

// readOne checks one answer against the records that are surely folded.
func readOne(e *Engine, h *history, n int) error {
	seq := e.Position().Seq
	if seq == 0 {
		return nil
	}
	r := &h.records[uint64(n*7919)%seq]
	got, _, found, err := e.Command(r.Command.Source, r.Command.ID)
	if got != r.Seq || !found || err != nil {
		return fmt.Errorf("command %s %s is record %d, %t, %w; want %d", r.Command.Source, r.Command.ID, got, found, err, r.Seq)
	}
	if _, err := e.Locate(r.Seq); err != nil {
		return err
	}
	name, ok := r.Entities[0].User()
	if !ok {
		return nil
	}
	row, at, err := e.userRow(name)
	if err != nil {
		return err
	}
	if want := h.newest(r.Entities[0], at.Seq); uint64(row.last) != want {
		return fmt.Errorf("%s as of record %d is of record %d, want %d", name, at.Seq, row.last, want)
	}
	return nil
}

// newest is the last record of an entity up to one.
func (h *history) newest(e domain.Entity, upTo uint64) uint64 {
	for seq := upTo; seq > 0; seq-- {
		if slices.Contains(h.records[seq-1].Entities, e) {
			return seq
		}
	}
	return 0
}

// TestLocksKeepEverySpell tells one user's spells, an event a record.
func TestLocksKeepEverySpell(t *testing.T) {
	at := func(hours int) time.Time { return epoch.Add(time.Duration(hours) * time.Hour) }
	m := newModel()
	seq := uint64(0)
	record := func(events ...domain.Event) {
		seq++
		r := domain.Record{Seq: seq, Entities: []domain.Entity{"user/u"}, Time: events[len(events)-1].At, Events: events}
		m.record(&domain.Commit{First: seq}, &r)
	}
	record(domain.Event{At: at(0), Data: &domain.LockoutStarted{Until: at(24)}})
	record(domain.Event{At: at(1), Data: &domain.LockoutExtended{Until: at(25)}})
	record(domain.Event{At: at(2), Data: &domain.LockoutReleased{}})
	record(domain.Event{At: at(3), Data: &domain.LockoutStarted{Until: at(27)}})
	record(domain.Event{At: at(27), Data: &domain.LockoutExpired{}}, domain.Event{At: at(30), Data: &domain.LockoutStarted{}})
	want := []spellRow{
		{begin: at(30), first: 5, user: "u"},
		{begin: at(0), until: at(25), end: at(2), first: 1, last: 3, how: "lockout.released", user: "u"},
		{begin: at(3), until: at(27), end: at(27), first: 4, last: 5, how: "lockout.expired", user: "u"},
	}
	var got []spellRow
	for _, k := range sortedNames(keysOf(m.rows)) {
		if k[0] != locks.Table {
			continue
		}
		var row spellRow
		if err := decodeRow([]byte(m.rows[k]), &row); err != nil {
			t.Fatal(err)
		}
		got = append(got, row)
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(spellRow{})); diff != "" {
		t.Fatal(diff)
	}
}

func TestCatalogTablesAreTheirOwn(t *testing.T) {
	tables := map[byte]string{checkpointKey[0]: "the checkpoint"}
	for _, p := range catalog {
		if other, taken := tables[p.Table]; taken {
			t.Errorf("%s has the table of %s", p.Name, other)
		}
		tables[p.Table] = p.Name
		if p.Version < 1 || p.Fold == nil {
			t.Errorf("%s is not whole", p.Name)
		}
	}
}
