package queries

import (
	"context"
	"sort"
	"time"

	"authledger/domain"
	"authledger/domain/explain"
	"authledger/projections"
)

// history is the log before the record that is explained. It implements [explain.History].
type history struct {
	*moment
	ctx     context.Context // context of the query
	adopted uint64          // record that adopted the policy, 0 for the built-in policy
}

// endOfTime is later than the time of every record.
var endOfTime = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)

// historyBefore returns the log before the record at seq. The caller holds a turn of
// q.explanations.
func (q *Queries) historyBefore(ctx context.Context, v projections.View, seq uint64) (*history, error) {
	last := seq - 1
	m, err := q.moment(v, endOfTime, &last)
	if err != nil {
		return nil, err
	}
	m.hasTurn = true
	h := &history{moment: m, ctx: ctx}
	h.adopted, err = v.PolicyAdopted(last)
	return h, err
}

func (h *history) Policy() *domain.Policy { return h.policy }

func (h *history) Adopted() uint64 { return h.adopted }

func (h *history) User(name string) (domain.User, error) { return h.user(h.ctx, name) }

func (h *history) Account(id string) (domain.Account, error) {
	account, last, err := h.view.Account(id)
	if err != nil {
		return domain.Account{}, err
	}
	if last <= h.asOf.Seq {
		return account, nil
	}
	t, err := h.refold(h.ctx, domain.AccountEntity(id))
	if err != nil {
		return domain.Account{}, err
	}
	return t.account, nil
}

func (h *history) Item(k domain.ItemKey) (domain.Item, error) {
	it, _, err := h.view.ItemAt(k, h.asOf.Seq)
	return it, err
}

func (h *history) ItemSetBy(k domain.ItemKey) (explain.Origin, error) {
	_, by, err := h.view.ItemAt(k, h.asOf.Seq)
	if err != nil {
		return explain.Origin{}, err
	}
	return h.origin(by)
}

// Clock returns the time of the newest record of the history that names the entity.
func (h *history) Clock(e domain.Entity) (time.Time, error) {
	seq, err := h.view.LastRecordOf(e, h.asOf.Seq)
	if err != nil {
		return time.Time{}, err
	}
	o, err := h.origin(seq)
	return o.At, err
}

// PartSetBy returns the newest record that set a part of the state of an entity. It skips
// the given number of newer records that set the part.
func (h *history) PartSetBy(e domain.Entity, part string, skip int) (explain.Origin, error) {
	seq, err := h.view.PartSetBy(e, part, skip, h.asOf.Seq)
	if err != nil {
		return explain.Origin{}, err
	}
	return h.origin(seq)
}

// ClockSetBy returns the record that set the clock of an entity. It is the later of two
// records: the first record whose time is the clock, and the newest record that changed the
// mark that a backfill set the clock.
func (h *history) ClockSetBy(e domain.Entity) (explain.Origin, error) {
	clock, err := h.Clock(e)
	if err != nil {
		return explain.Origin{}, err
	}
	first, err := h.firstAt(e, clock)
	if err != nil {
		return first, err
	}
	mark, err := h.PartSetBy(e, explain.ClockPart, 0)
	if mark.Seq > first.Seq {
		first = mark
	}
	return first, err
}

// firstAt returns the first record of an entity at or after t. Within an entity times never
// decrease.
func (h *history) firstAt(e domain.Entity, t time.Time) (explain.Origin, error) {
	if !e.HasState() {
		return h.searchAt(e, t)
	}
	from, err := h.view.Snapshot(e, h.asOf.Seq, t.Add(-1))
	if err != nil {
		return explain.Origin{}, err
	}
	for seq := range h.view.Timeline(e, from.Seq) {
		o, err := h.origin(seq)
		if err != nil || !o.At.Before(t) {
			return o, err
		}
	}
	return explain.Origin{}, h.view.Err()
}

// searchAt is firstAt for an entity without snapshots. It searches by bisection.
func (h *history) searchAt(e domain.Entity, t time.Time) (o explain.Origin, err error) {
	next := func(after int) (found explain.Origin) {
		for seq := range h.view.Timeline(e, uint64(after)) {
			found, err = h.origin(seq)
			return found
		}
		err = h.view.Err()
		return found
	}
	last := sort.Search(int(h.asOf.Seq), func(after int) bool { return err != nil || !next(after).At.Before(t) })
	if err == nil {
		o = next(last)
	}
	return o, err
}

// origin returns the record at seq with its effective time, and the zero Origin for 0.
func (h *history) origin(seq uint64) (explain.Origin, error) {
	if seq == 0 {
		return explain.Origin{}, nil
	}
	r, err := h.record(h.ctx, seq)
	return explain.Origin{Seq: seq, At: r.Time}, err
}

// Withdrawals returns the withdrawals of the account that count since an instant, in no
// order.
func (h *history) Withdrawals(account string, since time.Time) ([]*domain.Withdrawal, error) {
	drawn, err := h.Drawn(account, since, 0, unlimited)
	all := make([]*domain.Withdrawal, len(drawn))
	for i := range drawn {
		all[i] = drawn[i].Withdrawal
	}
	return all, err
}

// Drawn returns at most limit withdrawals of the account that were approved at or after an
// instant, by a record with a seq above after.
func (h *history) Drawn(account string, since time.Time, after uint64, limit int) ([]explain.Drawn, error) {
	first, err := h.view.LastWithdrawalBefore(account, since, h.asOf.Seq)
	if err != nil {
		return nil, err
	}
	var page []explain.Drawn
	for _, of := range h.view.Listing(domain.WithdrawalItem, account, max(first, after), h.asOf.Seq+1) {
		if len(page) == limit {
			break
		}
		w, by, err := h.view.WithdrawalAt(of, h.asOf.Seq)
		if err != nil {
			return nil, err
		}
		page = append(page, explain.Drawn{Withdrawal: w, By: explain.Origin{Seq: by, At: w.Since}})
	}
	return page, h.view.Err()
}

// CountDrawn returns the number of withdrawals of the account that were approved at or after
// an instant.
func (h *history) CountDrawn(account string, since time.Time) (int64, error) {
	first, err := h.view.LastWithdrawalBefore(account, since, h.asOf.Seq)
	if err != nil {
		return 0, err
	}
	all, err := h.view.CountWithdrawals(account, h.asOf.Seq)
	if err != nil {
		return 0, err
	}
	earlier, err := h.view.CountWithdrawals(account, first)
	return all - earlier, err
}
