package domain

import (
	"maps"
	"slices"
)

// commandType is one row of the catalog of commands.
type commandType struct {
	data    func() CommandData // returns empty data
	result  func() Data        // returns an empty result; nil for a type without a result
	summary string             // imperative, without a full stop; "" for a type that only the ledger sends
	example CommandData        // valid data; nil for a type that only the ledger sends
}

// commands is the catalog of command types, the only description of each. The names are
// stored permanently: add types, never rename one. The name is also the right that a caller
// needs; package access lists the roles.
var commands = map[string]commandType{
	"login.begin": {func() CommandData { return new(LoginBegin) }, newLoginResult,
		"Reserve a login attempt before the password check", &LoginBegin{User: "alice", Attempt: "a-1", Platform: "tws"}},
	"login.finish": {func() CommandData { return new(LoginFinish) }, newLoginResult,
		"Report the outcome of a reserved login attempt", &LoginFinish{User: "alice", Attempt: "a-1", Outcome: Succeeded}},
	"login.report": {func() CommandData { return new(LoginReport) }, newLoginResult,
		"Report a finished login attempt", &LoginReport{User: "alice", Outcome: Failed, Reason: "bad_credentials"}},
	"lockout.release": {func() CommandData { return new(LockoutRelease) }, nil,
		"Unlock a user", &LockoutRelease{User: "alice", Agent: "ann"}},
	"identity.record": {func() CommandData { return new(IdentityRecord) }, nil,
		"Record the fingerprint of a user's identity", &IdentityRecord{User: "alice", Fingerprint: exampleFingerprint}},
	"identity.verify": {func() CommandData { return new(IdentityVerify) }, nil,
		"Record that an agent verified a user's identity", &IdentityVerify{User: "alice", Agent: "ann", Channel: "phone"}},
	"policy.adopt": {func() CommandData { return new(PolicyAdopt) }, nil,
		"Adopt a policy", &PolicyAdopt{Policy: *IBKRSLS(), By: "olga"}},

	"device.request": {func() CommandData { return new(DeviceRequest) }, nil,
		"Request a new or replacement device", &DeviceRequest{User: "alice", Device: "d-1", Class: "digital_security_card_plus", Purpose: "new", BalanceUSD: "600000.00"}},
	"device.ship": {func() CommandData { return new(DeviceShip) }, nil,
		"Record the shipment of a device", &DeviceShip{User: "alice", Device: "d-1"}},
	"device.activate": {func() CommandData { return new(DeviceActivate) }, nil,
		"Activate a device", &DeviceActivate{User: "alice", Device: "app-1", Class: "ibkr_mobile", Method: "sms_code", Code: "c-1"}},
	"device.deactivate": {func() CommandData { return new(DeviceDeactivate) }, nil,
		"Deactivate a device", &DeviceDeactivate{User: "alice", Device: "d-1", Reason: "damaged"}},
	"device.add_user": {func() CommandData { return new(DeviceAddUser) }, nil,
		"Add a user to the app of another user", &DeviceAddUser{User: "bob", Owner: "alice", Device: "app-1", Code: "c-2"}},
	"device.change_pin": {func() CommandData { return new(DeviceChangePIN) }, nil,
		"Record the change of a device's PIN", &DeviceChangePIN{User: "alice", Device: "d-1", Code: "c-3"}},
	"device.reset_pin": {func() CommandData { return new(DeviceResetPIN) }, nil,
		"Record that an agent reset a device's PIN", &DeviceResetPIN{User: "alice", Device: "d-1", Agent: "ann"}},
	"device.rename": {func() CommandData { return new(DeviceRename) }, nil,
		"Set the label of a device", &DeviceRename{User: "alice", Device: "d-1", Label: "Phone"}},

	"code.issue": {func() CommandData { return new(CodeIssue) }, newCodeResult,
		"Issue a code", &CodeIssue{User: "alice", Code: "c-1", Kind: "sms"}},
	"code.redeem": {func() CommandData { return new(CodeRedeem) }, newCodeResult,
		"Redeem a code", &CodeRedeem{User: "alice", Code: "c-1", Platform: "tws"}},
	"code.revoke": {func() CommandData { return new(CodeRevoke) }, newCodeResult,
		"Revoke a code", &CodeRevoke{User: "alice", Code: "c-1", By: "alice"}},

	"sharing.request": {func() CommandData { return new(SharingRequest) }, nil,
		"Request to share a device", &SharingRequest{Sharing: "s-1", Requester: "bob", Owner: "alice", Device: "d-1"}},
	"sharing.review": {func() CommandData { return new(SharingReview) }, nil,
		"Approve or reject the sharing of a device", &SharingReview{Sharing: "s-1", Officer: "olga", Decision: "approve"}},
	"sharing.cancel": {func() CommandData { return new(SharingCancel) }, nil,
		"Cancel the sharing of a device", &SharingCancel{Sharing: "s-1", By: "alice"}},

	"withdrawal.request": {func() CommandData { return new(WithdrawalRequest) }, newWithdrawalResult,
		"Request a withdrawal", &WithdrawalRequest{Withdrawal: "w-1", Account: "U1234567", User: "alice", Device: "d-1", Amount: "100.00", Currency: "USD"}},
	"withdrawal.settle": {func() CommandData { return new(WithdrawalSettle) }, nil,
		"Record the settlement of a withdrawal", &WithdrawalSettle{Withdrawal: "w-1", Account: "U1234567"}},
	"withdrawal.cancel": {func() CommandData { return new(WithdrawalCancel) }, nil,
		"Cancel a withdrawal", &WithdrawalCancel{Withdrawal: "w-1", Account: "U1234567", By: "alice"}},

	"config.token_add": {func() CommandData { return new(ConfigTokenAdd) }, nil,
		"Admit the holder of a token", &ConfigTokenAdd{Name: "portal", Role: "gateway", TokenHash: exampleFingerprint, By: "olga"}},
	"config.token_revoke": {func() CommandData { return new(ConfigTokenRevoke) }, nil,
		"Revoke a token", &ConfigTokenRevoke{Name: "portal", By: "olga"}},
	"config.webhook_add": {func() CommandData { return new(ConfigWebhookAdd) }, nil,
		"Add a webhook endpoint", &ConfigWebhookAdd{Name: "desk", URL: "https://desk.example/hooks", Types: []string{"lockout.started"}, Secret: exampleSecret, By: "olga"}},
	"config.webhook_rotate": {func() CommandData { return new(ConfigWebhookRotate) }, nil,
		"Replace the secret of a webhook endpoint", &ConfigWebhookRotate{Name: "desk", Secret: exampleSecret, By: "olga"}},
	"config.webhook_remove": {func() CommandData { return new(ConfigWebhookRemove) }, nil,
		"Remove a webhook endpoint", &ConfigWebhookRemove{Name: "desk", By: "olga"}},

	"person.forget": {func() CommandData { return new(PersonForget) }, nil,
		"Erase the personal data of a user", &PersonForget{User: "alice", Case: "C-1", By: "olga", Purpose: "erasure"}},
	"person.hold": {func() CommandData { return new(PersonHold) }, nil,
		"Forbid the erasure of a user during a legal case", &PersonHold{User: "alice", Case: "L-1", By: "olga", Purpose: "litigation"}},
	"person.release": {func() CommandData { return new(PersonRelease) }, nil,
		"End the hold of a legal case", &PersonRelease{User: "alice", Case: "L-1", By: "olga", Purpose: "closed"}},

	timerFireType:   {data: func() CommandData { return new(TimerFire) }},
	auditReadType:   {data: func() CommandData { return new(AuditRead) }},
	auditVerifyType: {data: func() CommandData { return new(AuditVerify) }},

	personIntroduceType: {data: func() CommandData { return new(PersonIntroduce) }},
}

