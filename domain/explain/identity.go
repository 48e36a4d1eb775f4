package explain

import "authledger/domain"

var identityCommands = []commandKind{
	command[*domain.IdentityRecord]{text: func(_ *domain.Record, c *domain.IdentityRecord) string {
		return "the client reported an identity fingerprint of user " + c.User
	}},
	command[*domain.IdentityVerify]{text: func(_ *domain.Record, c *domain.IdentityVerify) string {
		return "the agent " + c.Agent + " reported the verification of user " + c.User + " by " + c.Channel
	}},
}

var identityEvents = []eventKind{
	event[*domain.IdentityRecorded]{text: func(_ *domain.Event, _ *domain.IdentityRecorded, user string) string {
		return "the ledger recorded the identity fingerprint of user " + user
	}},
	event[*domain.IdentityVerified]{text: func(e *domain.Event, _ *domain.IdentityVerified, user string) string {
		return "user " + user + " counts as verified from " + stamp(e.At) + " on"
	}},
}

var identityFactKinds = []factKind{
	fact[*FactText]{
		name: fingerprintFact, empty: func() domain.Data { return new(FactText) },
		text: func(f *Fact, s *FactText) string {
			return "The recorded identity fingerprint of user " + f.user() + " was " + s.Text + "."
		},
		restore: onUser(func(u *domain.User, s *FactText) { u.Identity.Fingerprint = s.Text }),
	},
	fact[*FactInstant]{
		name: verificationFact, empty: func() domain.Data { return new(FactInstant) },
		text: func(f *Fact, s *FactInstant) string {
			return "Support verified the identity of user " + f.user() + " by phone at " + stamp(s.At) + "."
		},
		restore: onUser(func(u *domain.User, s *FactInstant) { u.Identity.Verified, u.Identity.VerifiedAt = true, s.At }),
	},
}
