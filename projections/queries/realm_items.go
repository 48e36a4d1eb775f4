package queries

import (
	"time"

	"authledger/domain"
)

// itemAt returns the state of an item at the moment, nil if it did not exist. It applies the
// deadlines of the item.
func (r *realm) itemAt(key domain.ItemKey) (domain.Item, error) {
	if r.isPresent {
		it, err := r.view.ItemNow(key)
		if err != nil {
			return nil, err
		}
		return r.lapsed(key.Owner, it)
	}
	for seq := r.asOf.Seq; seq > 0; {
		it, by, err := r.view.ItemAt(key, seq)
		if err != nil || it == nil {
			return nil, err
		}
		begin, err := r.beginOf(key, it, by)
		if err != nil {
			return nil, err
		}
		if !begin.After(r.at) {
			return r.lapsed(key.Owner, it)
		}
		seq = by - 1
	}
	return nil, nil
}

// beginOf returns the start of the state of an item. The record with the number by set the state.
func (r *realm) beginOf(key domain.ItemKey, it domain.Item, by uint64) (time.Time, error) {
	switch it := it.(type) {
	case *domain.Device:
		return it.Since, nil
	case *domain.Sharing:
		return it.Since, nil
	case *domain.Withdrawal:
		return it.Since, nil
	case *domain.Code:
		switch it.State {
		case domain.Full, domain.Live:
			return it.Issued, nil
		case domain.Restricted:
			before, _, err := r.view.ItemAt(key, by-1)
			if was, ok := before.(*domain.Code); ok {
				return was.Until, err // the full state ends at its deadline
			}
			return it.Issued, err
		}
		return it.Until, nil
	}
	return time.Time{}, nil
}

// lapsed returns an item after its deadlines up to the instant.
func (r *realm) lapsed(owner string, it domain.Item) (domain.Item, error) {
	switch it := it.(type) {
	case *domain.Device:
		if it.State == domain.Shipped && r.hasLapsed(it.Due) {
			active := *it
			active.State, active.Since, active.Method, active.Due = domain.Active, it.Due, domain.Auto, time.Time{}
			return &active, nil
		}
	case *domain.Code:
		switch {
		case !it.IsLive():
		case it.Kind == domain.TempPasscode || it.Kind == domain.OnlineCard: // a device may have activated, too (DEV-5)
			return r.lapsedCode(owner, it)
		case r.hasLapsed(it.Until):
			expired := *it
			expired.State = domain.Expired
			return &expired, nil
		}
	}
	return it, nil
}

// lapsedCode returns a code after all deadlines of its user. It returns nil if the page may fold the
// records of no more users.
func (r *realm) lapsedCode(owner string, code *domain.Code) (domain.Item, error) {
	u, _, err := r.userAt(owner)
	if err != nil || r.hasEnded {
		return nil, err
	}
	_, changes := u.Lapsed(owner, r.at)
	for _, c := range changes {
		if c.Key == domain.CodeKey(owner, code.ID) {
			return c.Item, nil
		}
	}
	return code, nil
}
