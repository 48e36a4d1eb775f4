package queries

import (
	"context"
	"fmt"
	"slices"
	"time"

	"authledger/domain"
)

// statesMax is the maximum number of states that [Queries.Lives] returns for one item.
const statesMax = 32

// Life is the states of one device or code of a user, the oldest first.
type Life struct {
	ID, Kind string // Kind is the class of a device or the kind of a code
	Label    string // of a device
	States   []LifeState
	IsCut    bool // the item had earlier states than the first of States
}

// LifeState is a period in which an item was in one state.
type LifeState struct {
	State       string
	From, Until time.Time // Until is zero for a state without a known end
	Seq         uint64    // record that set the state; 0 for a state that follows without a command
	IsPlanned   bool      // the state begins after the instant, unless a command prevents it
}

// Lives returns the states of a user's own devices, or of the user's codes, up to an instant
// and a position. It returns at most limit items, those that a record named last.
func (q *Queries) Lives(
	ctx context.Context, user string, kind domain.ItemKind, at time.Time, asOf *uint64, limit int,
) (all []Life, err error) {
	err = q.withMoment(ctx, at, asOf, func(m *moment) error {
		all, err = m.lives(ctx, user, kind, limit)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("states of the items of %s: %w", user, err)
	}
	return all, nil
}

func (m *moment) lives(ctx context.Context, user string, kind domain.ItemKind, limit int) ([]Life, error) {
	_, found, err := m.userItems(ctx, user, kind, seqs{below: endOfSeqs, limit: limit})
	if err != nil {
		return nil, err
	}
	slices.Reverse(found) // the item that a record named last is the last one
	all := make([]Life, 0, len(found))
	for _, l := range found {
		life, err := m.life(user, l.item)
		if err != nil {
			return nil, err
		}
		all = append(all, life)
	}
	return all, nil
}

// life returns the states of an item. newest is its state at the moment.
func (m *moment) life(user string, newest domain.Item) (Life, error) {
	life := Life{ID: idOf(newest)}
	key := domain.DeviceKey(user, life.ID)
	if _, ok := newest.(*domain.Code); ok {
		key = domain.CodeKey(user, life.ID)
	}
	versions, seqs := []domain.Item{}, []uint64{}
	for seq := m.asOf.Seq; seq > 0 && len(versions) < statesMax; {
		it, by, err := m.view.ItemAt(key, seq)
		if err != nil {
			return life, err
		}
		if it == nil {
			break
		}
		versions, seqs = append(versions, it), append(seqs, by)
		seq = by - 1
	}
	life.IsCut = len(versions) == statesMax
	slices.Reverse(versions)
	slices.Reverse(seqs)
	for i, it := range versions {
		life.add(it, seqs[i], m.at)
	}
	life.add(newest, 0, m.at) // deadlines up to the instant have changed it without a record
	if c, ok := newest.(*domain.Code); ok && c.State == domain.Full && c.Until.Before(c.Ends) {
		life.States = append(life.States, LifeState{State: domain.Restricted, From: c.Until, Until: c.Ends,
			IsPlanned: true})
	}
	return life, nil
}

// Now returns the state at the instant, the zero state for an item that began later.
func (l *Life) Now() LifeState {
	for i := len(l.States) - 1; i >= 0; i-- {
		if !l.States[i].IsPlanned {
			return l.States[i]
		}
	}
	return LifeState{}
}

// add appends the state of a version of the item, unless the version has the state of the
// version before it or began after the instant.
func (l *Life) add(it domain.Item, seq uint64, at time.Time) {
	var s LifeState
	switch it := it.(type) {
	case *domain.Device:
		l.Kind, l.Label = it.Class, it.Label
		s = LifeState{State: it.State, From: it.Since, Seq: seq}
	case *domain.Code:
		l.Kind = it.Kind
		if !codeStateFrom(it, l.States).After(at) {
			l.addLapsed(it)
		}
		s = LifeState{State: it.State, From: codeStateFrom(it, l.States), Seq: seq}
		if it.IsLive() {
			s.Until = it.Until
		}
	}
	last := len(l.States) - 1
	switch {
	case s.From.After(at):
		return
	case last >= 0 && l.States[last].State == s.State:
		return
	case last >= 0:
		l.States[last].Until = s.From
	}
	l.States = append(l.States, s)
}

// addLapsed appends the restricted state of a passcode that one record first restricted and
// then ended, because the item has only its last state of each record.
func (l *Life) addLapsed(c *domain.Code) {
	last := len(l.States) - 1
	if c.IsLive() || last < 0 || l.States[last].State != domain.Full {
		return
	}
	until := l.States[last].Until
	if c.Until.After(until) && c.Ends.After(until) {
		l.States = append(l.States, LifeState{State: domain.Restricted, From: until, Until: c.Ends})
	}
}

// codeStateFrom returns the start of the state of a code that had the states before.
func codeStateFrom(c *domain.Code, before []LifeState) time.Time {
	switch {
	case !c.IsLive():
		return c.Until
	case len(before) == 0:
		return c.Issued
	}
	return before[len(before)-1].Until
}
