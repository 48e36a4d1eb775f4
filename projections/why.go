package projections

import (
	"context"
	"fmt"

	"authledger/domain"
)

// Why is the answer to "why does this record say so?" (contract, "Queries").
type Why struct {
	domain.Explanation
	AsOf AsOf
}

// Members lists the explanation's, and the position.
func (w *Why) Members(v domain.Visitor) {
	w.Explanation.Members(v)
	v.Object("asOf", &w.AsOf, domain.Need)
}

// Why explains the record at seq from the records before it, which it reads anew:
// those of the users and accounts that the decision read, however many they are,
// keeping in memory what is live of them. A seq that is not folded is [ErrAhead].
func (e *Engine) Why(ctx context.Context, log Log, seq uint64) (*Why, error) {
	w, err := e.why(ctx, log, seq)
	if err != nil {
		return nil, fmt.Errorf("why record %d: %w", seq, err)
	}
	return w, nil
}

func (e *Engine) why(ctx context.Context, log Log, seq uint64) (*Why, error) {
	v, err := e.view(ctx)
	if err != nil {
		return nil, err
	}
	defer v.close()
	end, err := v.position()
	if err != nil {
		return nil, err
	}
	if seq == 0 || seq > end.Seq {
		return nil, ErrAhead
	}
	r, err := record(ctx, log, seq)
	if err != nil {
		return nil, err
	}
	x, err := domain.Explain(&whyHistory{view: v, log: log, ctx: ctx}, &r)
	if err != nil {
		return nil, err
	}
	return &Why{Explanation: *x, AsOf: end}, nil
}

// whyHistory is the log as an explanation looks things up in it.
type whyHistory struct {
	view *view
	log  Log
	ctx  context.Context // of the one question that it answers
}

func (h *whyHistory) PolicyBefore(seq uint64) (*domain.Policy, uint64, error) {
	p := new(domain.Policy)
	k, found, err := h.view.last(policies.key(), policies.key().number(seq), p)
	if err != nil || !found {
		return domain.IBKRSLS(), 0, err
	}
	adopted, _, err := k[1:].cutNumber()
	if err != nil {
		return nil, 0, h.view.damage(k, err)
	}
	return p.Compiled(), adopted, nil
}

func (h *whyHistory) Held(of domain.ItemKey, before uint64) (domain.Item, *domain.Record, error) {
	row := historyRow{item: domain.NewItem(of.Kind)}
	all := historyKey(histories.key(), of)
	k, found, err := h.view.last(append(key(nil), all...), append(key(nil), all...).number(before), &row)
	if err != nil || !found || row.gone {
		return nil, nil, err
	}
	seq, _, err := k[len(all):].cutNumber()
	if err != nil {
		return nil, nil, h.view.damage(k, err)
	}
	by, err := record(h.ctx, h.log, seq)
	return row.item, &by, err
}
