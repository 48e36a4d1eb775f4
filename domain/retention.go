package domain

import (
	"strings"
	"time"
)

// SourceRetention is the number of whole calendar months, in UTC, for which the ledger keeps the key of
// a month of unattributed attempts after the end of that month (PERSON-4).
const SourceRetention = 13

const (
	monthPrefix = "month/"
	monthLayout = monthPrefix + "2006-01" // months sort as texts
)

// monthOwner returns the subject whose key seals the personal members of an unattributed attempt at t.
func monthOwner(t time.Time) string { return t.UTC().Format(monthLayout) }

// OldestRetained returns the subject of the oldest month whose key a ledger still has at the instant at
// (PERSON-4). It changes only at the first instant of a month. A ledger that destroys a key, or stores
// a record, MUST use the time of a commit, because the log determines which keys exist. A reader MAY use
// the clock of the node.
func OldestRetained(at time.Time) string {
	at = at.UTC()
	// The first day exists in every month, so that AddDate does not skip a shorter month.
	first := time.Date(at.Year(), at.Month(), 1, 0, 0, 0, 0, time.UTC)
	return monthOwner(first.AddDate(0, -SourceRetention, 0))
}

// IsPastRetention reports whether owner is the subject of a month whose key no longer exists at the
// instant at, which is as for [OldestRetained].
func IsPastRetention(owner string, at time.Time) bool {
	return strings.HasPrefix(owner, monthPrefix) && owner < OldestRetained(at)
}

// MonthOwner returns the subject of the month whose key seals the personal members of r. It returns ""
// if r has no personal members, or is attributed to a user.
func (r *Record) MonthOwner() string {
	if r.Personal == nil || r.Unattributed() == nil {
		return ""
	}
	return monthOwner(r.Command.Time)
}
