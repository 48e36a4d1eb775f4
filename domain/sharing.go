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

// Sharing is the use of one physical device by two users: its owner and a requester.
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

// party reports whether name is one of the two users.
func (s *Sharing) party(name string) bool { return name == s.Requester || name == s.Owner }

// SharingKey returns the key of a sharing.
func SharingKey(id string) ItemKey { return ItemKey{Kind: SharingItem, ID: id} }

func (f *fold) sharing(id string) *Sharing {
	s, _ := f.item(SharingKey(id)).(*Sharing)
	return s
}

// Share is a pending or approved sharing in the state of one of its two users.
type Share struct {
	ID, Other, Device, Class string
	State                    string
	Borrower                 bool  // the user is the requester
	Turn                     int64 // User.Turns of the requester at the grant
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

// borrowed reports whether the sharing makes the device active for the user.
func (s *Share) borrowed() bool { return s.Borrower && s.State == Approved }

// borrowedDevice returns the sharing that makes a device of another user active for this
// user, and nil for a device without such a sharing.
func (u *User) borrowedDevice(device string) *Share {
	for i := range u.Shares {
		if s := &u.Shares[i]; s.borrowed() && s.Device == device {
			return s
		}
	}
	return nil
}

// borrows reports whether the user is the requester of an approved sharing.
func (u *User) borrows() bool {
	return slices.ContainsFunc(u.Shares, func(s Share) bool { return s.borrowed() })
}

// lent returns the sharings of a device that the user owns, in order of request.
func (u *User) lent(device string) []Share {
	var all []Share
	for _, s := range u.Shares {
		if !s.Borrower && s.Device == device {
			all = append(all, s)
		}
	}
	return all
}

// changeShare changes the state of a sharing of the user that is being changed. An event is
// applied to both users of a sharing, so changeShare changes the item for the requester only.
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
		f.put(SharingKey(id), &changed)
	}
}

// SharingRequested is the event that a user requested to use a device of another user.
type SharingRequested struct{ Class string }

// SharingPending is the event that a sharing awaits the review of an officer (SHARE-3).
type SharingPending struct{}

// SharingApproved is the event that a sharing was approved.
type SharingApproved struct{}

// SharingGranted is the event that the device became active for the requester (SHARE-4).
type SharingGranted struct{}

// SharingRejected is the event that an officer rejected a sharing.
type SharingRejected struct{}

// SharingCancelled is the event that a sharing ended. Sharing is "" for the sharing that the
// command names.
type SharingCancelled struct{ Sharing string }

// SharingRefused is the event that a command about a sharing was refused.
type SharingRefused struct{ Reason Reason }

// sharingOf returns the sharing that a command names, "" if it names none.
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
func (e *SharingRequested) changesAllUsers()  {}
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
		f.add(SharingKey(c.Sharing), &Sharing{
			ID: c.Sharing, Requester: c.Requester, Owner: c.Owner, Device: c.Device, Class: e.Class, State: Pending, Since: f.at,
		})
	}
	u.Shares = append(slices.Clip(u.Shares), s)
}

func (e *SharingPending) EventType() string { return "sharing.pending" }
func (e *SharingPending) Members(Visitor)   {}

func (e *SharingApproved) EventType() string           { return "sharing.approved" }
func (e *SharingApproved) changesAllUsers()            {}
func (e *SharingApproved) Members(Visitor)             {}
func (e *SharingApproved) causedBy(c CommandData) bool { return sharingOf(c) != "" }
func (e *SharingApproved) evolve(u *User, f *fold) {
	u.changeShare(f, sharingOf(f.command.Data), Approved)
}

func (e *SharingGranted) EventType() string           { return "sharing.granted" }
func (e *SharingGranted) changesAllUsers()            {}
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
func (e *SharingRejected) changesAllUsers()            {}
func (e *SharingRejected) Members(Visitor)             {}
func (e *SharingRejected) causedBy(c CommandData) bool { return sharingOf(c) != "" }
func (e *SharingRejected) evolve(u *User, f *fold) {
	u.changeShare(f, sharingOf(f.command.Data), Rejected)
}

func (e *SharingCancelled) EventType() string           { return "sharing.cancelled" }
func (e *SharingCancelled) changesAllUsers()            {}
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
