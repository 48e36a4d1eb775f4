package queries

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"authledger/domain"
	"authledger/projections"
	"authledger/projections/logtest"
)

// refLockout returns the lockout from the records alone.
func (h *refLog) refLockout(user string, at time.Time, asOf uint64) Lockout {
	folded := h.stateAt(domain.UserEntity(user), at, asOf)
	u, _ := folded.User(user) // a state in memory has no error
	l := Lockout{
		AsOf: h.asOf(asOf), At: at, User: user,
		Lockout: u.Lockout(folded.Policy(), at), LastSource: u.At(at).Run.Source,
		Since: u.At(at).Lock.Since, FailureTimes: u.At(at).Run.Failures,
		Forgotten: h.forgottenAt(user, at, asOf),
	}
	if n := len(u.At(at).Run.Failures); l.Locked && n > l.Failures {
		l.LockFailures = n
	}
	return l
}

// forgottenAt returns the time of the newest record whose command names a user, if that record erased the
// user. It reads only the commands.
func (h *refLog) forgottenAt(user string, at time.Time, asOf uint64) (erased time.Time) {
	for _, r := range h.Records[:asOf] {
		switch {
		case r.Time.After(at) || !slices.Contains(r.Entities, domain.UserEntity(user)):
		case r.Forgotten() == user:
			erased = r.Time
		case slices.Contains(namedUsers(r.Command.Data), user):
			erased = time.Time{}
		}
	}
	return erased
}

// namedUsers returns the users that a command names.
func namedUsers(data domain.CommandData) []string {
	switch c := data.(type) {
	case *domain.SharingRequest:
		return []string{c.Requester, c.Owner}
	case *domain.DeviceAddUser:
		return []string{c.User, c.Owner}
	}
	c := domain.Command{Data: data}
	return []string{c.User()}
}

// asOf returns the position at a record.
func (h *refLog) asOf(seq uint64) AsOf {
	for _, c := range h.Commits {
		if c.First <= seq && seq <= c.Last() {
			return AsOf{seq, c.Time}
		}
	}
	return AsOf{}
}

// question draws an instant at or near the time of an event, and a position or nil. It also
// returns the last record of the position.
func question(c *logtest.Generator, h *refLog) (at time.Time, asOf *uint64, up uint64) {
	events := h.Records[c.IntN(len(h.Records))].Events
	at = events[c.IntN(len(events))].At.Add(logtest.Pick(c, 0, 0, 1, -1, time.Minute, time.Hour, 23*time.Hour,
		24*time.Hour, 25*time.Hour))
	if c.IntN(2) == 0 {
		return at, nil, uint64(len(h.Records))
	}
	seq := uint64(c.IntN(len(h.Records) + 1))
	return at, &seq, seq
}

func TestLockoutEqualsReferenceFold(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := logtest.NewGenerator(rapid.Uint64().Draw(t, "seed"), rapid.IntRange(1, 6).Draw(t, "users"))
		h := newRefLog()
		c.Write(h.History, rapid.IntRange(1, 400).Draw(t, "records"), 9)
		q, closeRows := open(require{t}, h)
		defer closeRows()
		for range 30 {
			at, asOf, up := question(c, h)
			user := c.User()
			got, err := q.Lockout(t.Context(), user, at, asOf)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(h.refLockout(user, at, up), got); diff != "" {
				t.Fatalf("%s at %v up to record %d (-want +got)\n%s", user, at, up, diff)
			}
			checkLockouts(t, c, q, h, at, asOf, up)
		}
	})
}

// checkLockouts compares all pages of the locked users with the reference fold.
func checkLockouts(t *rapid.T, c *logtest.Generator, q *Queries, h *refLog, at time.Time, asOf *uint64,
	up uint64) {
	var want, got []Lockout
	for _, user := range h.Names() {
		if l := h.refLockout(user, at, up); l.Locked {
			want = append(want, l)
		}
	}
	a := querier{limit: 1 + c.IntN(4), oldest: c.IntN(2) == 0}
	slices.SortStableFunc(want, func(a, b Lockout) int { return a.Since.Compare(b.Since) })
	want = inOrder(a, want)
	walk(require{t}, a, func(page Page) (int, Part) {
		p, err := q.Lockouts(t.Context(), at, asOf, page)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, p.Lockouts...)
		return len(p.Lockouts), p.Part
	})
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("locked at %v up to record %d (-want +got)\n%s", at, up, diff)
	}
}

func TestPresentLockoutReadsNoLog(t *testing.T) {
	q, h := openHistory(t, 1)
	q.log = nil
	for user, u := range h.Users() {
		if _, err := q.Lockout(t.Context(), user, u.Clock, nil); err != nil {
			t.Fatal(err)
		}
	}
	ahead := uint64(len(h.Records) + 1)
	if _, err := q.Lockout(t.Context(), "user1", logtest.Epoch, &ahead); !errors.Is(err, projections.ErrAhead) {
		t.Fatalf("Lockout as of record %d: got %v, want %v", ahead, err, projections.ErrAhead)
	}
}
