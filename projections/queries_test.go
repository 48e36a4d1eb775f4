package projections

import (
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/google/go-cmp/cmp"

	"authledger/domain"
)

// asked is an engine with a history that its tests ask about.
func asked(t *testing.T, seed uint64) (*Engine, *history) {
	c := newChance(seed, 40)
	h := newHistory()
	c.write(h, 1500, 9)
	e := open(t, "/d", quiet(vfs.NewMem()))
	fold(t, e, h)
	t.Cleanup(func() { closeAll(t, e) })
	return e, h
}

func TestTimelineIsEveryRecordOfAnEntity(t *testing.T) {
	e, h := asked(t, 1)
	for _, entity := range h.entities() {
		var want, got []uint64
		for _, r := range h.records {
			if slices.Contains(r.Entities, entity) {
				want = append(want, r.Seq)
			}
		}
		for after := uint64(0); ; after = got[len(got)-1] {
			page, asOf, err := e.Timeline(t.Context(), entity, after, 7)
			if err != nil || asOf != h.asOf(uint64(len(h.records))) {
				t.Fatal(asOf, err)
			}
			if len(page) == 0 {
				break
			}
			got = append(got, page...)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("%s: %s", entity, diff)
		}
	}
}

func TestSeqAt(t *testing.T) {
	e, h := asked(t, 2)
	last := h.commits[len(h.commits)-1]
	tests := []struct {
		at   time.Time
		want uint64
	}{
		{epoch.Add(-1), 0},
		{time.Time{}, 0},
		{last.Time, last.Last()},
		{last.Time.AddDate(1, 0, 0), last.Last()},
	}
	for i, c := range h.commits[:len(h.commits)-1] {
		tests = append(tests, struct {
			at   time.Time
			want uint64
		}{c.Time, c.Last()}, struct {
			at   time.Time
			want uint64
		}{h.commits[i+1].Time.Add(-1), c.Last()})
	}
	for _, test := range tests {
		if got, err := e.SeqAt(t.Context(), test.at); got != test.want || err != nil {
			t.Fatalf("at %v: record %d, %v; want %d", test.at, got, err, test.want)
		}
	}
}

func TestDueIsWhatTheStatesSay(t *testing.T) {
	e, h := asked(t, 3)
	var want []domain.Deadline
	for name, u := range h.Users() {
		if at, ok := timed(&u); ok {
			want = append(want, domain.Deadline{Entity: domain.UserEntity(name), At: at})
		}
	}
	slices.SortFunc(want, func(a, b domain.Deadline) int { return a.At.Compare(b.At) })
	if len(want) < 2 {
		t.Fatal("the history has no deadlines")
	}
	got, err := e.Due(want[len(want)-1].At, len(want)+1)
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Fatal(diff, err)
	}
	got, err = e.Due(want[0].At.Add(-1), 10)
	if len(got) > 0 || err != nil {
		t.Fatal(got, err)
	}
	got, err = e.Due(want[0].At, 1)
	if diff := cmp.Diff(want[:1], got); diff != "" || err != nil {
		t.Fatal(diff, err)
	}
}

func TestAttemptsAreCounted(t *testing.T) {
	e, h := asked(t, 4)
	type way struct{ source, outcome, reason string }
	commands, buckets := map[way]int64{}, map[way]int64{}
	for _, r := range h.records {
		for _, event := range r.Events {
			reason, ok := attemptEnd(event.Data)
			if !ok {
				continue
			}
			commands[way{r.Command.Source, event.Data.EventType(), reason}]++
			if r.Entities[0].Source() {
				buckets[way{string(r.Entities[0]), event.Data.EventType(), reason}]++
			}
		}
	}
	for byBucket, want := range map[bool]map[way]int64{false: commands, true: buckets} {
		got := map[way]int64{}
		var sources []string
		for after := ""; ; after = sources[len(sources)-1] {
			page, _, err := e.Attempts(t.Context(), byBucket, after, 2)
			if err != nil {
				t.Fatal(err)
			}
			if len(page) == 0 {
				break
			}
			for _, source := range page {
				sources = append(sources, source.Source)
				for _, tally := range source.Tallies {
					got[way{source.Source, tally.Outcome, tally.Reason}] = tally.Count
				}
			}
		}
		if !maps.Equal(got, want) || !slices.IsSorted(sources) {
			t.Fatalf("counted %v in %v, want %v", got, sources, want)
		}
	}
}
