package projections

import (
	"fmt"

	"authledger/domain"
	"authledger/projections/rows"
)

// users holds the current state of each user. The rules decide commands from it.
var users = &Projection{Name: "users", Version: 4, Table: 'u', Fold: foldUsers}

// userRow is the state of a user after the newest record that names the user.
type userRow struct {
	last  int64 // newest record that names the user
	user  domain.User
	count int64 // number of records that name the user
	first int64 // first record that names the user
}

func (r *userRow) Members(v domain.Visitor) {
	v.Count("last", &r.last, domain.Free)
	v.Object("user", &r.user, domain.Free)
	v.Count("count", &r.count, domain.Free)
	v.Count("first", &r.first, domain.Free)
}

func foldUsers(t *Table, s *Step) error {
	for _, u := range s.Users {
		t.Put(t.Key().Tail(u.Name), u.row)
	}
	return nil
}

// noUser is the row of a user that no record names. It MUST NOT be changed.
var noUser userRow

// userRow returns the row of a user, and the head that the row reflects. The row MUST NOT
// be changed.
func (e *Engine) userRow(name string) (*userRow, *rows.Head, error) {
	b, at, err := e.CachedRow(users.Table, name)
	if err != nil || b == nil {
		return &noUser, at, err
	}
	row := new(userRow)
	if err := rows.Decode(b, row); err != nil {
		return nil, nil, e.MarkDamaged(fmt.Errorf("read user %q: %w", name, err))
	}
	return row, at, nil
}

// CurrentUser returns the state of a user, and the end of the log that the state reflects.
// The state is the zero User if no record names the user.
func (e *Engine) CurrentUser(name string) (domain.User, Current, error) {
	row, head, err := e.userRow(name)
	if err != nil {
		return domain.User{}, Current{}, err
	}
	return row.user, Current{head.Seq, head.Time, policyOf(head)}, nil
}

// User returns the newest state of a user, and the newest record that names the user. Both
// are zero if no record names the user.
func (v View) User(name string) (u domain.User, last uint64, err error) {
	var row userRow
	_, err = v.Read(users.key().Tail(name), &row)
	return row.user, uint64(row.last), err
}
