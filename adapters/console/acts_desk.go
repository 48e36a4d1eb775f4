package console

import (
	"net/http"
	"net/url"
	"time"

	"authledger/domain"
)

// sharingReview approves or rejects a sharing that waits for an officer (SHARE-3).
var sharingReview = act{
	name: "sharing", right: "sharing.review", reads: "all-sharings", choice: "decision",
	fields: []field{
		{name: "sharing", kind: target},
		{name: "decision", kind: choice, choices: []string{"approve", "reject"}},
		{name: "officer", kind: person, bytesMax: idMax},
		{name: "note", kind: area, isOptional: true, bytesMax: noteMax},
	},
	about: (*visit).aboutSharing,
	command: func(_ *visit, f form) domain.CommandData {
		return &domain.SharingReview{
			Sharing: f["sharing"], Officer: f["officer"], Decision: f["decision"], Note: f["note"],
		}
	},
}

// identityVerify records that an agent has verified a user by phone (LOCK-5).
var identityVerify = act{
	name: "identity", right: "identity.verify", reads: "lockout",
	fields: []field{{name: "user", kind: target}, {name: "agent", kind: person, bytesMax: idMax}},
	about: func(v *visit, b *actBody) error {
		_, err := v.aboutLockout(b)
		return err
	},
	command: func(_ *visit, f form) domain.CommandData {
		return &domain.IdentityVerify{User: f["user"], Agent: f["agent"], Channel: "phone"}
	},
	finish: func(_ *visit, f form, o *outcome) {
		o.Next, o.NextText = formPath("lockout", url.Values{"user": {f["user"]}}), "act.lockout"
	},
}

// lockoutRelease ends the lockout of a user (LOCK-5).
var lockoutRelease = act{
	name: "lockout", right: "lockout.release", reads: "lockout",
	fields: []field{{name: "user", kind: target}, {name: "agent", kind: person, bytesMax: idMax}},
	about:  (*visit).aboutRelease,
	command: func(_ *visit, f form) domain.CommandData {
		return &domain.LockoutRelease{User: f["user"], Agent: f["agent"]}
	},
}

// aboutSharing adds a sharing that exists.
func (v *visit) aboutSharing(b *actBody) error {
	it, err := v.item(domain.SharingKey(b.values["sharing"]))
	s, ok := it.(*domain.Sharing)
	if err != nil || !ok {
		return orNoObject(err)
	}
	b.add("column.sharing", s.ID, "")
	b.add("work.requester", s.Requester, v.userPath(s.Requester))
	b.add("work.owner", s.Owner, v.userPath(s.Owner))
	b.add("column.device", v.text.Name("class", s.Class)+" "+s.Device, "")
	b.add("column.state", v.text.T("state.since", v.text.Name("state", s.State), v.since(s.Since)), "")
	if s.State != domain.Pending {
		b.Notes = append(b.Notes, "note.sharing")
	}
	return nil
}

// userState is the part of the state of a user on which a release depends.
type userState struct{ isLocked, isVerified bool }

// aboutLockout adds the lockout of a user, and the verification of the user's identity.
func (v *visit) aboutLockout(b *actBody) (is userState, err error) {
	name := b.values["user"]
	if v.badName(name) != nil {
		return is, &failure{status: http.StatusNotFound, key: "noname"}
	}
	locked, err := v.Queries.Lockout(v.r.Context(), name, v.moment.at, v.moment.seq())
	if err != nil {
		return is, err
	}
	is.isLocked = locked.Locked
	b.add("column.user", name, v.userPath(name))
	state := "lockout.open"
	switch {
	case locked.Locked && locked.Until.IsZero():
		state = "lockout.released.only"
	case locked.Locked:
		state = "lockout.locked"
	}
	b.add("lockout.state", v.text.T(state), "")
	if !locked.Until.IsZero() {
		b.add("lockout.until", v.since(locked.Until), "")
	}
	end, err := v.verifiedUntil(name)
	if is.isVerified = v.moment.at.Before(end); is.isVerified {
		b.add("work.identity", v.text.T("work.verified", v.text.Instant(end)), "")
	} else {
		b.add("work.identity", v.text.T("work.unverified"), "")
	}
	return is, err
}

// aboutRelease adds to aboutLockout the reasons why the ledger would refuse the release.
func (v *visit) aboutRelease(b *actBody) error {
	is, err := v.aboutLockout(b)
	if err != nil {
		return err
	}
	if !is.isLocked {
		b.Notes = append(b.Notes, "note.open")
	}
	if !is.isVerified {
		b.Notes = append(b.Notes, "note.unverified")
		b.Others = v.link([]string{b.values["user"]}, &identityVerify)
	}
	return nil
}

// verifiedUntil returns the end of the newest verification of a user by phone, zero without one.
func (v *visit) verifiedUntil(name string) (end time.Time, err error) {
	view, err := v.Rows.View(v.r.Context())
	if err != nil {
		return end, err
	}
	defer view.Close()
	u, _, err := view.User(name)
	if err == nil && u.Identity.Verified {
		end = u.Identity.VerifiedAt.Add(v.Rows.Policy().IdentityTTL())
	}
	return end, err
}

// item returns an item at the position of the page, nil if it does not exist.
func (v *visit) item(key domain.ItemKey) (domain.Item, error) {
	view, err := v.Rows.View(v.r.Context())
	if err != nil {
		return nil, err
	}
	defer view.Close()
	it, _, err := view.ItemAt(key, v.moment.asOf.Seq)
	return it, err
}

func orNoObject(err error) error {
	if err != nil {
		return err
	}
	return errNoObject
}

// userPath returns the path of the page of a user, "" if the caller may not see that page.
func (v *visit) userPath(name string) string {
	if !v.mayAny(userOperations) {
		return ""
	}
	return "/users/" + url.PathEscape(name)
}

// since returns an instant with its distance from the instant of the page.
func (v *visit) since(at time.Time) string { return v.text.Instant(at) + ", " + v.relative(at) }
