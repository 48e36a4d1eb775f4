package queries

import (
	"context"
	"iter"
	"time"

	"authledger/domain"
	"authledger/projections"
)

// Hold is a standing hold on the personal data of a user (PERSON-2).
type Hold struct {
	User, Case, By, Purpose string
	Since                   time.Time
	Seq                     uint64 // record that began the hold
}

// Erasure is an erasure of the personal data of a user (PERSON-1).
type Erasure struct {
	User, Case, By, Purpose string
	At                      time.Time
	Seq                     uint64 // record of the erasure
}

// Pages of the lists of holds and erasures.
type (
	RealmHolds    = RealmList[Hold, *Hold]
	RealmErasures = RealmList[Erasure, *Erasure]
)

func (h *Hold) Members(v domain.Visitor) {
	caseMembers(v, &h.User, &h.Case, &h.By, &h.Purpose)
	v.Instant("since", &h.Since, domain.Need)
	seq := int64(h.Seq)
	v.Count("seq", &seq, domain.Need)
}

func (e *Erasure) Members(v domain.Visitor) {
	caseMembers(v, &e.User, &e.Case, &e.By, &e.Purpose)
	v.Instant("at", &e.At, domain.Need)
	seq := int64(e.Seq)
	v.Count("seq", &seq, domain.Need)
}

// caseMembers visits the members of an act on personal data.
func caseMembers(v domain.Visitor, user, number, by, purpose *string) {
	v.Text("user", user, domain.Need)
	v.Text("case", number, domain.Need)
	v.Text("by", by, domain.Need)
	v.Text("purpose", purpose, domain.Free)
}

// Holds returns a page of the holds that stand at the moment, in the order of their records. A page about
// the present reads no ended hold. A page about the past can be empty although a next page exists, if more
// holds in a row ended before the moment than a page reads.
func (q *Queries) Holds(
	ctx context.Context, at time.Time, asOf *uint64, f Filter, page Page,
) (*RealmHolds, error) {
	l := new(RealmHolds)
	return l, wrapList("holds", q.readList(ctx, at, asOf, &f, &page, &l.Part, func(r *realm) error {
		of, err := page.seqsOfEntries(r.asOf.Seq)
		if err != nil {
			return err
		}
		var h projections.Hold // the newest hold of the iterator
		entries := func(v projections.View) iter.Seq[projections.Entry] {
			all := v.Holds(f.User, r.isPresent, of.oldest, of.above, of.below)
			return entriesOf(all, &h, func() (string, uint64) { return h.User, h.Seq })
		}
		excludes := func(*projections.Entry) bool { return !h.StandsAt(r.at, r.asOf.Seq) }
		return r.walk(&l.Part, entries, excludes, func(*projections.Entry) (bool, error) {
			l.Items = append(l.Items, Hold{h.User, h.Case, h.By, h.Purpose, h.Since, h.Seq})
			return true, nil
		})
	}))
}

// Erasures returns a page of the erasures up to the moment, in the order of their records.
func (q *Queries) Erasures(
	ctx context.Context, at time.Time, asOf *uint64, f Filter, page Page,
) (*RealmErasures, error) {
	l := new(RealmErasures)
	return l, wrapList("erasures", q.readList(ctx, at, asOf, &f, &page, &l.Part, func(r *realm) error {
		of, err := page.seqsOfEntries(r.asOf.Seq)
		if err != nil {
			return err
		}
		var e projections.Erasure // the newest erasure of the iterator
		entries := func(v projections.View) iter.Seq[projections.Entry] {
			all := v.Erasures(f.User, of.oldest, of.above, of.below)
			return entriesOf(all, &e, func() (string, uint64) { return e.User, e.Seq })
		}
		excludes := func(*projections.Entry) bool { return e.At.After(r.at) }
		return r.walk(&l.Part, entries, excludes, func(*projections.Entry) (bool, error) {
			l.Items = append(l.Items, Erasure(e))
			return true, nil
		})
	}))
}

// entriesOf yields an entry for each row, after it has set last to the row. The function position returns
// the user and the record of last.
func entriesOf[T any](
	of iter.Seq[T], last *T, position func() (user string, seq uint64),
) iter.Seq[projections.Entry] {
	return func(yield func(projections.Entry) bool) {
		for *last = range of {
			user, seq := position()
			if !yield(projections.Entry{Seq: seq, Key: domain.ItemKey{ID: user}}) {
				return
			}
		}
	}
}
