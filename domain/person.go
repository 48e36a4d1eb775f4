package domain

import (
	"slices"
	"time"
)

// SystemPerson is the entity of refused person.* commands about an unknown user.
const SystemPerson Entity = "system/person"

// holdsMax is the maximum number of holds on one user.
const holdsMax = 64

var casePurposeForm = matching(`^[\p{L}\p{M}\p{N}\p{P}\p{S}\p{Zs}]{1,128}$`, "want 1 to 128 printable characters").optional()

// PersonForget erases the personal data of a user, and ends everything that the user can use to
// authenticate (PERSON-1). The ledger destroys the keys of the personal data after the record is
// on disk.
type PersonForget struct{ User, Case, By, Purpose string }

// PersonHold forbids the erasure of a user for the duration of a legal case (PERSON-2).
type PersonHold struct{ User, Case, By, Purpose string }

// PersonRelease ends the hold of one case (PERSON-3).
type PersonRelease struct{ User, Case, By, Purpose string }

func (c *PersonForget) CommandType() string        { return "person.forget" }
func (c *PersonForget) names() [2]name             { return oneName(c.User) }
func (c *PersonForget) onBehalf() (string, string) { return "by", c.By }
func (c *PersonForget) Members(v Visitor)          { caseMembers(v, &c.User, &c.Case, &c.By, &c.Purpose) }

func (c *PersonHold) CommandType() string        { return "person.hold" }
func (c *PersonHold) names() [2]name             { return oneName(c.User) }
func (c *PersonHold) onBehalf() (string, string) { return "by", c.By }
func (c *PersonHold) Members(v Visitor)          { caseMembers(v, &c.User, &c.Case, &c.By, &c.Purpose) }

func (c *PersonRelease) CommandType() string        { return "person.release" }
func (c *PersonRelease) names() [2]name             { return oneName(c.User) }
func (c *PersonRelease) onBehalf() (string, string) { return "by", c.By }
func (c *PersonRelease) Members(v Visitor)          { caseMembers(v, &c.User, &c.Case, &c.By, &c.Purpose) }

// caseMembers lists the members of the person.* commands.
func caseMembers(v Visitor, user, number, by, purpose *string) {
	v.Text("user", user, nameForm)
	v.Text("case", number, idForm)
	v.Text("by", by, idForm)
	v.Text("purpose", purpose, casePurposeForm)
}

func (c *PersonForget) decide(d *deciding) error {
	isKnown, err := d.addPerson(c.User)
	if !isKnown || err != nil {
		return err
	}
	if reason, detail := d.forgetRefusal(c.User); reason != "" {
		d.emitOverdue()
		d.refusePerson(reason, detail)
		return d.err
	}
	if err := d.addUsers(d.user.sharers(c.User)...); err != nil {
		return err
	}
	d.emitOverdue()
	d.forget()
	return nil
}

// forgetRefusal returns the first refusal of A-62 that applies, "" if none applies. No overdue event
// changes that result.
func (d *deciding) forgetRefusal(user string) (Reason, string) {
	switch {
	case len(d.user.Holds) > 0:
		return OnHold, "the data of the user is on hold: release the holds first"
	case d.openWithdrawals(user) > 0:
		return WithdrawalOpen, "an approved withdrawal of the user is neither settled nor cancelled"
	}
	return "", ""
}

// forget records that the first user of the record is forgotten, and then the end of the lockout and
// of each sharing of that user.
func (d *deciding) forget() {
	d.accept(&PersonForgotten{})
	was := *d.user
	if was.Lock.Held || len(was.Attempts) > 0 {
		d.emit(d.Time, &LockoutReleased{Attempts: int64(len(was.Attempts))})
	}
	for i := range was.Shares {
		d.emit(d.Time, &SharingCancelled{Sharing: was.Shares[i].ID})
	}
}

// sharers returns the other users of the sharings of u, each once, in order of request.
func (u *User) sharers(name string) (all []string) {
	for i := range u.Shares {
		if other := u.Shares[i].Other; other != name && !slices.Contains(all, other) {
			all = append(all, other)
		}
	}
	return all
}

func (c *PersonHold) decide(d *deciding) error {
	isKnown, err := d.addPerson(c.User)
	if !isKnown || err != nil {
		return err
	}
	d.emitOverdue()
	switch {
	case d.user.hold(c.Case) >= 0:
		d.refusePerson(AlreadyHeld, "a hold of this case stands")
	case len(d.user.Holds) >= holdsMax:
		d.refusePerson(TooMany, "the user has the maximum number of holds")
	default:
		d.accept(&PersonHeld{})
	}
	return nil
}

func (c *PersonRelease) decide(d *deciding) error {
	isKnown, err := d.addPerson(c.User)
	if !isKnown || err != nil {
		return err
	}
	d.emitOverdue()
	if d.user.hold(c.Case) < 0 {
		d.refusePerson(NotHeld, "no hold of this case stands")
		return nil
	}
	d.accept(&PersonReleased{})
	return nil
}

// addPerson adds a user to the record, without the overdue events. If no record since the last
// erasure names the user, it records a refusal and returns false.
func (d *deciding) addPerson(name string) (isKnown bool, err error) {
	if isKnown, err = d.known(name); err != nil {
		return false, err
	}
	if isKnown {
		return true, d.addUsers(name)
	}
	if err := d.addSystem(SystemPerson); err != nil {
		return false, err
	}
	d.refusePerson(UnknownUser, "no record names this user, or the user is forgotten")
	return false, nil
}

func (d *deciding) refusePerson(reason Reason, detail string) {
	d.refuse(reason, detail, &PersonRefused{reason})
}

// IsKnown reports whether a record names the user after the newest erasure.
func (u *User) IsKnown() bool { return !u.Clock.IsZero() && u.Forgotten.IsZero() }

// Forgotten returns the user whose personal data the record erases, "" if it erases none. The ledger
// destroys the keys of that user when the record is on disk.
func (r *Record) Forgotten() string {
	c, ok := r.Command.Data.(*PersonForget)
	if !ok || r.Status != Accepted {
		return ""
	}
	return c.User
}

// Hold forbids the erasure of a user for the duration of a legal case.
type Hold struct {
	Case  string
	Since time.Time
}

func (h *Hold) Members(v Visitor) {
	v.Text("case", &h.Case, Need)
	v.Instant("since", &h.Since, Need)
}

// hold returns the index of the hold of a case, -1 if none stands.
func (u *User) hold(number string) int {
	return slices.IndexFunc(u.Holds, func(h Hold) bool { return h.Case == number })
}

// WithoutCase returns a copy of the record of a person.* command for a reader who may not see the case. The
// copy has no case, officer or purpose. It has no source, caller or id either, because they can name the
// officer and the case, and no content hash, because a reader could compare it with the hashes of guessed
// members. The copy is only shown: no state follows from it.
func (r *Record) WithoutCase() *Record {
	shown := *r
	shown.Content = Hash{}
	shown.Command.Source, shown.Command.ID, shown.Command.Caller = "", "", ""
	shown.Command.Data = &withoutCase{r.Command.Data, r.Command.User()}
	return &shown
}

// IsWithoutCase reports whether [Record.WithoutCase] returned the record.
func (r *Record) IsWithoutCase() bool {
	_, ok := r.Command.Data.(*withoutCase)
	return ok
}

// withoutCase is a person.* command whose only member is the user.
type withoutCase struct {
	CommandData
	user string
}

func (c *withoutCase) Members(v Visitor) { v.Text("user", &c.user, nameForm) }
