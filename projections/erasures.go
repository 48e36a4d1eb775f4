package projections

import (
	"iter"
	"time"

	"authledger/domain"
)

// erasures lists the erasures of personal data in the order of their records, of all users and of each
// user. A user has several erasures if a later command started a new person with the name.
var erasures = &Projection{Name: "erasures", Version: 1, Table: 'x', Fold: foldErasures}

// Kinds of rows. Keys contain them.
const (
	erasureAll    byte = iota + 1 // an erasure by its record
	erasureOfUser                 // an erasure by its user and its record
)

type erasureRow struct {
	user, number, by, purpose string
	at                        time.Time
	seq                       int64
}

func (r *erasureRow) Members(v domain.Visitor) {
	v.Text("user", &r.user, domain.Need)
	v.Text("case", &r.number, domain.Need)
	v.Text("by", &r.by, domain.Need)
	v.Text("purpose", &r.purpose, domain.Free)
	v.Instant("at", &r.at, domain.Need)
	v.Count("seq", &r.seq, domain.Need)
}

func foldErasures(t *Table, s *Step) error {
	user := s.Record.Forgotten()
	if user == "" {
		return nil
	}
	c := s.Record.Command.Data.(*domain.PersonForget)
	row := erasureRow{user, c.Case, c.By, c.Purpose, s.Record.Time, int64(s.Record.Seq)}
	t.Put(seqKey(t.Key().Byte(erasureAll), row.seq), &row)
	t.PutAgain(seqKey(t.Key().Byte(erasureOfUser).Text(user), row.seq))
	return nil
}

// Erasure is an erasure of the personal data of a user.
type Erasure struct {
	User, Case, By, Purpose string
	At                      time.Time
	Seq                     uint64 // the record of the erasure
}

// Erasures yields the erasures with records between two exclusive bounds: of a user, or with user "" of
// all users.
func (v View) Erasures(user string, isOldestFirst bool, above, below uint64) iter.Seq[Erasure] {
	of := erasures.key().Byte(erasureAll)
	if user != "" {
		of = erasures.key().Byte(erasureOfUser).Text(user)
	}
	return func(yield func(Erasure) bool) {
		for k, b := range v.ofSeqs(of, isOldestFirst, above, below) {
			var r erasureRow
			if err := v.Decode(k, b, &r); err != nil {
				v.Fail(err)
				return
			}
			if !yield(Erasure{r.user, r.number, r.by, r.purpose, r.at, uint64(r.seq)}) {
				return
			}
		}
	}
}
