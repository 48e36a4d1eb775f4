package domain

import (
	"slices"
	"time"
)

// The states of a sharing.
const (
	Pending   = "pending"
	Approved  = "approved"
	Rejected  = "rejected"
	Cancelled = "cancelled"
)

// Sharing is a physical device of one user that another may use.
type Sharing struct {
	ID, Requester, Owner, Device, Class string
	State                               string
	Since                               time.Time // start of the state
}

func (s *Sharing) item() {}

func (s *Sharing) Members(v Visitor) {
	v.Text("id", &s.ID, Need)
	v.Text("requester", &s.Requester, Need)
	v.Text("owner", &s.Owner, Need)
	v.Text("device", &s.Device, Need)
	v.Text("class", &s.Class, Need)
	v.Text("state", &s.State, Need)
	v.Instant("since", &s.Since, Need)
}

// party reports whether somebody is one of the two users.
func (s *Sharing) party(name string) bool { return name == s.Requester || name == s.Owner }

func sharingKey(id string) ItemKey { return ItemKey{Kind: SharingItem, ID: id} }

func (f *fold) sharing(id string) *Sharing {
	s, _ := f.item(sharingKey(id)).(*Sharing)
	return s
}

// Share is a pending or approved sharing as one of its users sees it.
type Share struct {
	ID, Other, Device, Class string
	State                    string
	Borrower                 bool  // the user is the requester
	Turn                     int64 // of the requester's, at the grant
	Since                    time.Time
}

func (s *Share) Members(v Visitor) {
	v.Text("id", &s.ID, Need)
	v.Text("other", &s.Other, Need)
	v.Text("device", &s.Device, Need)
	v.Text("class", &s.Class, Need)
	v.Text("state", &s.State, Need)
	v.Flag("borrower", &s.Borrower, Free)
	v.Count("turn", &s.Turn, Free)
	v.Instant("since", &s.Since, Need)
}

// borrowed reports whether the device is active for the user through it.
func (s *Share) borrowed() bool { return s.Borrower && s.State == Approved }

// borrowedDevice is the sharing that makes a device of another active for the
// user, nil if there is none.
func (u *User) borrowedDevice(device string) *Share {
	for i := range u.Shares {
		if s := &u.Shares[i]; s.borrowed() && s.Device == device {
			return s
		}
	}
	return nil
}

// borrows reports whether any sharing in force makes the user a requester.
func (u *User) borrows() bool {
	return slices.ContainsFunc(u.Shares, func(s Share) bool { return s.borrowed() })
}

// lent is the sharings of a device of the user's, in order of request.
func (u *User) lent(device string) []Share {
	var all []Share
	for _, s := range u.Shares {
		if !s.Borrower && s.Device == device {
			all = append(all, s)
		}
	}
	return all
}

// changeShare gives a sharing of the user that evolves another state. Of the two
// users the requester tells its item.
func (u *User) changeShare(f *fold, id, state string) {
	i := slices.IndexFunc(u.Shares, func(s Share) bool { return s.ID == id })
	if i < 0 {
		return
	}
	u.Shares = slices.Clone(u.Shares)
	u.Shares[i].State, u.Shares[i].Since = state, f.at
	borrower := u.Shares[i].Borrower
	if state == Rejected || state == Cancelled {
		u.Shares = slices.Delete(u.Shares, i, i+1)
	}
	if s := f.sharing(id); s != nil && borrower {
		changed := *s
		changed.State, changed.Since = state, f.at
		f.put(sharingKey(id), &changed)
	}
}

// SharingRequested: one user asked to use a device of another.
type SharingRequested struct{ Class string }

// SharingPending: an officer is to look at it (SHARE-3).
type SharingPending struct{}

// SharingApproved: the two may share the device.
type SharingApproved struct{}

// SharingGranted: the device is active for the requester (SHARE-4).
type SharingGranted struct{}

// SharingRejected: an officer said no.
type SharingRejected struct{}

