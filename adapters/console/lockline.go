package console

import (
	"time"

	"authledger/adapters/console/lockline"
	"authledger/domain"
	"authledger/projections/queries"
)

// lockoutPart is the lockout state of a user, with the time line of failures and lockouts.
type lockoutPart struct {
	queries.Lockout
	Limit  int64 // failures that lock the user out
	Window time.Duration
	Line   *lockline.Line // nil if there is nothing to draw
	Acts   []actLink
}

func (v *visit) addLockout(b *userBody) error {
	found, err := v.Queries.Lockout(v.r.Context(), b.User, v.moment.at, v.moment.seq())
	if err != nil {
		return err
	}
	policy, _, err := v.Queries.PolicyAt(v.r.Context(), v.moment.seq())
	if err != nil {
		return err
	}
	found.Forgotten = v.caller.Role.ErasedAt(found.Forgotten)
	p := &lockoutPart{Lockout: found, Limit: policy.Failures, Window: policy.FailureWindow()}
	if b.Lockout = p; p.Locked {
		p.Acts = v.linkNow([]string{b.User}, &identityVerify, &lockoutRelease)
	}
	entries, isCut, err := v.lockEntries(b.User, p)
	if err != nil {
		return err
	}
	p.Line = lockline.Draw(&lockline.State{
		Now: v.moment.at, Window: p.Window, Locked: p.Locked, Since: p.Since, Until: p.Until,
		Failures: p.FailureTimes,
	}, entries, func(e *lockline.Entry) string {
		return v.text.Name("mark", e.Kind) + ", " + v.text.Instant(e.At)
	})
	if p.Line != nil {
		p.Line.IsCut = isCut
	}
	return nil
}

// lockEntries returns the events of the time line, the oldest first. Without the right to
// read the timeline, it returns the failures and the lockout of the state.
func (v *visit) lockEntries(user string, p *lockoutPart) (all []lockline.Entry, isCut bool, err error) {
	if !v.may("timeline") {
		for _, at := range p.FailureTimes {
			all = append(all, lockline.Entry{At: at, Kind: "failure"})
		}
		if p.Locked {
			all = append(all, lockline.Entry{At: p.Since, Kind: "locked"})
		}
		return all, false, nil
	}
	found, err := v.Queries.Newest(v.r.Context(), queries.Back{
		Entity: domain.UserEntity(user), Until: v.moment.until, AsOf: v.moment.seq(), Limit: eventsDrawn,
		Scan: eventsDrawn,
	})
	if err != nil {
		return nil, false, err
	}
	for i := len(found.Records) - 1; i >= 0; i-- {
		r := &found.Records[i]
		for j := range r.Events {
			e := &r.Events[j]
			if kind := lockKind(e.Data); kind != "" && (e.Entity == "" ||
				e.Entity == domain.UserEntity(user)) {
				all = append(all, lockline.Entry{At: e.At, Kind: kind, Seq: r.Seq})
			}
		}
	}
	return all, found.Next > 0, nil
}

// lockKind returns the kind of an entry, "" for an event that the time line does not show.
func lockKind(data domain.EventData) string {
	switch e := data.(type) {
	case *domain.LoginFailed:
		if domain.CountsAsFailure(e.Reason) {
			return "failure"
		}
	case *domain.LoginSucceeded:
		return "success"
	case *domain.LoginRefused:
		return "refused"
	case *domain.LockoutStarted:
		return "locked"
	case *domain.LockoutExtended:
		return "extended"
	case *domain.LockoutExpired:
		return "expired"
	case *domain.LockoutReleased:
		return "released"
	}
	return ""
}
