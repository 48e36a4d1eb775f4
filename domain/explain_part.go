package domain

import (
	"strconv"
	"time"
)

// The kinds of facts: the parts of states. A fact of a kind holds the state that
// [NewFactState] makes for it.
const (
	clockFact        = "clock"        // of any entity
	failureFact      = "failure"      // of a user's run, one each
	lockFact         = "lock"         // of a user, and so on to shareFact
	attemptFact      = "attempt"      //
	fingerprintFact  = "fingerprint"  //
	verificationFact = "verification" //
	smsFact          = "sms"          // the newest
	turnsFact        = "turns"        //
	deviceFact       = "device"       //
	codeFact         = "code"         // live, or the newest passcode or card
	oldCodeFact      = "old_code"     // any other
	shareFact        = "share"        // a sharing as one of its users has it
	sharingFact      = "sharing"      // of the realm
	holderFact       = "holder"       // of the realm
	joinersFact      = "joiners"      // of the realm
	labelFact        = "label"        // of the realm: a policy adopted before
	zoneFact         = "zone"         // of an account
	withdrawalFact   = "withdrawal"   // of an account
)

// FactKinds are all kinds of facts.
func FactKinds() []string {
	return []string{
		clockFact, failureFact, lockFact, attemptFact, fingerprintFact, verificationFact, smsFact, turnsFact, deviceFact,
		codeFact, oldCodeFact, shareFact, sharingFact, holderFact, joinersFact, labelFact, zoneFact, withdrawalFact,
	}
}

// NewFactState makes the empty state of a kind of fact, nil if there is no such
// kind.
func NewFactState(kind string) Data {
	switch kind {
	case clockFact:
		return new(FactClock)
	case failureFact, verificationFact, smsFact:
		return new(FactInstant)
	case lockFact:
		return new(Lock)
	case attemptFact:
		return new(Attempt)
	case fingerprintFact, zoneFact:
		return new(FactText)
	case turnsFact:
		return new(FactTurns)
	case deviceFact:
		return new(Device)
	case codeFact, oldCodeFact:
		return new(Code)
	case shareFact:
		return new(Share)
	case sharingFact:
		return new(Sharing)
	case holderFact, joinersFact:
		return new(FactHolders)
	case labelFact:
		return new(Policy)
	case withdrawalFact:
		return new(FactWithdrawal)
	}
	return nil
}

// FactClock is the clock of an entity.
type FactClock struct {
	Clock      time.Time
	Backfilled bool // of a user: the newest record is a backfill
}

func (c *FactClock) Members(v Visitor) {
	v.Instant("clock", &c.Clock, Need)
	v.Flag("backfilled", &c.Backfilled, Free)
}

// FactInstant is when something happened.
type FactInstant struct{ At time.Time }

func (i *FactInstant) Members(v Visitor) { v.Instant("at", &i.At, Need) }

// FactText is a fingerprint, or the zone of an account's days.
type FactText struct{ Text string }

func (t *FactText) Members(v Visitor) { v.Text("text", &t.Text, Need) }

// FactTurns tells which came first: see [User].
type FactTurns struct{ Turns, Activated int64 }

func (t *FactTurns) Members(v Visitor) {
	v.Count("turns", &t.Turns, Need)
	v.Count("activated", &t.Activated, Free)
}

// FactHolders are who has a physical device as an own one, or who joined
// an app through a user, in that order (DEV-9).
type FactHolders struct {
	Device  string
	Through string
	Users   []string
}

func (h *FactHolders) Members(v Visitor) {
	v.Text("device", &h.Device, Need)
	v.Text("through", &h.Through, Free)
	v.Texts("users", &h.Users)
}

// FactWithdrawal is a withdrawal, its worth as an amount.
type FactWithdrawal struct {
	Withdrawal
	Day string // on which it counts, in the zone of the account's days
}

func (w *FactWithdrawal) Members(v Visitor) {
	usd, seq := w.USD.String(), int64(w.Seq)
	v.Text("withdrawal", &w.ID, Need)
	v.Text("user", &w.User, Need)
	v.Text("device", &w.Device, Free)
	v.Text("code", &w.Code, Free)
	v.Text("amount", &w.Amount, Need)
	v.Text("currency", &w.Currency, Need)
	v.Text("usdAmount", &w.USDAmount, Free)
	v.Text("state", &w.State, Need)
	v.Text("usd", &usd, Need)
	v.Text("day", &w.Day, Free)
	v.Instant("time", &w.Time, Need)
	v.Count("seq", &seq, Need)
	v.Instant("since", &w.Since, Need)
	w.USD, w.Seq = mustUSD(usd), uint64(seq)
}

// part is a part of a state.
type part struct {
	kind, name string // the name tells it from others of its kind
	state      Data
}

func (p *part) id() string { return p.kind + " " + p.name }

// clockPart is the clock of an entity.
func clockPart(f *Folded, e Entity) []part {
	c := FactClock{Clock: f.clocks[e]}
	if name, ok := e.User(); ok {
		c.Backfilled = f.users[name].Backfilled
	}
	if c.Clock.IsZero() {
		return nil
	}
	return []part{{clockFact, "", &c}}
}

// userParts are the parts of a user that are no items, and not the run.
func userParts(u *User) (all []part) {
	add := func(there bool, kind, name string, state Data) {
		if there {
			all = append(all, part{kind, name, state})
		}
	}
	add(u.Lock.Held, lockFact, "", &u.Lock)
	for i := range u.Attempts {
		add(true, attemptFact, u.Attempts[i].ID, &u.Attempts[i])
	}
	add(u.Identity.Fingerprint != "", fingerprintFact, "", &FactText{u.Identity.Fingerprint})
	add(u.Identity.Verified, verificationFact, "", &FactInstant{u.Identity.VerifiedAt})
	add(!u.SMS.IsZero(), smsFact, "", &FactInstant{u.SMS})
	add(u.Turns > 0, turnsFact, "", &FactTurns{u.Turns, u.Activated})
	for i := range u.Shares {
		add(true, shareFact, u.Shares[i].ID, &u.Shares[i])
	}
	return all
}

func zonePart(a *Account) []part {
	if a.Zone == "" {
		return nil
	}
	return []part{{zoneFact, "", &FactText{a.Zone}}}
}

// failureParts are the counted failures of a run.
func failureParts(u *User) (all []part) {
	for i := range u.Run.Failures {
		all = append(all, part{failureFact, strconv.Itoa(i), &FactInstant{u.Run.Failures[i]}})
	}
	return all
}