// SharingCancelled: it has ended. Sharing is told unless it is the command's own.
type SharingCancelled struct{ Sharing string }

// SharingRefused: what was asked of a sharing was refused.
type SharingRefused struct{ Reason Reason }

// sharingOf is the sharing that a command is about, "" if it is about none.
func sharingOf(c CommandData) string {
	switch data := c.(type) {
	case *SharingRequest:
		return data.Sharing
	case *SharingReview:
		return data.Sharing
	case *SharingCancel:
		return data.Sharing
	}
	return ""
}

func (e *SharingRequested) EventType() string { return "sharing.requested" }
func (e *SharingRequested) ofAll()            {}
func (e *SharingRequested) Members(v Visitor) { v.Text("class", &e.Class, Need) }
func (e *SharingRequested) causedBy(c CommandData) bool {
	_, ok := c.(*SharingRequest)
	return ok
}
func (e *SharingRequested) evolve(u *User, f *fold) {
	c := f.command.Data.(*SharingRequest)
	s := Share{ID: c.Sharing, Other: c.Requester, Device: c.Device, Class: e.Class, State: Pending, Since: f.at}
	if f.name == c.Requester {
		s.Other, s.Borrower = c.Owner, true
		f.add(sharingKey(c.Sharing), &Sharing{
			ID: c.Sharing, Requester: c.Requester, Owner: c.Owner, Device: c.Device, Class: e.Class, State: Pending, Since: f.at,
		})
	}
	u.Shares = append(slices.Clip(u.Shares), s)
}

func (e *SharingPending) EventType() string { return "sharing.pending" }
func (e *SharingPending) Members(Visitor)   {}

func (e *SharingApproved) EventType() string           { return "sharing.approved" }
func (e *SharingApproved) ofAll()                      {}
func (e *SharingApproved) Members(Visitor)             {}
func (e *SharingApproved) causedBy(c CommandData) bool { return sharingOf(c) != "" }
func (e *SharingApproved) evolve(u *User, f *fold) {
	u.changeShare(f, sharingOf(f.command.Data), Approved)
}

func (e *SharingGranted) EventType() string           { return "sharing.granted" }
func (e *SharingGranted) ofAll()                      {}
func (e *SharingGranted) Members(Visitor)             {}
func (e *SharingGranted) causedBy(c CommandData) bool { return sharingOf(c) != "" }
func (e *SharingGranted) evolve(u *User, f *fold) {
	i := slices.IndexFunc(u.Shares, func(s Share) bool { return s.ID == sharingOf(f.command.Data) && s.Borrower })
	if i < 0 {
		return
	}
	u.Shares = slices.Clone(u.Shares)
	u.Shares[i].Turn = u.activation()
}

func (e *SharingRejected) EventType() string           { return "sharing.rejected" }
func (e *SharingRejected) ofAll()                      {}
func (e *SharingRejected) Members(Visitor)             {}
func (e *SharingRejected) causedBy(c CommandData) bool { return sharingOf(c) != "" }
func (e *SharingRejected) evolve(u *User, f *fold) {
	u.changeShare(f, sharingOf(f.command.Data), Rejected)
}

func (e *SharingCancelled) EventType() string           { return "sharing.cancelled" }
func (e *SharingCancelled) ofAll()                      {}
func (e *SharingCancelled) Members(v Visitor)           { v.Text("sharing", &e.Sharing, Free) }
func (e *SharingCancelled) causedBy(c CommandData) bool { return sharingOf(c) != "" || e.Sharing != "" }
func (e *SharingCancelled) evolve(u *User, f *fold) {
	id := e.Sharing
	if id == "" {
		id = sharingOf(f.command.Data)
	}
	u.changeShare(f, id, Cancelled)
}

func (e *SharingRefused) EventType() string { return "sharing.refused" }
func (e *SharingRefused) Members(v Visitor) { v.Text("reason", (*string)(&e.Reason), Need) }

func (d *deciding) refuseSharing(reason Reason, detail string) {
	d.refuse(reason, detail, &SharingRefused{reason})
}
