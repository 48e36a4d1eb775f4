package domain

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// issueTo issues a code to a user other than alice.
func issueTo(user, kind, code string, at time.Duration) step {
	return send(at, &CodeIssue{User: user, Code: code, Kind: kind})
}
func issue(kind, code string, at time.Duration) step { return issueTo("alice", kind, code, at) }

// issuePasscode verifies alice first.
func issuePasscode(code string, at time.Duration) steps {
	return steps{verify(at), issue(TempPasscode, code, at)}
}
func issueCard(code string, at time.Duration) step { return issue(OnlineCard, code, at) }
func issueSMS(code string, at time.Duration) step  { return issue(SMS, code, at) }
func issueVoice(platform, channel string, at time.Duration) step {
	return send(at, &CodeIssue{User: "alice", Code: "v", Kind: Voice, Platform: platform,
		ClientChannel: channel})
}
func issueChallenge(device string, at time.Duration) step {
	return send(at, &CodeIssue{User: "alice", Code: "c", Kind: ChallengeCode, Device: device})
}

// issueSMSes issues n codes by SMS with different ids.
func issueSMSes(n int, at time.Duration) steps {
	var all steps
	for i := range n {
		all = append(all, issueSMS("s"+decimal(int64(i)), at))
	}
	return all
}

// redeem redeems a code in the portal to log in.
func redeem(code string, at time.Duration) step { return redeemFor(ClientPortal, "", code, at) }
func redeemFor(platform, purpose, code string, at time.Duration) step {
	return send(at, &CodeRedeem{User: "alice", Code: code, Platform: platform, Purpose: purpose})
}
func revoke(code string, at time.Duration) step {
	return send(at, &CodeRevoke{User: "alice", Code: code, By: "ann"})
}

// appByHand and plusByHand activate a device of a user manually.
func appByHand(user, device string, at time.Duration) step {
	return send(at, &DeviceActivate{User: user, Device: device, Class: IBKRMobile, Method: QR})
}
func plusByHand(user, device string, at time.Duration) step {
	return send(at, &DeviceActivate{User: user, Device: device, Class: DigitalSecurityCardPlus, Method: Portal})
}

// plusAsked requests a device for alice. plusSent also ships it.
func plusAsked(device string, at time.Duration) step {
	return send(at, &DeviceRequest{User: "alice", Device: device, Class: DigitalSecurityCardPlus,
		Purpose: "new"})
}
func plusSent(device string, at time.Duration) steps {
	return steps{plusAsked(device, at), send(at, &DeviceShip{User: "alice", Device: device})}
}
func giveUp(device, reason string, at time.Duration) step {
	return send(at, &DeviceDeactivate{User: "alice", Device: device, Reason: reason})
}

// lentPlus makes bob's device active for alice too.
func lentPlus(device string, at time.Duration) steps {
	return steps{
		send(at, &IdentityRecord{User: "alice", Fingerprint: "f"}),
		send(at, &IdentityRecord{User: "bob", Fingerprint: "f"}),
		plusByHand("bob", device, at),
		send(at, &SharingRequest{Sharing: "sharing", Requester: "alice", Owner: "bob", Device: device}),
	}
}

// answer is a row of a table with the result of the last command.
type answer[T any] struct {
	says  string
	given given
	asked step
	then  T
}

// answers runs each row on a new ledger under p and compares the part of the result that view returns.
func answers[T any](t *testing.T, p *Policy, view func(Data) T, rows []answer[T]) {
	t.Helper()
	for _, r := range rows {
		t.Run(r.says, func(t *testing.T) {
			l := newLedger(p)
			for _, s := range flat(r.given) {
				l.do(*s(l))
			}
			if diff := cmp.Diff(r.then, view(l.do(*r.asked(l)).Result), sameOutcome); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}
