package domain

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func requestDevice(user, device, class string, at time.Duration) step {
	return send(at, &DeviceRequest{User: user, Device: device, Class: class, Purpose: "new"})
}
func replaceDevice(user, device, replaces, balance string, at time.Duration) step {
	return send(at, &DeviceRequest{
		User: user, Device: device, Class: DigitalSecurityCardPlus, Purpose: "replacement", Replaces: replaces,
		BalanceUSD: balance,
	})
}
func shipDevice(user, device string, at time.Duration) step {
	return send(at, &DeviceShip{User: user, Device: device})
}
func activateDevice(user, device, class, method string, at time.Duration) step {
	return send(at, &DeviceActivate{User: user, Device: device, Class: class, Method: method})
}
func deactivateDevice(user, device, reason string, at time.Duration) step {
	return send(at, &DeviceDeactivate{User: user, Device: device, Reason: reason})
}
func changePIN(user, device, code string, at time.Duration) step {
	return send(at, &DeviceChangePIN{User: user, Device: device, Code: code})
}
func resetPIN(user, device string, at time.Duration) step {
	return send(at, &DeviceResetPIN{User: user, Device: device, Agent: "ann"})
}

// hasDevice activates a device: an app by QR code, a card in the portal.
func hasDevice(user, device, class string, at time.Duration) step {
	if class == IBKRMobile {
		return activateDevice(user, device, class, QR, at)
	}
	return activateDevice(user, device, class, Portal, at)
}

// getsCard requests and ships a card.
func getsCard(user, device string, at time.Duration) steps {
	return steps{requestDevice(user, device, DigitalSecurityCardPlus, at), shipDevice(user, device, at)}
}

func deviceCode(user, code, kind, device string, at time.Duration) step {
	return send(at, &CodeIssue{User: user, Code: code, Kind: kind, Device: device})
}
func redeemDeviceCode(user, code, purpose string, at time.Duration) step {
	return send(at, &CodeRedeem{User: user, Code: code, Platform: ClientPortal, Purpose: purpose})
}

// changeCode issues a code and redeems it to change a PIN.
func changeCode(code, kind, device string, at time.Duration) steps {
	return steps{deviceCode("alice", code, kind, device, at), redeemDeviceCode("alice", code, ChangePIN, at)}
}

// hasTemporary issues a passcode and an online card.
func hasTemporary(user, passcode, card string, at time.Duration) steps {
	return steps{
		send(at, &IdentityVerify{User: user, Agent: "ann", Channel: "phone"}),
		deviceCode(user, passcode, TempPasscode, "", at), deviceCode(user, card, OnlineCard, "", at),
	}
}

// joinCode returns the id of the code with which a user joins a device.
func joinCode(owner string, at time.Duration) string { return fmt.Sprintf("join-%s-%d", owner, at) }

// addUser issues a code and joins a device with it.
func addUser(user, owner, device string, at time.Duration) steps {
	return steps{
		deviceCode(user, joinCode(owner, at), ActivationSMS, "", at),
		send(at, &DeviceAddUser{User: user, Owner: owner, Device: device, Code: joinCode(owner, at)}),
	}
}

// samePerson records the same identity for two users.
func samePerson(a, b string, at time.Duration) steps {
	fingerprint := strings.Repeat("f", 64)
	return steps{
		send(at, &IdentityRecord{User: a, Fingerprint: fingerprint}),
		send(at, &IdentityRecord{User: b, Fingerprint: fingerprint}),
	}
}

// lendDevice requests a sharing. It is granted at once unless it needs a review.
func lendDevice(sharing, requester, owner, device string, review bool, at time.Duration) step {
	return send(at, &SharingRequest{Sharing: sharing, Requester: requester, Owner: owner, Device: device,
		Review: review})
}
func endLoan(sharing string, at time.Duration) step {
	return send(at, &SharingCancel{Sharing: sharing, By: "support"})
}

// holdOfUsers runs the rows as hold does, and compares also the users of the records and events.
func holdOfUsers(t *testing.T, rules []rule) {
	t.Helper()
	for _, r := range rules {
		t.Run(r.says, func(t *testing.T) {
			l := newLedger(IBKRSLS())
			for _, s := range flat(r.given) {
				l.mustAccept(t, s)
			}
			var got then
			for _, s := range flat(r.when) {
				c := s(l)
				d := l.do(*c)
				got = append(got, outcomeOfUsers(c, &d)...)
			}
			if diff := cmp.Diff(r.then, got, sameOutcome); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// mustAccept decides a command and fails the test unless it is accepted.
func (l *ledger) mustAccept(t *testing.T, s step) {
	t.Helper()
	c := s(l)
	if d := l.do(*c); d.Status != Accepted {
		t.Fatalf("given %s: got %s %s, want accepted", c.Data.CommandType(), d.Status, d.Reason)
	}
}

// wrongForm returns why the form of a command's data is invalid, "" if it is valid.
func wrongForm(data CommandData) Reason {
	var wrong formJudge
	data.Members(&wrong)
	checked, ok := data.(interface{ Check() *Rejection })
	switch {
	case wrong.any:
		return BadField
	case ok && checked.Check() != nil:
		return checked.Check().Reason
	}
	return ""
}

// formJudge is a Visitor that checks texts with their forms.
type formJudge struct {
	memberNames
	any bool
}

func (j *formJudge) Text(_ string, at *string, f Form) {
	if f.Wrong != nil && (f.Need || *at != "") && f.Wrong(*at) != "" {
		j.any = true
	}
}
