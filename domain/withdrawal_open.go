package domain

// OpenWithdrawals is the item with the number of approved withdrawals of a user that are neither
// settled nor cancelled. The records of withdrawals name accounts and not users, so the number is no
// part of the [User].
type OpenWithdrawals struct{ Count int64 }

func (o *OpenWithdrawals) item()             {}
func (o *OpenWithdrawals) Members(v Visitor) { v.Count("count", &o.Count, Need) }

// OpenWithdrawalsKey returns the key of the [OpenWithdrawals] of a user. It has no id.
func OpenWithdrawalsKey(user string) ItemKey {
	return ItemKey{Kind: OpenWithdrawalsItem, Owner: user}
}

// openWithdrawals returns the number of open withdrawals of a user.
func (f *fold) openWithdrawals(user string) int64 {
	o, ok := f.item(OpenWithdrawalsKey(user)).(*OpenWithdrawals)
	if !ok {
		return 0
	}
	return o.Count
}

// countOpen adds to the number of open withdrawals of a user. A history of some entities only may
// lack requests, so the number does not fall below 0.
func (f *fold) countOpen(user string, change int64) {
	k := OpenWithdrawalsKey(user)
	was := f.openWithdrawals(user)
	switch count := max(was+change, 0); {
	case count > 0:
		f.put(k, &OpenWithdrawals{count})
	case was > 0:
		f.put(k, nil)
	}
}
