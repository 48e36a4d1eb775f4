package projections

import (
	"context"
	"math/bits"
	"slices"
	"time"

	"authledger/domain"
	"authledger/projections/rows"
)

// locks holds each lockout of each user.
//
// The key of a lockout without an end event is its user. The key of a lockout with an end
// event is the class of its length, then its start. Each class has an upper bound of the
// length. A query for an instant therefore reads, of each class, only the lockouts whose start
// precedes the instant by at most that bound.
var locks = &Projection{Name: "locks", Version: 2, Table: 'l', Fold: foldLocks}

// openClass is the class of lockouts without an end event. The class of the others is 1 more
// than the number of bits of their length in seconds.
const (
	openClass  = 0
	classesMax = 1 + 64
)

// lockoutRow is one lockout. The fields end, last and endType are zero until the lockout ends.
// An extension changes the field until.
type lockoutRow struct {
	begin, until, end time.Time
	first, last       int64  // the records with the start event and the end event
	endType           string // the type of the end event
	user              string
}

func (r *lockoutRow) Members(v domain.Visitor) {
	v.Instant("begin", &r.begin, domain.Need)
	v.Instant("until", &r.until, domain.Free)
	v.Instant("end", &r.end, domain.Free)
	v.Count("first", &r.first, domain.Need)
	v.Count("last", &r.last, domain.Free)
	v.Text("how", &r.endType, domain.Free)
	v.Text("user", &r.user, domain.Need)
}

func foldLocks(t *Table, s *Step) error {
	if !slices.ContainsFunc(s.Record.Events, isLockoutEvent) {
		return nil
	}
	for _, u := range s.Users {
		lockout := lockoutRow{user: u.Name}
		wasOpen, err := t.Get(openKey(t.Key(), u.Name), &lockout)
		if err != nil {
			return err
		}
		isOpen := wasOpen
		for _, e := range s.Record.Events {
			if !s.isOf(e, u.Entity) {
				continue
			}
			isOpen = lockout.fold(t, int64(s.Record.Seq), e, isOpen)
		}
		if isOpen {
			t.Put(openKey(t.Key(), u.Name), &lockout)
		} else if wasOpen {
			t.Remove(openKey(t.Key(), u.Name))
		}
	}
	return nil
}

func isLockoutEvent(e domain.Event) bool {
	switch e.Data.(type) {
	case *domain.LockoutStarted, *domain.LockoutExtended, *domain.LockoutExpired, *domain.LockoutReleased:
		return true
	}
	return false
}

// fold applies one event, and reports whether the lockout is without an end event after it.
func (r *lockoutRow) fold(t *Table, seq int64, e domain.Event, isOpen bool) bool {
	switch data := e.Data.(type) {
	case *domain.LockoutStarted:
		*r = lockoutRow{begin: e.At, until: data.Until, first: seq, user: r.user}
		return true
	case *domain.LockoutExtended:
		r.until = data.Until
	case *domain.LockoutExpired, *domain.LockoutReleased:
		if isOpen {
			r.end, r.last, r.endType = e.At, seq, e.Data.EventType()
			t.Put(r.endedKey(t.Key()), r)
		}
		return false
	}
	return isOpen
}

func openKey(k rows.Key, user string) rows.Key { return k.Byte(openClass).Tail(user) }

func (r *lockoutRow) endedKey(k rows.Key) rows.Key {
	class := 1 + bits.Len64(uint64(r.end.Unix()-r.begin.Unix()))
	return k.Byte(byte(class)).Instant(r.begin).Number(uint64(r.last)).Tail(r.user)
}

// classLength returns an upper bound of the length of the lockouts in a class, 0 if a
// Duration can't express it.
func classLength(class int) time.Duration {
	const classMax = 1 + 33 // 2^33 seconds are 272 years
	if class > classMax {
		return 0
	}
	return time.Duration(1)<<(class-1)*time.Second + time.Second
}

// covers reports whether the lockout is in force at t after all folded records (LOCK-2). A
// lockout is not in force at its end.
func (r *lockoutRow) covers(t time.Time) bool {
	switch {
	case r.begin.After(t):
		return false
	case !r.end.IsZero():
		return t.Before(r.end)
	}
	return r.until.IsZero() || t.Before(r.until)
}

// mayCover reports whether the lockout may be in force at t after the record at seq. Rows
// do not contain which record extended a lockout.
func (r *lockoutRow) mayCover(t time.Time, seq uint64) bool {
	ended := r.last > 0 && r.last <= int64(seq)
	return r.first <= int64(seq) && !r.begin.After(t) && !(ended && !r.end.After(t))
}

// LockedAt calls add once with each user that has a lockout in force at t, and with the start
// of that lockout, in no order. The lockouts of a user do not overlap, because a lockout begins
// only after the end of the lockout before it.
func (v View) LockedAt(ctx context.Context, t time.Time, add func(user string, begin time.Time)) error {
	covers := func(r *lockoutRow) bool { return r.covers(t) }
	return lockoutScan{v, t, classLength, covers, add}.run(ctx)
}

// MayBeLockedAt calls add with each user that may have a lockout in force at t after the
// record at seq, and with the start of that lockout. It omits no user with such a lockout.
// A user may occur more than once. It reads all lockouts that began before t.
func (v View) MayBeLockedAt(ctx context.Context, t time.Time, seq uint64, add func(user string, begin time.Time)) error {
	unbounded := func(int) time.Duration { return 0 }
	mayCover := func(r *lockoutRow) bool { return r.mayCover(t, seq) }
	return lockoutScan{v, t, unbounded, mayCover, add}.run(ctx)
}

// lockoutScan reads lockouts that may be in force at an instant.
type lockoutScan struct {
	view     View
	at       time.Time
	length   func(class int) time.Duration // upper bound of the lengths in a class, 0 for no bound
	isWanted func(*lockoutRow) bool
	add      func(user string, begin time.Time) // called with the user of each row that isWanted accepts
}

// run reads all open lockouts, and of each class the ended lockouts that began at most length
// before the instant.
func (s lockoutScan) run(ctx context.Context) error {
	open := locks.key().Byte(openClass)
	if err := s.read(ctx, open, open.After()); err != nil {
		return err
	}
	for class := openClass + 1; class <= classesMax; class++ {
		all := locks.key().Byte(byte(class))
		from := all
		if d := s.length(class); d > 0 {
			from = all.Clone().Instant(s.at.Add(-d))
		}
		if err := s.read(ctx, from, all.Clone().Instant(s.at).After()); err != nil {
			return err
		}
	}
	return nil
}

func (s lockoutScan) read(ctx context.Context, from, to rows.Key) error {
	n := 0
	for k, b := range s.view.Scan(from, to) {
		if n++; n%rows.CheckEvery == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		var row lockoutRow
		if err := s.view.Decode(k, b, &row); err != nil {
			return err
		}
		if s.isWanted(&row) {
			s.add(row.user, row.begin)
		}
	}
	return s.view.Err()
}
