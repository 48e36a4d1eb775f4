package projections

import "authledger/domain"

// accounts is the state of every account: what the rules decide withdrawals on.
var accounts = &Projection{Name: "accounts", Version: 1, Table: 'b', Fold: foldAccounts}

// accountRow is an account, and the newest record that names it.
type accountRow struct {
	last    int64
	account domain.Account
}

func (r *accountRow) Members(v domain.Visitor) {
	v.Count("last", &r.last, domain.Free)
	v.Object("account", &r.account, domain.Free)
}

func foldAccounts(rows *Rows, s *Step) error {
	if a := &s.Changes.Account; a.ID != "" {
		rows.Put(rows.Key().tail(a.ID), &accountRow{int64(s.Record.Seq), a.After})
	}
	return nil
}
