package explain

import (
	"slices"
	"time"

	"authledger/domain"
)

// History provides the log before a record: the states on which the ledger decided the record,
// and the earlier records that set these states.
type History interface {
	domain.States
	// Adopted returns the record that adopted Policy, 0 if the policy is built in.
	Adopted() uint64
	// ItemSetBy returns the record that set the state of an item.
	ItemSetBy(k domain.ItemKey) (Origin, error)
	// ClockSetBy returns the record that set the clock of an entity.
	ClockSetBy(e domain.Entity) (Origin, error)
	// PartSetBy returns the record that set a part of an entity's state (see [UserParts]).
	// If later is n, n newer records also set the part, and PartSetBy skips them.
	PartSetBy(e domain.Entity, part string, later int) (Origin, error)
	// Drawn returns the withdrawals of an account for which [domain.Withdrawal.Counts] is
	// true, oldest first. It returns at most limit withdrawals. It omits the withdrawals whose
	// request is at or before the record after.
	Drawn(account string, since time.Time, after uint64, limit int) ([]Drawn, error)
	// CountDrawn returns the number of withdrawals of an account for which
	// [domain.Withdrawal.Counts] is true.
	CountDrawn(account string, since time.Time) (int64, error)
}

// Origin identifies the record that set a state. The zero Origin identifies no record.
type Origin struct {
	Seq uint64
	At  time.Time // effective time of the record
}

// Drawn is a withdrawal and the record that set its state.
type Drawn struct {
	Withdrawal *domain.Withdrawal
	By         Origin
}

// ClockPart is the part that [UserParts] reports if a record changes User.Backfilled and
// leaves the time of the user's clock unchanged.
const ClockPart = clockFact

// UserParts calls set with each part of a user's state that the record r has set: the
// lockout, each attempt, each sharing and so on. A [History] uses these calls to find the
// record that set a part. UserParts does not report that the clock moved: the record that set
// a clock is the record whose time the clock has. Rows store the names of the parts, so a
// changed name requires a new version of the projection.
func UserParts(c *domain.UserChange, r *domain.Record, set func(part string)) {
	was, is := &c.Before, &c.After
	if is.Clock.Equal(was.Clock) && is.Backfilled != was.Backfilled {
		set(ClockPart)
	}
	if hasFailure(r, c.Name) {
		set(failureFact)
	}
	if is.Lock.Held && !equalLocks(is.Lock, was.Lock) {
		set(lockFact)
	}
	if is.Identity.Fingerprint != "" && is.Identity.Fingerprint != was.Identity.Fingerprint {
		set(fingerprintFact)
	}
	if is.Identity.Verified && !(was.Identity.Verified && is.Identity.VerifiedAt.Equal(was.Identity.VerifiedAt)) {
		set(verificationFact)
	}
	if !is.SMS.IsZero() && !is.SMS.Equal(was.SMS) {
		set(smsFact)
	}
	if is.Turns > 0 && (is.Turns != was.Turns || is.Activated != was.Activated) {
		set(turnsFact)
	}
	for i := range is.Attempts {
		a := &is.Attempts[i]
		if !slices.ContainsFunc(was.Attempts, func(o domain.Attempt) bool { return a.ID == o.ID && a.Until.Equal(o.Until) }) {
			set(partID(attemptFact, a.ID))
		}
	}
	if !is.Forgotten.IsZero() {
		set(forgottenFact)
	}
	for i := range is.Holds {
		h := &is.Holds[i]
		if !slices.ContainsFunc(was.Holds, func(o domain.Hold) bool { return h.Case == o.Case && h.Since.Equal(o.Since) }) {
			set(partID(holdFact, h.Case))
		}
	}
	for i := range is.Shares {
		s := &is.Shares[i]
		if !slices.ContainsFunc(was.Shares, func(o domain.Share) bool { return equalShares(*s, o) }) {
			set(partID(shareFact, s.ID))
		}
	}
}

// AccountParts calls set with each part of an account's state that the record has set.
func AccountParts(c *domain.AccountChange, set func(part string)) {
	if c.After.Zone != "" && c.After.Zone != c.Before.Zone {
		set(zoneFact)
	}
}

// partID identifies a part among the parts of one state.
func partID(kind, id string) string {
	if id == "" {
		return kind
	}
	return kind + " " + id
}

// hasFailure reports whether the record has a failed login of a user that counts towards a
// lockout.
func hasFailure(r *domain.Record, user string) bool {
	name, _ := r.Entities[0].User()
	return name == user && slices.ContainsFunc(r.Events, func(e domain.Event) bool {
		failure, ok := e.Data.(*domain.LoginFailed)
		return ok && domain.CountsAsFailure(failure.Reason)
	})
}

func equalLocks(a, b domain.Lock) bool {
	return a.Held == b.Held && a.Since.Equal(b.Since) && a.Until.Equal(b.Until)
}

func equalShares(a, b domain.Share) bool {
	since := b.Since
	b.Since = a.Since
	return a == b && a.Since.Equal(since)
}
