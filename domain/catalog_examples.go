package domain

// Commands that several preparations contain. Each is valid data that the caller must not change.
var (
	exampleBegin    = commands["login.begin"].example
	exampleIdentity = commands["identity.record"].example
	exampleVerify   = commands["identity.verify"].example
	exampleRequest  = commands["device.request"].example
	exampleIssue    = commands["code.issue"].example
	exampleCard     = &DeviceActivate{User: "alice", Device: "d-1", Class: DigitalSecurityCardPlus, Method: Portal}
	exampleAppCode  = &CodeIssue{User: "alice", Code: "c-1", Kind: ActivationSMS}
	exampleSameAs   = &IdentityRecord{User: "bob", Fingerprint: exampleFingerprint}
	exampleSharing  = &SharingRequest{Sharing: "s-1", Requester: "bob", Owner: "alice", Device: "d-1", Review: true}
)

// preparations lists, by command type, the commands after which a new ledger accepts the example
// of the type. A type without an entry needs none.
var preparations = map[string][]CommandData{
	"login.finish":      {exampleBegin},
	"lockout.release":   {exampleBegin, exampleIdentity, exampleVerify},
	"identity.verify":   {exampleIdentity},
	"device.ship":       {exampleRequest},
	"device.deactivate": {exampleRequest},
	"device.rename":     {exampleRequest},
	"device.activate":   {exampleAppCode},
	"device.add_user":   {exampleAppCode, commands["device.activate"].example, &CodeIssue{User: "bob", Code: "c-2", Kind: ActivationSMS}},
	"device.change_pin": {exampleCard, &CodeIssue{User: "alice", Code: "c-3", Kind: ChallengeCode, Device: "d-1"},
		&CodeRedeem{User: "alice", Code: "c-3", Platform: "client_portal", Purpose: ChangePIN}},
	"device.reset_pin":      {exampleCard, exampleIdentity, exampleVerify},
	"code.redeem":           {exampleIssue},
	"code.revoke":           {exampleIssue},
	"sharing.request":       {exampleCard, exampleIdentity, exampleSameAs},
	"sharing.review":        {exampleCard, exampleIdentity, exampleSameAs, exampleSharing},
	"sharing.cancel":        {exampleCard, exampleIdentity, exampleSameAs, exampleSharing},
	"config.token_revoke":   {commands["config.token_add"].example},
	"config.webhook_rotate": {commands["config.webhook_add"].example},
	"config.webhook_remove": {commands["config.webhook_add"].example},

	"person.forget":  {exampleIdentity},
	"person.hold":    {exampleIdentity},
	"person.release": {exampleIdentity, commands["person.hold"].example},

	"withdrawal.request": {exampleCard},
	"withdrawal.settle":  {exampleCard, commands["withdrawal.request"].example},
	"withdrawal.cancel":  {exampleCard, commands["withdrawal.request"].example},
}

// CommandPreparation returns the commands after which a new ledger with the default policy accepts
// the example of a command type, in order. The caller must not change them.
func CommandPreparation(commandType string) []CommandData { return preparations[commandType] }
