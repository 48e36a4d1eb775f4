package projections

import (
	"context"
	"fmt"
	"slices"
	"time"

	"authledger/domain"
)

// Log is where an answer about the past finds the records that it rests on. It
// is safe for concurrent use.
type Log interface {
	// Record returns the record at seq.
	Record(ctx context.Context, seq uint64) (domain.Record, error)
}

// past is the log up to a position, seen at an instant.
type past struct {
	view   *view
	log    Log
	at     time.Time
	asOf   AsOf
	whole  bool // asOf is all that the view knows
	policy *domain.Policy
}

func (v *view) past(log Log, at time.Time, asOf *uint64) (*past, error) {
	end, err := v.position()
	if err != nil {
		return nil, err
	}
	p := &past{view: v, log: log, at: at, asOf: end, whole: true}
	if asOf != nil && *asOf != end.Seq {
		p.whole = false
		if p.asOf, err = v.asOf(*asOf, end); err != nil {
			return nil, err
		}
	}
	p.policy, err = v.policy(p.asOf.Seq)
	return p, err
}

// asOf is the position at a record before end. At 0 nothing has happened.
func (v *view) asOf(seq uint64, end AsOf) (AsOf, error) {
	switch {
	case seq > end.Seq:
		return AsOf{}, fmt.Errorf("as of record %d of %d: %w", seq, end.Seq, ErrAhead)
	case seq == 0:
		return AsOf{}, nil
	}
	_, row, err := v.commitOf(seq)
	return AsOf{seq, row.time}, err
}

// user is the user as it was: the row if nothing in it is later, else its
// records folded again.
func (p *past) user(ctx context.Context, name string) (domain.User, error) {
	var row userRow
	if _, err := p.view.read(users.key().tail(name), &row); err != nil {
		return domain.User{}, err
	}
	if uint64(row.last) <= p.asOf.Seq && !row.user.Clock.After(p.at) {
		return row.user, nil
	}
	t, err := p.fold(ctx, domain.UserEntity(name))
	if err != nil {
		return domain.User{}, err
	}
	return t.User(name)
}

// userItems is a user at the moment, and its items of a kind after a record, at
// most so many, everything due by then having happened.
func (p *past) userItems(ctx context.Context, name string, kind domain.ItemKind, after uint64, most int) (domain.User, []listed, error) {
	var row userRow
	if _, err := p.view.read(users.key().tail(name), &row); err != nil {
		return domain.User{}, nil, err
	}
	user, all := row.user, []listed(nil)
	if uint64(row.last) <= p.asOf.Seq && !row.user.Clock.After(p.at) {
		for l := range p.view.items(kind, name, after) {
			if len(all) == most {
				break
			}
			all = append(all, l)
		}
		if p.view.err != nil {
			return user, nil, p.view.err
		}
	} else {
		t, err := p.fold(ctx, domain.UserEntity(name))
		if err != nil {
			return user, nil, err
		}
		user, _ = t.User(name) // of a map: it has no error
		all = t.items(kind, after, most)
	}
	user, lapsed := user.Lapsed(name, p.at)
	for _, c := range lapsed {
		i := slices.IndexFunc(all, func(l listed) bool { return idOf(l.item) == c.Key.ID })
		if i >= 0 && c.Key.Kind == kind {
			all[i].item = c.Item
		}
	}
	return user, all, nil
}

// refolded is what an entity's records fold to, up to the moment.
type refolded struct {
	*domain.Folded
	lists map[domain.ItemKind][]heard
}

// heard is when an item was first heard of.
type heard struct {
	seq uint64
	key domain.ItemKey
}

// fold folds the entity's records up to the moment.
func (p *past) fold(ctx context.Context, entity domain.Entity) (*refolded, error) {
	t := &refolded{domain.NewFolded(p.policy), make(map[domain.ItemKind][]heard)}
	for seq := range p.view.timeline(entity, 0) {
		if seq > p.asOf.Seq {
			break
		}
		r, err := record(ctx, p.log, seq)
		if err != nil {
			return nil, err
		}
		changes, err := t.Take(upTo(&r, p.at))
		if err != nil {
			return nil, err
		}
		t.hear(seq, changes, entity)
		if r.Time.After(p.at) { // within an entity times never decrease
			break
		}
	}
	return t, p.view.err
}

func (t *refolded) hear(seq uint64, changes *domain.Changes, entity domain.Entity) {
	for _, c := range changes.Items {
		if !c.New {
			continue
		}
		for _, owner := range listedWith(c) {
			if entity == domain.UserEntity(owner) || entity == domain.AccountEntity(owner) {
				t.lists[c.Key.Kind] = append(t.lists[c.Key.Kind], heard{seq, c.Key})
			}
		}
	}
}

// items are those of a kind after a record, at most so many.
func (t *refolded) items(kind domain.ItemKind, after uint64, most int) []listed {
	var all []listed
	for _, h := range t.lists[kind] {
		if h.seq <= after || len(all) == most {
			continue
		}
		if it, _ := t.Item(h.key); it != nil { // of a map: it has no error
			all = append(all, listed{h.seq, it})
		}
	}
	return all
}

func record(ctx context.Context, log Log, seq uint64) (domain.Record, error) {
	if err := ctx.Err(); err != nil {
		return domain.Record{}, err
	}
	r, err := log.Record(ctx, seq)
	if err != nil {
		return r, fmt.Errorf("read record %d: %w", seq, err)
	}
	if r.Seq != seq {
		return r, fmt.Errorf("read record %d: the log returned %d", seq, r.Seq)
	}
	return r, nil
}

// upTo is r with its events at or before t.
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
