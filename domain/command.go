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
	timerFireType:     {func() CommandData { return new(TimerFire) }, nil},
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
	return known && commandType != timerFireType
}

// Subject names the user whose key seals a command's personal members, ""
// when it is about no user.
func (c *Command) Subject() string {
	if about, ok := c.Data.(interface{ subject() string }); ok {
		return about.subject()
	}
	return ""
}

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
