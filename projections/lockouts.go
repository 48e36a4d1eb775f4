package projections

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// ListMax is the most that one page of a list holds (contract, HTTP).
const ListMax = 1000

// LockoutPage is some of the users that are locked at an instant, by name.
type LockoutPage struct {
	AsOf     AsOf
	At       time.Time
	Lockouts []Lockout
	More     bool // there are others after the last
}

// Lockouts answers who is locked at an instant, from the whole log, or up to the
// record asOf if it is not nil, as [Engine.Lockout] does for one. It returns at
// most limit users, of those whose names are after the given one; limit is at
// most [ListMax].
//
// What it costs follows from the locks in force about then. With asOf it looks
// at every lock that began before, which is slow in a long log.
func (e *Engine) Lockouts(ctx context.Context, log Log, at time.Time, asOf *uint64, limit int, after string) (LockoutPage, error) {
	v, err := e.view(ctx)
	if err != nil {
		return LockoutPage{}, fmt.Errorf("lockouts: %w", err)
	}
	defer v.close()
	p, err := v.past(log, at, asOf)
	if err != nil {
		return LockoutPage{}, fmt.Errorf("lockouts: %w", err)
	}
	page, err := p.lockouts(ctx, min(max(limit, 1), ListMax), after)
	if err != nil {
		return LockoutPage{}, fmt.Errorf("lockouts: %w", err)
	}
	return page, nil
}

// lockouts asks for every candidate, some more than limit at a time: with asOf
// a candidate need not have been locked.
func (p *past) lockouts(ctx context.Context, limit int, after string) (LockoutPage, error) {
	page := LockoutPage{AsOf: p.asOf, At: p.at}
	for {
		names, err := p.candidates(ctx, limit+1, after)
		if err != nil {
			return page, err
		}
		for _, name := range names {
			l, err := p.lockout(ctx, name)
			switch {
			case err != nil:
				return page, err
			case l.Locked && len(page.Lockouts) == limit:
				page.More = true
				return page, nil
			case l.Locked:
				page.Lockouts = append(page.Lockouts, l)
			}
			after = name
		}
		if len(names) <= limit {
			return page, nil
		}
	}
}

// candidates are the first most users after the given one, by name, that may be
// locked: none that is locked is missing.
func (p *past) candidates(ctx context.Context, most int, after string) ([]string, error) {
	found := firstNames{most: most, after: after}
	if err := p.collect(ctx, locks.key(), lasting, &found); err != nil {
		return nil, err
	}
	for class := lasting + 1; class <= classesMax; class++ {
		from := append(locks.key(), byte(class))
		if reach := classReach(class); p.whole && reach > 0 {
			from = from.instant(p.at.Add(-reach))
		}
		if err := p.collect(ctx, from, byte(class), &found); err != nil {
			return nil, err
		}
	}
	return found.names, nil
}

// collect looks through the spells of a class that begin at or before the
// instant.
func (p *past) collect(ctx context.Context, from key, class byte, found *firstNames) error {
	to := append(locks.key(), class)
	if class == lasting {
		to = to.after()
	} else {
		to = to.instant(p.at).after()
	}
	n := 0
	for k, b := range p.view.scan(from, to) {
		if n++; n%compareEvery == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		var spell spellRow
		if err := p.view.decode(k, b, &spell); err != nil {
			return err
		}
		if p.may(&spell) {
			found.add(spell.user)
		}
	}
	return p.view.err
}

// may reports whether the user may be locked by the spell. As of the end of the
// log it is so if the spell covers the instant; as of a position before it, an
// end or an extension that came later is not known yet.
func (p *past) may(s *spellRow) bool {
	if p.whole {
		return s.covers(p.at)
	}
	seq := int64(p.asOf.Seq)
	ended := s.last > 0 && s.last <= seq
	return s.first <= seq && !s.begin.After(p.at) && !(ended && !s.end.After(p.at))
}

// firstNames keeps the first few names after one, in order.
type firstNames struct {
	most  int
	after string
	names []string
}

func (f *firstNames) add(name string) {
	if name <= f.after {
		return
	}
	i, found := slices.BinarySearchFunc(f.names, name, strings.Compare)
	if found || i == f.most {
		return
	}
	if len(f.names) == f.most {
		f.names = f.names[:f.most-1]
	}
	f.names = slices.Insert(f.names, i, name)
}
