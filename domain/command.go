package domain

import "time"

// Command is one question or report, of a gateway, an officer, an importer or
// the timer. (Source, ID) names it for ever (domain.md, "Idempotency").
type Command struct {
	Source string
	ID     string
	Time   time.Time // UTC; when it happened, says who asks
	// Stamped: the ledger set Time, so it is no part of the content.
	Stamped  bool
	Caller   string // who the credentials say it is; never taken from Data
	Backfill bool   // the past is being told: any past time, and no timers
	Data     CommandData

	// Bucket is the entity of the client address of a login.* command,
	// computed at the edge by a keyed hash (LOGIN-9).
	Bucket Entity
	// BadName is set when an unattributed record is decided again, to what
	// its event says of the name, which was not kept in the clear.
	BadName *BadName
}

// CommandData is the data of one type of command.
type CommandData interface {
	Data
	CommandType() string
	decide(*deciding) error
}

// commands is the catalog: what a client may send, and the result it gets.
var commands = map[string]struct {
	data   func() CommandData
	result func() Data
}{
	"login.begin":     {func() CommandData { return new(LoginBegin) }, newLoginResult},
	"login.finish":    {func() CommandData { return new(LoginFinish) }, newLoginResult},
	"login.report":    {func() CommandData { return new(LoginReport) }, newLoginResult},
	"lockout.release": {func() CommandData { return new(LockoutRelease) }, nil},
	"identity.record": {func() CommandData { return new(IdentityRecord) }, nil},
	"identity.verify": {func() CommandData { return new(IdentityVerify) }, nil},
	"policy.adopt":    {func() CommandData { return new(PolicyAdopt) }, nil},

	"device.request":    {func() CommandData { return new(DeviceRequest) }, nil},
	"device.ship":       {func() CommandData { return new(DeviceShip) }, nil},
	"device.activate":   {func() CommandData { return new(DeviceActivate) }, nil},
	"device.deactivate": {func() CommandData { return new(DeviceDeactivate) }, nil},
	"device.add_user":   {func() CommandData { return new(DeviceAddUser) }, nil},
	"device.change_pin": {func() CommandData { return new(DeviceChangePIN) }, nil},
	"device.reset_pin":  {func() CommandData { return new(DeviceResetPIN) }, nil},

	"code.issue":  {func() CommandData { return new(CodeIssue) }, newCodeResult},
	"code.redeem": {func() CommandData { return new(CodeRedeem) }, newCodeResult},
	"code.revoke": {func() CommandData { return new(CodeRevoke) }, newCodeResult},

	"sharing.request": {func() CommandData { return new(SharingRequest) }, nil},
	"sharing.review":  {func() CommandData { return new(SharingReview) }, nil},
	"sharing.cancel":  {func() CommandData { return new(SharingCancel) }, nil},

	"withdrawal.request": {func() CommandData { return new(WithdrawalRequest) }, newWithdrawalResult},
	"withdrawal.settle":  {func() CommandData { return new(WithdrawalSettle) }, nil},
	"withdrawal.cancel":  {func() CommandData { return new(WithdrawalCancel) }, nil},

	timerFireType: {func() CommandData { return new(TimerFire) }, nil},
	auditReadType: {func() CommandData { return new(AuditRead) }, nil},
}

// NewCommandData makes empty data of a type, nil if there is no such type.
func NewCommandData(commandType string) CommandData {
	if c, ok := commands[commandType]; ok {
		return c.data()
	}
	return nil
}

// NewResult makes an empty result of a command type, nil if it has none.
func NewResult(commandType string) Data {
	if c := commands[commandType]; c.result != nil {
		return c.result()
	}
	return nil
}

// ForClients reports whether commandType may come from outside the ledger.
func ForClients(commandType string) bool {
	_, known := commands[commandType]
	return known && commandType != timerFireType && commandType != auditReadType
}

// Subject names whose key seals a command's personal members, "" when it has
// none: a user, or, of what is about two users, what it is about.
func (c *Command) Subject() string {
	switch data := c.Data.(type) {
	case loginCommand:
		return string(UserEntity(*data.name()))
	case *SharingReview:
		return "sharing/" + data.Sharing
	}
	return ""
}

// User is the user that the command names first, "" if it names none.
func (c *Command) User() string {
	switch data := c.Data.(type) {
	case loginCommand:
		return *data.name()
	case namesUsers:
		return data.names()[0].text
	}
	return ""
}

// namesUsers is a command, but no login.*, that names users.
type namesUsers interface{ names() [2]name }

// Misstated says what is wrong with c by its text and the policy's alone: a name
// that breaks the pattern, then an amount. Nil if nothing is, and of every
// login.*, whose bad name is recorded.
func (c *Command) Misstated(p *Policy) *Rejection {
	if named, ok := c.Data.(namesUsers); ok {
		for _, n := range named.names() {
			if n.member == "" {
				continue
			}
			if bad := p.BadName(n.text); bad != nil {
				return &Rejection{InvalidCharacter, n.member, bad.String()}
			}
		}
	}
	if request, ok := c.Data.(*WithdrawalRequest); ok {
		return request.wrongAmount()
	}
	return nil
}

// name is a user name that a command holds.
type name struct{ member, text string }

// oneName is the names of a command about one user.
func oneName(user string) [2]name { return [2]name{{"user", user}} }

// LoginName returns the user that a login.* command names, and whether the
// command is of that family: only there a bad name is recorded, and only
// there an unknown one is personal.
func (c *Command) LoginName() (name *string, unknown, ok bool) {
	l, ok := c.Data.(loginCommand)
	if !ok {
		return nil, false, false
	}
	return l.name(), l.unknownUser(), true
}

// Address returns the client address of a login.* command, "" if none.
func (c *Command) Address() string {
	if l, ok := c.Data.(loginCommand); ok {
		return l.address()
	}
	return ""
}
