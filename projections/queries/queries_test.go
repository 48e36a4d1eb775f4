package queries

import (
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/google/go-cmp/cmp"

	"authledger/projections"
	"authledger/projections/logtest"
)

// refLog is a log in memory, with a reference for each query.
type refLog struct{ *logtest.History }

func newRefLog() *refLog { return &refLog{logtest.NewHistory()} }

// open returns queries over rows in memory into which a history is folded. The caller calls
// closeRows.
func open(t require, h *refLog) (q *Queries, closeRows func()) {
	o := projections.Options{
		FS: vfs.NewMem(), Log: slog.New(slog.DiscardHandler), EntityCache: 1 << 10, BlockCache: 1 << 20,
	}
	e, err := projections.Open("/d", o)
	t.NoError(err)
	e.Bulk(true)
	for _, c := range h.Commits {
		t.NoError(e.Fold(c))
	}
	e.Bulk(false)
	return New(e, h), func() { t.NoError(e.Close()) }
}

// openTest is open, and closes the rows at the end of the test.
func openTest(t testing.TB, h *refLog) *Queries {
	t.Helper()
	q, closeRows := open(require{t}, h)
	t.Cleanup(closeRows)
	return q
}

// openHistory opens a history of random commands.
func openHistory(t testing.TB, seed uint64) (*Queries, *refLog) {
	h := newRefLog()
	logtest.NewGenerator(seed, 40).Write(h.History, 1500, 9)
	return openTest(t, h), h
}

func TestTimelineHasEachRecordOfEntity(t *testing.T) {
	q, h := openHistory(t, 1)
	for _, entity := range h.Entities() {
		var want, got []uint64
		for _, r := range h.Records {
			if slices.Contains(r.Entities, entity) {
				want = append(want, r.Seq)
			}
		}
		for _, oldest := range []bool{true, false} {
			a := querier{limit: 7, oldest: oldest}
			got = nil
			walk(require{t}, a, func(page Page) (int, Part) {
				p, err := q.Records(t.Context(), entity, time.Time{}, nil, page)
				if err != nil || p.AsOf != h.asOf(uint64(len(h.Records))) {
					t.Fatalf("records of %s: got %+v, %v, want the position of the newest record", entity, p.AsOf, err)
				}
				for _, r := range p.Records {
					got = append(got, r.Seq)
				}
				return len(p.Records), p.Part
			})
			if diff := cmp.Diff(inOrder(a, slices.Clone(want)), got); diff != "" {
				t.Fatalf("records of %s, oldest first %t (-want +got)\n%s", entity, oldest, diff)
			}
		}
	}
}

func TestSeqAt(t *testing.T) {
	q, h := openHistory(t, 2)
	last := h.Commits[len(h.Commits)-1]
	tests := []struct {
		at   time.Time
		want uint64
	}{
		{logtest.Epoch.Add(-1), 0},
		{time.Time{}, 0},
		{last.Time, last.Last()},
		{last.Time.AddDate(1, 0, 0), last.Last()},
	}
	for i, c := range h.Commits[:len(h.Commits)-1] {
		tests = append(tests, struct {
			at   time.Time
			want uint64
		}{c.Time, c.Last()}, struct {
			at   time.Time
			want uint64
		}{h.Commits[i+1].Time.Add(-1), c.Last()})
	}
	for _, test := range tests {
		if got, err := q.SeqAt(t.Context(), test.at); got != test.want || err != nil {
			t.Fatalf("SeqAt(%v): got record %d, %v, want %d", test.at, got, err, test.want)
		}
	}
}

// The pages of sources have each source once, in order.
func TestSourcesPages(t *testing.T) {
	q, _ := openHistory(t, 4)
	for _, byBucket := range []bool{false, true} {
		all, err := q.Sources(t.Context(), byBucket, Page{Limit: ListMax})
		if err != nil || len(all.Items) < 2 || all.More {
			t.Fatalf("sources by bucket %t: got %+v, %v, want one page of 2 or more", byBucket, all, err)
		}
		var got []Source
		for next, more := "", true; more; {
			page, err := q.Sources(t.Context(), byBucket, testPage(1, false, next))
			if err != nil || len(page.Items) != 1 {
				t.Fatalf("sources after %q: got %+v, %v, want 1 source", next, page, err)
			}
			next = page.Next
			got, more = append(got, page.Items...), page.More
		}
		if diff := cmp.Diff(all.Items, got); diff != "" {
			t.Fatalf("pages by bucket %t (-want +got)\n%s", byBucket, diff)
		}
	}
}
