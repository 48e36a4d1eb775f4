package queries

import (
	"context"
	"fmt"
	"time"

	"authledger/domain"
)

// AsOf returns the position at a record, or [projections.ErrAhead].
func (q *Queries) AsOf(ctx context.Context, seq uint64) (AsOf, error) {
	v, err := q.rows.View(ctx)
	if err != nil {
		return AsOf{}, fmt.Errorf("find record %d: %w", seq, err)
	}
	defer v.Close()
	end, err := endOf(v)
	if err != nil {
		return AsOf{}, fmt.Errorf("find record %d: %w", seq, err)
	}
	return asOfRecord(v, seq, end)
}

// SeqAt returns the last record of the last commit with a time at or before t, 0 if there is
// no such commit. For an instant in the future a later call may return a later record.
func (q *Queries) SeqAt(ctx context.Context, t time.Time) (uint64, error) {
	seq, err := q.seqAt(ctx, t)
	if err != nil {
		return 0, fmt.Errorf("find the position at %s: %w", t.Format(time.RFC3339Nano), err)
	}
	return seq, nil
}

func (q *Queries) seqAt(ctx context.Context, t time.Time) (uint64, error) {
	v, err := q.rows.View(ctx)
	if err != nil {
		return 0, err
	}
	defer v.Close()
	end, err := endOf(v)
	if err != nil {
		return 0, err
	}
	return v.SeqAt(t, end.Seq)
}

// PolicyAt returns the policy in force at the record asOf, or now if asOf is nil.
func (q *Queries) PolicyAt(ctx context.Context, asOf *uint64) (*domain.Policy, AsOf, error) {
	var policy *domain.Policy
	var end AsOf
	err := q.withMoment(ctx, time.Time{}, asOf, func(m *moment) error {
		policy, end = m.policy, m.asOf
		return nil
	})
	if err != nil {
		return nil, AsOf{}, fmt.Errorf("policy: %w", err)
	}
	return policy, end, nil
}

// Position returns the position of the newest record.
func (q *Queries) Position(ctx context.Context) (AsOf, error) {
	v, err := q.rows.View(ctx)
	if err != nil {
		return AsOf{}, fmt.Errorf("read the position: %w", err)
	}
	defer v.Close()
	return endOf(v)
}
