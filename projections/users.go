package projections

import "authledger/domain"

// users is the state of every user: what the rules decide on.
var users = &Projection{Name: "users", Version: 2, Table: 'u', Fold: foldUsers}

// userRow is a user, and the newest record that names it.
type userRow struct {
	last int64
	user domain.User
}

func (r *userRow) Members(v domain.Visitor) {
	v.Count("last", &r.last, domain.Free)
	v.Object("user", &r.user, domain.Free)
}

func foldUsers(rows *Rows, s *Step) error {
	for _, u := range s.Users {
		rows.Put(rows.Key().tail(u.Name), u.row)
	}
	return nil
}

// noUser stands for every user that no record names.
var noUser userRow
