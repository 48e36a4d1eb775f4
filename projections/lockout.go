package projections

import (
	"context"
	"fmt"
	"time"

	"authledger/domain"
)

// Log is where an answer about the past finds the records that it rests on. It
// is safe for concurrent use.
type Log interface {
	// Record returns the record at seq.
	Record(ctx context.Context, seq uint64) (domain.Record, error)
}

// Lockout is the answer to "is this user locked?" at an instant.
type Lockout struct {
	AsOf AsOf
	At   time.Time
	User string
	domain.Lockout
	LastSource string // that reported the newest failure of the run, "" if there is no run
}

// Lockout answers for one user at an instant, from the whole log, or up to the
// record asOf if it is not nil: it folds the user's events whose own time is at
// or before at, in log order, and lets everything due by then happen. The
// policy is the newest adopted up to there. A name that no record holds gets the
// zero answer.
//
// Unless the question is about the past, it reads one row and not the log.
func (e *Engine) Lockout(ctx context.Context, log Log, user string, at time.Time, asOf *uint64) (Lockout, error) {
	row, head, err := e.userRow(user)
	if err != nil {
		return Lockout{}, fmt.Errorf("lockout of %s: %w", user, err)
	}
	if asOf == nil && !row.user.Clock.After(at) {
		return answer(user, row.user, head.Policy, at, AsOf{head.Seq, head.Time}), nil
	}
	v, err := e.view(ctx)
	if err != nil {
		return Lockout{}, fmt.Errorf("lockout of %s: %w", user, err)
	}
	defer v.close()
	p, err := v.past(log, at, asOf)
	if err != nil {
		return Lockout{}, fmt.Errorf("lockout of %s: %w", user, err)
	}
	l, err := p.lockout(ctx, user)
	if err != nil {
		return Lockout{}, fmt.Errorf("lockout of %s: %w", user, err)
	}
	return l, nil
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

func (p *past) lockout(ctx context.Context, name string) (Lockout, error) {
	u, err := p.user(ctx, name)
	if err != nil {
		return Lockout{}, err
	}
	return answer(name, u, p.policy, p.at, p.asOf), nil
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
	var u domain.User
	entity := domain.UserEntity(name)
	for seq := range p.view.timeline(entity, 0) {
		if seq > p.asOf.Seq {
			break
		}
		r, err := record(ctx, p.log, seq)
		if err != nil {
			return domain.User{}, err
		}
		u = u.Fold(upTo(&r, p.at))
		if r.Time.After(p.at) { // within an entity times never decrease
			break
		}
	}
	return u, p.view.err
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

func answer(name string, u domain.User, p *domain.Policy, at time.Time, asOf AsOf) Lockout {
	return Lockout{AsOf: asOf, At: at, User: name, Lockout: u.Lockout(p, at), LastSource: u.At(at).Run.Source}
}
