package projections

import "authledger/domain"

// Members are those of contract.md, "Queries".
func (l *Lockout) Members(v domain.Visitor) {
	failures, remaining, open := int64(l.Failures), int64(l.Remaining), int64(l.OpenAttempts)
	v.Text("user", &l.User, domain.Need)
	v.Flag("locked", &l.Locked, domain.Need)
	v.Instant("until", &l.Until, domain.Free)
	v.Count("failures", &failures, domain.Need)
	v.Count("remaining", &remaining, domain.Need)
	v.Count("openAttempts", &open, domain.Need)
	v.Object("asOf", &l.AsOf, domain.Need)
}

// Members are those of contract.md, "Queries", and whether others follow.
func (p *LockoutPage) Members(v domain.Visitor) {
	users := make([]lockedUser, len(p.Lockouts))
	for i := range p.Lockouts {
		users[i].of = &p.Lockouts[i]
	}
	v.List("lockouts", domain.List(&users))
	v.Flag("more", &p.More, domain.Need)
	v.Object("asOf", &p.AsOf, domain.Need)
}

// lockedUser is a lockout in the list of those that are in force.
type lockedUser struct{ of *Lockout }

func (l *lockedUser) Members(v domain.Visitor) {
	if l.of == nil { // of an item whose members are asked for, not their values
		l.of = new(Lockout)
	}
	failures := int64(l.of.Failures)
	v.Text("user", &l.of.User, domain.Need)
	v.Instant("until", &l.of.Until, domain.Free)
	v.Count("failures", &failures, domain.Need)
	v.Text("lastSource", &l.of.LastSource, domain.Need)
}
