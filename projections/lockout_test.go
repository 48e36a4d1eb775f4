package projections

import (
	"errors"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"authledger/domain"
)

// naive answers from the records alone.
func (h *history) naive(user string, at time.Time, asOf uint64) Lockout {
	folded := h.then(domain.UserEntity(user), at, asOf)
	u, _ := folded.User(user) // of a map: it has no error
	return Lockout{
		AsOf: h.asOf(asOf), At: at, User: user,
		Lockout: u.Lockout(folded.Policy(), at), LastSource: u.At(at).Run.Source,
	}
}

func (h *history) asOf(seq uint64) AsOf {
	for _, c := range h.commits {
		if c.First <= seq && seq <= c.Last() {
			return AsOf{seq, c.Time}
		}
	}
	return AsOf{}
}

// question is an instant at or about an event, and a position or none.
func (c *chance) question(h *history) (at time.Time, asOf *uint64, up uint64) {
	events := h.records[c.IntN(len(h.records))].Events
	at = events[c.IntN(len(events))].At.Add(pick(c, 0, 0, 1, -1, time.Minute, time.Hour, 23*time.Hour, 24*time.Hour, 25*time.Hour))
	if c.IntN(2) == 0 {
		return at, nil, uint64(len(h.records))
	}
	seq := uint64(c.IntN(len(h.records) + 1))
	return at, &seq, seq
}

func TestLockoutIsTheNaiveAnswer(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := newChance(rapid.Uint64().Draw(t, "seed"), rapid.IntRange(1, 6).Draw(t, "users"))
		h := newHistory()
		c.write(h, rapid.IntRange(1, 400).Draw(t, "records"), 9)
		e, err := Open("/d", quiet(vfs.NewMem()))
		if err != nil {
			t.Fatal(err)
		}
		defer e.Close()
		for _, commit := range h.commits {
			if err := e.Fold(commit); err != nil {
				t.Fatal(err)
			}
		}
		for range 30 {
			at, asOf, up := c.question(h)
			user := c.user()
			got, err := e.Lockout(t.Context(), h, user, at, asOf)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(h.naive(user, at, up), got); diff != "" {
				t.Fatalf("%s at %v up to %d: %s", user, at, up, diff)
			}
			checkLockouts(t, c, e, h, at, asOf, up)
		}
	})
}

// checkLockouts pages through the locked users.
func checkLockouts(t *rapid.T, c *chance, e *Engine, h *history, at time.Time, asOf *uint64, up uint64) {
	var want, got []Lockout
	for _, user := range h.names() {
		if l := h.naive(user, at, up); l.Locked {
			want = append(want, l)
		}
	}
	limit, after := 1+c.IntN(4), ""
	for more := true; more; {
		page, err := e.Lockouts(t.Context(), h, at, asOf, limit, after)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, page.Lockouts...)
		if more = page.More; more {
			after = page.Lockouts[len(page.Lockouts)-1].User
		}
		if len(page.Lockouts) > limit || more && len(page.Lockouts) < limit {
			t.Fatalf("a page of %d, more %t, limit %d", len(page.Lockouts), more, limit)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("locked at %v up to %d: %s", at, up, diff)
	}
}

func TestLockoutOfThePresentReadsNoLog(t *testing.T) {
	c := newChance(1, 3)
	h := newHistory()
	c.write(h, 500, 9)
	e := open(t, "/d", quiet(vfs.NewMem()))
	fold(t, e, h)
	for user, u := range h.Users() {
		if _, err := e.Lockout(t.Context(), nil, user, u.Clock, nil); err != nil {
			t.Fatal(err)
		}
	}
	ahead := uint64(len(h.records) + 1)
	if _, err := e.Lockout(t.Context(), h, "user1", epoch, &ahead); !errors.Is(err, ErrAhead) {
		t.Fatalf("as of a record to come: %v", err)
	}
	closeAll(t, e)
}
