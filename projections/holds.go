package projections

import (
	"cmp"
	"iter"
	"slices"
	"time"

	"authledger/domain"
	"authledger/projections/rows"
)

// holds lists the holds of the realm in the order of their records: all holds, the standing holds, and
// the holds of each user, and the standing holds of each user by their case. The lists of standing holds
// stay short, so that a page of the present reads no ended hold.
var holds = &Projection{Name: "holds", Version: 1, Table: 'f', Fold: foldHolds}

// Kinds of rows. Keys contain them.
const (
	holdAll      byte = iota + 1 // a hold by its record
	holdStanding                 // a standing hold by its record
	holdOfUser                   // a hold by its user and its record
	holdOfCase                   // a standing hold by its user and its case
)

// holdRow is a hold. The fields end and last are zero until a release ends the hold.
type holdRow struct {
	user, number, by, purpose string
	since, end                time.Time
	first, last               int64 // the records that began and ended the hold
}

func (r *holdRow) Members(v domain.Visitor) {
	v.Text("user", &r.user, domain.Need)
	v.Text("case", &r.number, domain.Need)
	v.Text("by", &r.by, domain.Need)
	v.Text("purpose", &r.purpose, domain.Free)
	v.Instant("since", &r.since, domain.Need)
	v.Instant("end", &r.end, domain.Free)
	v.Count("first", &r.first, domain.Need)
	v.Count("last", &r.last, domain.Free)
}

func foldHolds(t *Table, s *Step) error {
	if s.Record.Status != domain.Accepted {
		return nil
	}
	switch c := s.Record.Command.Data.(type) {
	case *domain.PersonHold:
		row := holdRow{user: c.User, number: c.Case, by: c.By, purpose: c.Purpose,
			since: s.Record.Time, first: int64(s.Record.Seq)}
		t.Put(seqKey(t.Key().Byte(holdAll), row.first), &row)
		t.PutAgain(seqKey(t.Key().Byte(holdStanding), row.first))
		t.PutAgain(seqKey(t.Key().Byte(holdOfUser).Text(c.User), row.first))
		t.PutAgain(holdKey(t.Key(), c.User, c.Case))
	case *domain.PersonRelease:
		return releaseHold(t, s.Record, c)
	}
	return nil
}

func releaseHold(t *Table, r *domain.Record, c *domain.PersonRelease) error {
	var row holdRow
	stands, err := t.Get(holdKey(t.Key(), c.User, c.Case), &row)
	if err != nil || !stands {
		return err
	}
	row.end, row.last = r.Time, int64(r.Seq)
	t.Put(seqKey(t.Key().Byte(holdAll), row.first), &row)
	t.PutAgain(seqKey(t.Key().Byte(holdOfUser).Text(c.User), row.first))
	t.Remove(seqKey(t.Key().Byte(holdStanding), row.first))
	t.Remove(holdKey(t.Key(), c.User, c.Case))
	return nil
}

func holdKey(k rows.Key, user, number string) rows.Key {
	return k.Byte(holdOfCase).Text(user).Tail(number)
}

func seqKey(k rows.Key, seq int64) rows.Key { return k.Number(uint64(seq)) }

// Hold is a hold on the personal data of a user.
type Hold struct {
	User, Case, By, Purpose string
	Since                   time.Time
	Seq                     uint64 // the record that began the hold

	End     time.Time // zero for a hold that no record ends
	LastSeq uint64    // the record that ended the hold
}

// StandsAt reports whether the hold stands at an instant after the record at seq.
func (h *Hold) StandsAt(at time.Time, seq uint64) bool {
	hasEnded := h.LastSeq > 0 && h.LastSeq <= seq && !h.End.After(at)
	return h.Seq <= seq && !h.Since.After(at) && !hasEnded
}

// Holds yields the holds with records between two exclusive bounds: of a user, or with user "" of all
// users. With isStanding it yields only holds that no record ends.
func (v View) Holds(user string, isStanding, isOldestFirst bool, above, below uint64) iter.Seq[Hold] {
	of := holds.key().Byte(holdAll)
	switch {
	case user != "" && isStanding:
		return v.standingHolds(user, isOldestFirst, above, below)
	case user != "":
		of = holds.key().Byte(holdOfUser).Text(user)
	case isStanding:
		of = holds.key().Byte(holdStanding)
	}
	return v.holdsOf(v.ofSeqs(of, isOldestFirst, above, below))
}

// standingHolds yields the holds of a user that no record ends. The rows are in the order of the cases, and
// a user has at most 64 of them, so that standingHolds sorts them in memory.
func (v View) standingHolds(user string, isOldestFirst bool, above, below uint64) iter.Seq[Hold] {
	return func(yield func(Hold) bool) {
		of := holds.key().Byte(holdOfCase).Text(user)
		var all []Hold
		for h := range v.holdsOf(v.Scan(of, of.After())) {
			if above < h.Seq && h.Seq < below {
				all = append(all, h)
			}
		}
		slices.SortFunc(all, func(a, b Hold) int { return cmp.Compare(a.Seq, b.Seq) })
		if !isOldestFirst {
			slices.Reverse(all)
		}
		for i := range all {
			if !yield(all[i]) {
				return
			}
		}
	}
}

// holdsOf yields the holds of rows.
func (v View) holdsOf(scan iter.Seq2[rows.Key, []byte]) iter.Seq[Hold] {
	return func(yield func(Hold) bool) {
		for k, b := range scan {
			var r holdRow
			if err := v.Decode(k, b, &r); err != nil {
				v.Fail(err)
				return
			}
			h := Hold{r.user, r.number, r.by, r.purpose, r.since, uint64(r.first), r.end, uint64(r.last)}
			if !yield(h) {
				return
			}
		}
	}
}

// ofSeqs scans the rows with a prefix and a record between two exclusive bounds.
func (v View) ofSeqs(of rows.Key, isOldestFirst bool, above, below uint64) iter.Seq2[rows.Key, []byte] {
	if above+1 >= below {
		return func(func(rows.Key, []byte) bool) {}
	}
	from, to := of.Clone().Number(above+1), of.Clone().Number(below)
	if isOldestFirst {
		return v.Scan(from, to)
	}
	return v.ScanBack(from, to)
}