// exampleFingerprint is the SHA-256 digest of "test".
const exampleFingerprint = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

// exampleSecret is the secret of an example webhook: base64 of zeros.
const exampleSecret = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="

// NewCommandData returns empty data of a command type, nil if the type is unknown.
func NewCommandData(commandType string) CommandData {
	if c, ok := commands[commandType]; ok {
		return c.data()
	}
	return nil
}

// NewResult returns an empty result of a command type, nil if the type has no result.
func NewResult(commandType string) Data {
	if c := commands[commandType]; c.result != nil {
		return c.result()
	}
	return nil
}

// CommandSummary returns the summary of a command type for documents: an imperative without
// a full stop. It returns "" for a type that clients may not send.
func CommandSummary(commandType string) string { return commands[commandType].summary }

// CommandExample returns valid data of a command type, which the caller must not change. It
// returns nil for a type that clients may not send.
func CommandExample(commandType string) CommandData { return commands[commandType].example }

// ForClients reports whether clients may send commands of a type. Only the ledger sends
// timer.fire, audit.read, audit.verify and person.introduce.
func ForClients(commandType string) bool {
	switch commandType {
	case timerFireType, auditReadType, auditVerifyType, personIntroduceType:
		return false
	}
	_, known := commands[commandType]
	return known
}

// CommandTypes returns all command types in alphabetical order, including those that only
// the ledger sends.
func CommandTypes() []string { return slices.Sorted(maps.Keys(commands)) }

// ClientCommands returns the command types that clients may send, in alphabetical order.
func ClientCommands() []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(commands)), func(kind string) bool { return !ForClients(kind) })
}
