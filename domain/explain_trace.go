package domain

import (
	"slices"
	"time"
)

// trace is the states that some histories fold to, and from which record each
// part of them is. It keeps what is live, what the command names, and the
// withdrawals that a window can reach: it is bounded whatever the history.
type trace struct {
	*Folded
	wanted map[string]bool // the texts of the command
	parts  map[Entity]map[string]mark
	runs   map[Entity][]mark // of the counted failures
	origin map[ItemKey]mark
	drawn  []ItemKey // the withdrawals that are kept, the oldest first
}

// mark says which record set a part of a state to what it is.
type mark struct {
	seq   uint64
	at    time.Time
	spelt string
}

func newTrace(p *Policy, c *Command) *trace {
	return &trace{
		Folded: NewFolded(p), wanted: textsOf(c.Data), parts: map[Entity]map[string]mark{},
		runs: map[Entity][]mark{}, origin: map[ItemKey]mark{},
	}
}

func (t *trace) take(r *Record) error {
	changes, err := t.Folded.Take(r)
	if err != nil {
		return err
	}
	now := mark{seq: r.Seq, at: r.Time}
	for _, c := range changes.Items {
		t.item(c, now)
	}
	for _, e := range r.Entities {
		if !e.HasState() {
			t.mark(e, now, clockPart(t.Folded, e))
		}
	}
	for i := range changes.Users {
		u := &changes.Users[i]
		t.run(r, UserEntity(u.Name), &u.After, now)
		t.mark(UserEntity(u.Name), now, append(userParts(&u.After), clockPart(t.Folded, UserEntity(u.Name))...))
		t.forgetCodes(u)
	}
	if a := &changes.Account; a.ID != "" {
		e := AccountEntity(a.ID)
		t.mark(e, now, append(zonePart(&a.After), clockPart(t.Folded, e)...))
		t.forgetWithdrawals(a)
	}
	return nil
}

// mark notes which parts of an entity's state a record has changed.
func (t *trace) mark(e Entity, now mark, parts []part) {
	was, is := t.parts[e], make(map[string]mark, len(parts))
	for _, p := range parts {
		m := now
		m.spelt = spell(p.state)
		if old, ok := was[p.id()]; ok && old.spelt == m.spelt {
			m = old
		}
		is[p.id()] = m
	}
	t.parts[e] = is
}

// run notes which records the failures of a user's run are from. Two may lie at
// one instant, so that their number tells them apart, not their time.
func (t *trace) run(r *Record, e Entity, u *User, now mark) {
	marks := t.runs[e]
	for _, event := range r.Events {
		if failed, ok := event.Data.(*LoginFailed); ok && counts(failed.Reason) && r.Entities[0] == e {
			marks = append(slices.Clip(marks), now)
		}
	}
	t.runs[e] = marks[len(marks)-len(u.Run.Failures):]
}

func (t *trace) item(c ItemChange, now mark) {
	if c.Item == nil || !t.wanted[c.Key.ID] && ended(c.Item) {
		t.drop(c.Key)
		return
	}
	t.origin[c.Key] = now
	if c.New && c.Key.Kind == WithdrawalItem {
		t.drawn = append(t.drawn, c.Key)
	}
}

// ended reports whether no rule reads an item again, unless a command names it.
func ended(it Item) bool {
	switch it := it.(type) {
	case *Device:
		return it.gone()
	case *Sharing:
		return it.State == Rejected || it.State == Cancelled
	case *Withdrawal:
		return it.State == Denied
	case *Policy:
		return true
	}
	return false
}

func (t *trace) drop(k ItemKey) {
	t.Put(k, nil)
	delete(t.origin, k)
}

// forgetCodes drops the codes that have left a user's state.
func (t *trace) forgetCodes(u *UserChange) {
	for _, was := range u.Before.Codes {
		left := !slices.ContainsFunc(u.After.Codes, func(c Code) bool { return c.ID == was.ID })
		if left && !t.wanted[was.ID] {
			t.drop(codeKey(u.Name, was.ID))
		}
	}
}

// forgetWithdrawals drops those that no window reaches any more, in any zone.
func (t *trace) forgetWithdrawals(a *AccountChange) {
	since := a.After.Clock.Add(-(daysKept + 1) * 24 * time.Hour)
	for len(t.drawn) > 0 {
		k := t.drawn[0]
		w, _ := t.items[k].(*Withdrawal)
		if w != nil && !w.Time.Before(since) {
			break
		}
		if !t.wanted[k.ID] {
			t.drop(k)
		}
		t.drawn = t.drawn[1:]
	}
}

// textsOf are the texts of a command, its ids among them.
func textsOf(d Data) map[string]bool {
	s := speller{texts: map[string]bool{}}
	d.Members(&s)
	return s.texts
}
