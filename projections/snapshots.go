package projections

import (
	"time"

	"authledger/domain"
	"authledger/projections/rows"
)

// SnapshotEvery is the number of records of an entity between two of its snapshots. A query
// about the past folds fewer than SnapshotEvery records of an entity.
const SnapshotEvery = 16

// snapshots holds the state of each user and each account after every SnapshotEvery-th of
// its records. A query about the past starts at the newest snapshot before its instant.
var snapshots = &Projection{Name: "snapshots", Version: 1, Table: 's', Fold: foldSnapshots}

func foldSnapshots(t *Table, s *Step) error {
	for _, u := range s.Users {
		if u.row.count%SnapshotEvery == 0 {
			t.Put(snapshotKey(t.Key(), u.Entity).Number(s.Record.Seq), &u.row.user)
		}
	}
	if a := s.account; a != nil && a.count%SnapshotEvery == 0 {
		id := domain.AccountEntity(s.Changes.Account.ID)
		t.Put(snapshotKey(t.Key(), id).Number(s.Record.Seq), &a.account)
	}
	return nil
}

func snapshotKey(k rows.Key, of domain.Entity) rows.Key { return k.Text(string(of)) }

// Snapshot is the state of one user or one account after the record at Seq. The zero value
// is the state before the first record.
type Snapshot struct {
	Seq     uint64
	User    domain.User
	Account domain.Account
}

func (s *Snapshot) clock() time.Time {
	if s.Account.Clock.After(s.User.Clock) {
		return s.Account.Clock
	}
	return s.User.Clock
}

// Snapshot returns the newest snapshot of an entity at or before the record at seq whose
// clock is at or before t. It searches by bisection, because times within an entity never
// decrease.
func (v View) Snapshot(of domain.Entity, seq uint64, t time.Time) (best Snapshot, err error) {
	// Snapshots up to the record low are at or before t; those from high on are later.
	for low, high := uint64(0), seq+1; low+1 < high; {
		middle := low + (high-low)/2
		if low == 0 && high == seq+1 {
			middle = seq // most queries are about an instant after the newest snapshot
		}
		found, err := v.snapshotIn(of, low+1, middle)
		switch {
		case err != nil:
			return best, err
		case found.Seq > 0 && found.clock().After(t):
			high = found.Seq
		case found.Seq > 0:
			best, low = found, middle
		default:
			low = middle
		}
	}
	return best, nil
}

// snapshotIn reads the newest snapshot at one of the records first to last. It returns the
// zero Snapshot if there is no such snapshot.
func (v View) snapshotIn(of domain.Entity, first, last uint64) (s Snapshot, err error) {
	all := snapshotKey(snapshots.key(), of)
	row := domain.Data(&s.User)
	if _, ok := of.Account(); ok {
		row = &s.Account
	}
	k, found, err := v.Last(all.Clone().Number(first), all.Clone().Number(last+1), row)
	if err != nil || !found {
		return s, err
	}
	if s.Seq, _, err = k[len(all):].CutNumber(); err != nil {
		return s, v.Damage(k, err)
	}
	return s, nil
}
