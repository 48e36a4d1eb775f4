package domain

import (
	"strings"
	"time"
)

// Command is a request or report from a gateway, an officer, an importer or the timer.
// (Source, ID) identifies the command permanently (docs/rules.md, "Idempotency").
type Command struct {
	Source string
	ID     string
	Time   time.Time // UTC; the instant of the request or of the reported event, according to the sender
	// Stamped is set if the ledger set Time. Time is then not part of the content.
	Stamped bool
	// Arrived is the instant at which the node received the command, or at which
	// the intake stored it. It is set only if the command is decided at that instant,
	// see [Command.DecidedOnArrival]. It is not part of the content.
	Arrived time.Time
	// Rules is the version of the rules that decide the command. A recorded command
	// has the version of its commit. 0 means the newest version.
	Rules    int
	Caller   string // the authenticated caller; never taken from Data
	Backfill bool   // imported from the past: any past time is valid, and the timer skips its deadlines
	Data     CommandData

	// Bucket is the entity of the client address of a login.* command. The server
	// computes it with a keyed hash (LOGIN-9).
	Bucket Entity
	// BadName is set when an unattributed record is decided again. It holds the
	// position from the record's event, because the name was not recorded.
	BadName *BadName
}

// rulesDecidingOnArrival is the first version of the rules that decides logins at their
// arrival, closes open attempts at a release, and accepts a withdrawn currency
// until the end of the month of its withdrawal.
const rulesDecidingOnArrival = 2

// decidedBy reports whether rules of the given version or newer decide c.
func (c *Command) decidedBy(version int) bool { return c.Rules == 0 || c.Rules >= version }

// DecidedOnArrival reports whether c is decided at the instant at which the node
// received it. This holds for a live login.begin or login.finish, because otherwise a
// sender with a slow clock could shorten a lockout or a reservation.
func (c *Command) DecidedOnArrival() bool {
	if c.Backfill || !c.decidedBy(rulesDecidingOnArrival) {
		return false
	}
	switch c.Data.(type) {
	case *LoginBegin, *LoginFinish:
		return true
	}
	return false
}

// instant returns the instant at which c is decided. The decision uses a later instant if
// the clock of an entity is later.
func (c *Command) instant() time.Time {
	if c.DecidedOnArrival() && !c.Arrived.IsZero() {
		return c.Arrived
	}
	return c.Time
}

// CommandData is the data of a command of one type.
type CommandData interface {
	Data
	CommandType() string
	decide(*deciding) error
}

// ReservedSource reports whether a source is reserved for the ledger. It ignores case and
// surrounding blanks, because people read such spellings as the same source.
func ReservedSource(source string) bool {
	source = strings.ToLower(strings.TrimSpace(source))
	return source == TimerSource || source == SystemSource || source+"/" == importPrefix || strings.HasPrefix(source, importPrefix)
}

// importPrefix is the prefix of the sources of imported commands.
const importPrefix = "import/"

// Subject returns the subject whose key seals the personal members of c: the user of a login,
// or of an introduction, the sharing of a review, or system/config for the secret of a webhook. It returns "" for the other types, which have no personal members.
func (c *Command) Subject() string {
	switch data := c.Data.(type) {
	case loginCommand:
		return string(UserEntity(*data.name()))
	case *SharingReview:
		return "sharing/" + data.Sharing
	case *PersonIntroduce:
		return string(UserEntity(data.User))
	case *ConfigWebhookAdd, *ConfigWebhookRotate:
		return string(SystemConfig)
	}
	return ""
}

// User returns the first user that c names, "" if c names no user.
func (c *Command) User() string {
	switch data := c.Data.(type) {
	case loginCommand:
		return *data.name()
	case namesUsers:
		return data.names()[0].text
	}
	return ""
}

// namesUser reports whether the data of c names a user. The record of a command may concern further
// users, such as the parties of a sharing.
func (c *Command) namesUser(user string) bool {
	switch data := c.Data.(type) {
	case loginCommand:
		return *data.name() == user
	case namesUsers:
		names := data.names()
		return names[0].text == user || names[1].text == user
	}
	return false
}

// namesUsers is a command that names users. The login.* commands do not implement it.
type namesUsers interface{ names() [2]name }

// Validate returns the rejection of c that follows from its members and the policy, and
// from no state. The checks are, in this order: a currency that was withdrawn before
// the time of the command, a user name that does not match the pattern, and an amount.
// Validate returns nil for a valid command, and for every login.* command, because a login
// with an invalid name is recorded.
func (c *Command) Validate(p *Policy) *Rejection {
	request, withdraws := c.Data.(*WithdrawalRequest)
	if withdraws {
		if wrong := wrongCurrency(request.Currency, c.Time); wrong != nil {
			return wrong
		}
	}
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
	if withdraws {
		return request.wrongAmount()
	}
	return nil
}

// name is a user name in a command, with the member that holds it.
type name struct{ member, text string }

// oneName returns the names of a command that names one user.
func oneName(user string) [2]name { return [2]name{{"user", user}} }

// LoginName returns the member of a login.* command that holds the user name, and whether
// the command reports the user as unknown. ok is false for all other commands. Only login.*
// commands are recorded with an invalid name, and only their unknown names are
// personal data.
func (c *Command) LoginName() (name *string, unknown, ok bool) {
	l, ok := c.Data.(loginCommand)
	if !ok {
		return nil, false, false
	}
	return l.name(), l.unknownUser(), true
}

// Address returns the client address of a login.* command, "" if it has none.
func (c *Command) Address() string {
	if l, ok := c.Data.(loginCommand); ok {
		return l.address()
	}
	return ""
}

// SupportDesk is the value of the member "by" for the support desk as a whole.
const SupportDesk = bySupport

// delegated is a command with a member that names the person on whose behalf the caller acts.
type delegated interface {
	onBehalf() (member, person string)
}

// OnBehalf returns the person on whose behalf the caller acts according to the command,
// and the member that names the person. Both are "" if the command names none.
func (c *Command) OnBehalf() (member, person string) {
	if d, ok := c.Data.(delegated); ok {
		return d.onBehalf()
	}
	return "", ""
}
