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
	"authledger/projections/logtest"
	"authledger/projections/rows"
)

func TestFoldRejectsCommitOutOfOrder(t *testing.T) {
	h := logtest.NewHistory()
	logtest.NewGenerator(1, 3).Write(h, 60, 5)
	e := open(t, "/d", quiet(vfs.NewMem()))
	for _, c := range h.Commits[:3] {
		if err := e.Fold(c); err != nil {
			t.Fatal(err)
		}
	}
	before := e.Position()
	for name, change := range map[string]func(c *domain.Commit){
		"the same commit again":    func(c *domain.Commit) { *c = *h.Commits[2] },
		"first record too high":    func(c *domain.Commit) { c.First++ },
		"stream position too high": func(c *domain.Commit) { c.Stream++ },
		"wrong previous hash":      func(c *domain.Commit) { c.Prev[0]++ },
		"no records":               func(c *domain.Commit) { c.Records = nil },
		"NUL in a command id": func(c *domain.Commit) {
			c.Records = append([]domain.Record{}, c.Records...)
			c.Records[0].Command.ID = "a\x00b"
		},
		"missing record": func(c *domain.Commit) { c.Records = append([]domain.Record{}, c.Records[1:]...) },
	} {
		c := *h.Commits[3]
		if name == "missing record" && len(c.Records) == 1 {
			c = *h.Commits[4]
		}
		change(&c)
		if err := e.Fold(&c); !errors.Is(err, ErrOutOfOrder) && !errors.Is(err, rows.ErrText) {
			t.Errorf("%s: got %v, want ErrOutOfOrder or ErrText", name, err)
		}
	}
	if e.Position() != before {
		t.Fatalf("position after rejected commits: got %v, want %v", e.Position(), before)
	}
	fold(t, e, h)
	checkRows(t, e, h)
	closeAll(t, e)
}

// Reads of many goroutines reflect every folded commit while the writer writes spans of a
// few records.
func TestReadsReflectFoldedCommits(t *testing.T) {
	c := logtest.NewGenerator(11, 30)
	h := logtest.NewHistory()
	records := 4000
	if testing.Short() {
		records = 1500
	}
	c.Write(h, records, 12)
	o := quiet(vfs.NewMem())
	o.SpanRecords, o.SpanAge = 50, time.Millisecond
	o.Tune = func(p *pebble.Options) { p.MemTableSize = 64 << 10 }
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

// readOne compares the rows of one record and its user with the folded records.
func readOne(e *Engine, h *logtest.History, n int) error {
	seq := e.Position().Seq
	if seq == 0 {
		return nil
	}
	r := &h.Records[uint64(n*7919)%seq]
	got, _, found, err := e.Command(r.Command.Source, r.Command.ID)
	if got != r.Seq || !found || err != nil {
		return fmt.Errorf("command %s %s: got record %d, found %t, %w; want %d", r.Command.Source, r.Command.ID,
			got, found, err, r.Seq)
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
	if want := newest(h, r.Entities[0], at.Seq); uint64(row.last) != want {
		return fmt.Errorf("%s as of record %d: got the state after record %d, want %d", name, at.Seq,
			row.last, want)
	}
	return nil
}

// newest returns the last record of an entity up to a record.
func newest(h *logtest.History, e domain.Entity, upTo uint64) uint64 {
	for seq := upTo; seq > 0; seq-- {
		if slices.Contains(h.Records[seq-1].Entities, e) {
			return seq
		}
	}
	return 0
}

func TestLocksHaveEachLockout(t *testing.T) {
	at := func(hours int) time.Time { return logtest.Epoch.Add(time.Duration(hours) * time.Hour) }
	m := newModel()
	seq := uint64(0)
	record := func(events ...domain.Event) {
		seq++
		r := domain.Record{
			Seq: seq, Entities: []domain.Entity{"user/u"}, Time: events[len(events)-1].At, Events: events,
			Command: domain.Command{Source: "test", Data: &domain.TimerFire{Entity: "user/u"}},
		}
		m.record(&domain.Commit{First: seq}, &r)
	}
	record(domain.Event{At: at(0), Data: &domain.LockoutStarted{Until: at(24)}})
	record(domain.Event{At: at(1), Data: &domain.LockoutExtended{Until: at(25)}})
	record(domain.Event{At: at(2), Data: &domain.LockoutReleased{}})
	record(domain.Event{At: at(3), Data: &domain.LockoutStarted{Until: at(27)}})
	record(
		domain.Event{At: at(27), Data: &domain.LockoutExpired{}},
		domain.Event{At: at(30), Data: &domain.LockoutStarted{}},
	)
	want := []lockoutRow{
		{begin: at(30), first: 5, user: "u"},
		{begin: at(0), until: at(25), end: at(2), endType: "lockout.released", first: 1, last: 3, user: "u"},
		{begin: at(3), until: at(27), end: at(27), endType: "lockout.expired", first: 4, last: 5, user: "u"},
	}
	var got []lockoutRow
	for _, k := range sortedNames(keysOf(m.rows)) {
		if k[0] != locks.Table {
			continue
		}
		var row lockoutRow
		if err := rows.Decode([]byte(m.rows[k]), &row); err != nil {
			t.Fatal(err)
		}
		got = append(got, row)
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(lockoutRow{})); diff != "" {
		t.Fatal(diff)
	}
}

func TestCatalogTablesAreUnique(t *testing.T) {
	tables := map[byte]string{rows.CheckpointTable: "the checkpoint"}
	for _, p := range catalog {
		if other, taken := tables[p.Table]; taken {
			t.Errorf("%s: table is used by %s", p.Name, other)
		}
		tables[p.Table] = p.Name
		if p.Version < 1 || p.Fold == nil {
			t.Errorf("%s: version %d and fold nil %t, want a version of at least 1 and a fold", p.Name, p.Version,
				p.Fold == nil)
		}
	}
}
