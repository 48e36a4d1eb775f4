package domain

import "time"

// party is a user in tests with several users.
type party string

func (u party) name() string { return string(u) }

// has activates a device: the app by QR code, other devices in the portal.
func (u party) has(device, class string, at time.Duration) step {
	method := Portal
	if class == IBKRMobile {
		method = QR
	}
	return send(at, &DeviceActivate{User: u.name(), Device: device, Class: class, Method: method})
}
func (u party) orders(device string, at time.Duration) step {
	return send(at, &DeviceRequest{User: u.name(), Device: device, Class: DigitalSecurityCardPlus,
		Purpose: "new", BalanceUSD: "500000"})
}
func (u party) gets(device string, at time.Duration) step {
	return send(at, &DeviceShip{User: u.name(), Device: device})
}
func (u party) drops(device, reason string, at time.Duration) step {
	return send(at, &DeviceDeactivate{User: u.name(), Device: device, Reason: reason})
}
func (u party) is(fingerprint string, at time.Duration) step {
	return send(at, &IdentityRecord{User: u.name(), Fingerprint: fingerprint})
}
func (u party) code(kind, code string, at time.Duration) step {
	return send(at, &CodeIssue{User: u.name(), Code: code, Kind: kind})
}
func (u party) passcode(code string, at time.Duration) steps {
	return steps{send(at, &IdentityVerify{User: u.name(), Agent: "ann", Channel: "phone"}),
		u.code(TempPasscode, code, at)}
}
func (u party) begins(attempt string, at time.Duration) step {
	return send(at, &LoginBegin{User: u.name(), Attempt: attempt, Platform: "tws"})
}
func (u party) fails(at time.Duration) step {
	return send(at, &LoginReport{User: u.name(), Outcome: Failed, Reason: "bad_credentials"})
}
func (u party) asks(sharing string, owner party, device string, at time.Duration) step {
	return send(at, &SharingRequest{Sharing: sharing, Requester: u.name(), Owner: owner.name(), Device: device})
}
func (u party) asksReview(sharing string, owner party, device string, at time.Duration) step {
	return send(at, &SharingRequest{Sharing: sharing, Requester: u.name(), Owner: owner.name(), Device: device,
		Review: true})
}
func (u party) approves(sharing string, at time.Duration) step {
	return send(at, &SharingReview{Sharing: sharing, Officer: u.name(), Decision: approve})
}
func (u party) rejects(sharing string, at time.Duration) step {
	return send(at, &SharingReview{Sharing: sharing, Officer: u.name(), Decision: reject})
}
func (u party) ends(sharing string, at time.Duration) step {
	return send(at, &SharingCancel{Sharing: sharing, By: u.name()})
}

// The users of the tables: alice is the owner, bob is the requester.
const (
	theOwner, theRequester = party("alice"), party("bob")
	theThird, theOfficer   = party("carol"), party("olga")
)

// sameTwo returns the steps after which bob may share alice's gold card g.
func sameTwo() steps {
	return steps{theOwner.has("g", Gold, 0), theOwner.is("one-and-the-same", 0),
		theRequester.is("one-and-the-same", 0)}
}

// shared returns the steps that share the gold card in the sharing s.
func shared() steps { return append(sameTwo(), theRequester.asks("s", theOwner, "g", 0)) }

// pending returns the steps that request the gold card in the sharing s, which awaits a review.
func pending() steps { return append(sameTwo(), theRequester.asksReview("s", theOwner, "g", 0)) }
