package queries

import (
	"context"
	"fmt"

	"authledger/domain"
	"authledger/domain/explain"
	"authledger/projections"
)

// Why explains the verdict of a record.
type Why struct {
	explain.Explanation
	AsOf AsOf
}

// Members visits the members of the explanation, and the position.
func (w *Why) Members(v domain.Visitor) {
	w.Explanation.Members(v)
	v.Object("asOf", &w.AsOf, domain.Need)
}

// Why explains the record at seq from the rows of the users, the accounts and the items
// that the decision read. It reads at most [projections.SnapshotEvery] records of each user
// and each account, and one page of withdrawals: the first page if after is 0, else the page
// after [explain.Explanation.Next]. It returns [projections.ErrAhead] for a record that is
// not folded.
func (q *Queries) Why(ctx context.Context, seq, after uint64) (*Why, error) {
	w, err := q.why(ctx, seq, after)
	if err != nil {
		return nil, fmt.Errorf("why record %d: %w", seq, err)
	}
	return w, nil
}

func (q *Queries) why(ctx context.Context, seq, after uint64) (*Why, error) {
	done, err := q.explanations.take(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	v, err := q.rows.View(ctx)
	if err != nil {
		return nil, err
	}
	defer v.Close()
	end, err := endOf(v)
	if err != nil {
		return nil, err
	}
	if seq == 0 || seq > end.Seq {
		return nil, projections.ErrAhead
	}
	r, err := q.record(ctx, seq)
	if err != nil {
		return nil, err
	}
	h, err := q.historyBefore(ctx, v, seq)
	if err != nil {
		return nil, err
	}
	x, err := explain.Explain(h, &r, after)
	if err != nil {
		return nil, err
	}
	return &Why{Explanation: *x, AsOf: end}, nil
}
