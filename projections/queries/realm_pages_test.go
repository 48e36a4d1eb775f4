package queries

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"authledger/domain"
	"authledger/projections/logtest"
)

// The pages of a list have the items of the first page's position once, while records are
// added between two pages.
func TestRealmPagesWhileRecordsAreAdded(t *testing.T) {
	h := newRefLog()
	logtest.NewGenerator(7, 20).Write(h.History, 1200, 9)
	begun := newRefLog()
	begun.History.Commits, begun.History.Records = h.Commits[:len(h.Commits)/2], h.Records
	q := openTest(t, begun)
	at := h.Records[len(h.Records)-1].Time.AddDate(1, 0, 0)
	want := map[string]bool{}
	last := begun.Commits[len(begun.Commits)-1].Last()
	for _, c := range h.refRealm(at, last).codes {
		want[c.User+" "+c.ID] = true
	}
	got, rest := []string{}, h.Commits[len(h.Commits)/2:]
	for next, more := "", true; more; {
		l, err := q.RealmCodes(t.Context(), at, nil, Filter{}, testPage(3, false, next))
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range l.Items {
			got = append(got, c.User+" "+c.ID)
		}
		if len(rest) > 0 {
			require{t}.NoError(q.rows.Fold(rest[0]))
			rest = rest[1:]
		}
		next, more = l.Next, l.More
	}
	slices.Sort(got)
	if unique := slices.Compact(slices.Clone(got)); len(unique) != len(got) || len(got) != len(want) {
		t.Fatalf("got %d codes, %d of them different, want %d", len(got), len(unique), len(want))
	}
	for _, code := range got {
		if !want[code] {
			t.Errorf("got code %s, want only codes of the first %d records", code, last)
		}
	}
}

// A page reads a bounded number of rows. The pages that no entry of the list matches end.
func TestRealmPageIsBounded(t *testing.T) {
	const records = 3 * entriesMax
	h, at := newRefLog(), logtest.Epoch
	for i := range records {
		at = at.Add(time.Millisecond)
		data := &domain.LoginReport{User: fmt.Sprintf("user%d", i), Outcome: domain.Succeeded}
		h.Do(domain.Command{Source: "gateway", ID: fmt.Sprint(i), Time: at, Data: data})
		if i%256 == 0 {
			h.Commit()
		}
	}
	h.Commit()
	q := openTest(t, h)
	pages, isLocked := 0, true
	for _, f := range []Filter{{ActiveSince: at.AddDate(1, 0, 0)}, {Prefix: "user", HasDevice: &isLocked}} {
		for next, more := "", true; more; pages++ {
			l, err := q.Users(t.Context(), at.AddDate(2, 0, 0), nil, f, testPage(10, false, next))
			if err != nil || len(l.Items) > 0 || pages > 10 {
				t.Fatalf("page %d of %+v: got %d users, %v, want none", pages, f, len(l.Items), err)
			}
			next, more = l.Next, l.More
		}
	}
	if pages < 4 {
		t.Errorf("got %d pages, want at least 4 of at most %d entries", pages, entriesMax)
	}
}

func TestRealmPosition(t *testing.T) {
	q, _ := openHistory(t, 1)
	for _, position := range []string{"x", "12345678", "12345678name", "12345678\x00", "12345678a\x00b\x00"} {
		_, err := q.RealmCodes(t.Context(), logtest.Epoch, nil, Filter{}, testPage(3, false, position))
		if !errors.Is(err, ErrPosition) {
			t.Errorf("position %q: got %v, want %v", position, err, ErrPosition)
		}
		_, err = q.Codes(t.Context(), "user1", logtest.Epoch, nil, testPage(3, false, position+"y"))
		if !errors.Is(err, ErrPosition) {
			t.Errorf("position %q of a user's codes: got %v, want %v", position, err, ErrPosition)
		}
	}
}
