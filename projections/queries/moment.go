package queries

import (
	"context"
	"fmt"
	"slices"
	"time"

	"authledger/domain"
	"authledger/projections"
)

// moment is the position and the instant to which a query refers. It reads one view of the
// rows.
type moment struct {
	*Queries
	view    projections.View
	at      time.Time
	asOf    AsOf
	isNow   bool // reports whether asOf is the end of the view
	policy  *domain.Policy
	hasTurn bool // reports whether the query already has a turn to fold records
}

// withMoment opens a view, calls answer with the moment, and closes the view.
func (q *Queries) withMoment(ctx context.Context, at time.Time, asOf *uint64, answer func(*moment) error) error {
	v, err := q.rows.View(ctx)
	if err != nil {
		return err
	}
	defer v.Close()
	m, err := q.moment(v, at, asOf)
	if err != nil {
		return err
	}
	return answer(m)
}

func (q *Queries) moment(v projections.View, at time.Time, asOf *uint64) (*moment, error) {
	end, err := endOf(v)
	if err != nil {
		return nil, err
	}
	m := &moment{Queries: q, view: v, at: at, asOf: end, isNow: true}
	if asOf != nil && *asOf != end.Seq {
		m.isNow = false
		if m.asOf, err = asOfRecord(v, *asOf, end); err != nil {
			return nil, err
		}
	}
	m.policy, err = v.Policy(m.asOf.Seq)
	return m, err
}

// endOf returns the position of a view.
func endOf(v projections.View) (AsOf, error) {
	p, at, err := v.Position()
	return AsOf{p.Seq, at}, err
}

// asOfRecord returns the position at the record seq, which is not after end. The record 0 is
// the position before the first commit.
func asOfRecord(v projections.View, seq uint64, end AsOf) (AsOf, error) {
	switch {
	case seq > end.Seq:
		return AsOf{}, fmt.Errorf("as of record %d of %d: %w", seq, end.Seq, projections.ErrAhead)
	case seq == 0:
		return AsOf{}, nil
	}
	_, at, err := v.CommitOf(seq)
	return AsOf{seq, at}, err
}

// user returns the state of a user at the moment. It reads the row of the user if that row
// reflects no later record, else it folds the user's records from a snapshot.
func (m *moment) user(ctx context.Context, name string) (domain.User, error) {
	user, last, err := m.view.User(name)
	if err != nil {
		return domain.User{}, err
	}
	if last <= m.asOf.Seq && !user.Clock.After(m.at) {
		return user, nil
	}
	r, err := m.refold(ctx, domain.UserEntity(name))
	if err != nil {
		return domain.User{}, err
	}
	return r.user, nil
}

// userItems returns the state of a user at the moment, and the selected items of the user of
// one kind. Every deadline up to the instant is applied.
func (m *moment) userItems(ctx context.Context, name string, kind domain.ItemKind, of seqs) (domain.User, []listed, error) {
	user, last, err := m.view.User(name)
	if err != nil {
		return domain.User{}, nil, err
	}
	var all []listed
	if last <= m.asOf.Seq && !user.Clock.After(m.at) {
		all, err = m.items(kind, name, of)
	} else {
		var r *refolded
		if r, err = m.refold(ctx, domain.UserEntity(name)); err == nil {
			user = r.user
			all, err = r.list(kind, name, of)
		}
	}
	if err != nil {
		return user, nil, err
	}
	user, lapsed := user.Lapsed(name, m.at)
	for _, c := range lapsed {
		i := slices.IndexFunc(all, func(l listed) bool { return idOf(l.item) == c.Key.ID })
		if i >= 0 && c.Key.Kind == kind {
			all[i].item = c.Item
		}
	}
	return user, all, nil
}

// upTo returns r with only its events at or before t.
func upTo(r *domain.Record, t time.Time) *domain.Record {
	if !r.Time.After(t) {
		return r
	}
	part := *r
	part.Events = nil
	for _, e := range r.Events {
		if !e.At.After(t) {
			part.Events = append(part.Events, e)
		}
	}
	return &part
}
