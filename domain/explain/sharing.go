package explain

import (
	"fmt"

	"authledger/domain"
)

var sharingCommands = []commandKind{
	command[*domain.SharingRequest]{
		text: func(_ *domain.Record, c *domain.SharingRequest) string {
			return "user " + c.Requester + " requested to share the device " + c.Device + " of user " + c.Owner + " (sharing " + c.Sharing + ")"
		},
		sought: func(*domain.SharingRequest) []string { return []string{fingerprintFact} },
	},
	command[*domain.SharingReview]{
		text: func(_ *domain.Record, c *domain.SharingReview) string {
			return "the officer " + c.Officer + " submitted the decision " + c.Decision + " on the sharing " + c.Sharing
		},
		sought: func(*domain.SharingReview) []string { return []string{fingerprintFact} },
	},
	command[*domain.SharingCancel]{text: func(_ *domain.Record, c *domain.SharingCancel) string {
		return person(c.By) + " requested the end of the sharing " + c.Sharing
	}},
}

var sharingEvents = []eventKind{
	event[*domain.SharingRequested]{text: func(_ *domain.Event, data *domain.SharingRequested, _ string) string {
		return "the ledger recorded the request to share a device of the class " + data.Class
	}},
	event[*domain.SharingPending]{text: func(*domain.Event, *domain.SharingPending, string) string {
		return "the sharing is pending until an officer reviews it"
	}},
	event[*domain.SharingApproved]{text: func(*domain.Event, *domain.SharingApproved, string) string {
		return "the sharing is approved"
	}},
	event[*domain.SharingGranted]{text: func(*domain.Event, *domain.SharingGranted, string) string {
		return "the device is active for the requester too"
	}},
	event[*domain.SharingRejected]{text: func(*domain.Event, *domain.SharingRejected, string) string {
		return "the sharing is rejected"
	}},
	event[*domain.SharingCancelled]{text: func(_ *domain.Event, data *domain.SharingCancelled, _ string) string {
		if data.Sharing == "" {
			return "the sharing has ended"
		}
		return "the sharing " + data.Sharing + " has ended, because the device is deactivated or a user is forgotten"
	}},
}

var sharingFactKinds = []factKind{
	fact[*domain.Share]{
		name: shareFact, empty: func() domain.Data { return new(domain.Share) },
		text: func(f *Fact, s *domain.Share) string {
			if s.Borrower {
				return fmt.Sprintf("User %s borrowed the device %s (%s) of user %s: the sharing %s had the state %s since %s.", f.user(), s.Device, s.Class, s.Other, s.ID, s.State, stamp(s.Since))
			}
			return fmt.Sprintf("User %s lent the device %s (%s) to user %s: the sharing %s had the state %s since %s.", f.user(), s.Device, s.Class, s.Other, s.ID, s.State, stamp(s.Since))
		},
		id:      func(s *domain.Share) string { return s.ID },
		restore: onUser(func(u *domain.User, s *domain.Share) { u.Shares = append(u.Shares, *s) }),
	},
	fact[*domain.Sharing]{
		name: sharingFact, empty: func() domain.Data { return new(domain.Sharing) },
		text: func(_ *Fact, s *domain.Sharing) string {
			return fmt.Sprintf("The sharing %s of the device %s (%s) by user %s with user %s had the state %s since %s.", s.ID, s.Device, s.Class, s.Owner, s.Requester, s.State, stamp(s.Since))
		},
		id:      func(s *domain.Sharing) string { return s.ID },
		restore: func(to *States, _ *Fact, s *domain.Sharing) { to.items[domain.SharingKey(s.ID)] = s },
	},
}
