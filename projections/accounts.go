package projections

import (
	"fmt"

	"authledger/domain"
	"authledger/projections/rows"
)

// accounts holds the current state of each account. The rules decide withdrawals from it.
var accounts = &Projection{Name: "accounts", Version: 3, Table: 'b', Fold: foldAccounts}

// accountRow is the state of an account after the newest record that names the account.
type accountRow struct {
	last        int64 // newest record that names the account
	account     domain.Account
	count       int64 // number of records that name the account
	withdrawals int64 // number of approved withdrawals, cancelled ones included
}

func (r *accountRow) Members(v domain.Visitor) {
	v.Count("last", &r.last, domain.Free)
	v.Object("account", &r.account, domain.Free)
	v.Count("count", &r.count, domain.Free)
	v.Count("drawn", &r.withdrawals, domain.Free)
}

func foldAccounts(t *Table, s *Step) error {
	if s.account != nil {
		t.Put(t.Key().Tail(s.Changes.Account.ID), s.account)
	}
	return nil
}

// noAccount is the row of an account that no record names. It MUST NOT be changed.
var noAccount accountRow

// accountRow returns the row of an account, and the head that the row reflects. The row
// MUST NOT be changed.
func (e *Engine) accountRow(id string) (*accountRow, *rows.Head, error) {
	b, at, err := e.CachedRow(accounts.Table, id)
	if err != nil || b == nil {
		return &noAccount, at, err
	}
	row := new(accountRow)
	if err := rows.Decode(b, row); err != nil {
		return nil, nil, e.MarkDamaged(fmt.Errorf("read account %q: %w", id, err))
	}
	return row, at, nil
}

// Account returns the newest state of an account, and the newest record that names the
// account. Both are zero if no record names the account.
func (v View) Account(id string) (a domain.Account, last uint64, err error) {
	var row accountRow
	_, err = v.Read(accounts.key().Tail(id), &row)
	return row.account, uint64(row.last), err
}
