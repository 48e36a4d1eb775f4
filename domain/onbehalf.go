package domain

import (
	"maps"
	"slices"
	"strings"
)

// SupportDesk is the word for the support desk as a whole where a command says by
// whom it is.
const SupportDesk = bySupport

// OnBehalf is the person on whose behalf the caller says it acts, and the member
// that says so; "" if the command names none.
func (c *Command) OnBehalf() (member, person string) {
	switch data := c.Data.(type) {
	case *LockoutRelease:
		return "agent", data.Agent
	case *IdentityVerify:
		return "agent", data.Agent
	case *DeviceResetPIN:
		return "agent", data.Agent
	case *CodeIssue:
		return "agent", data.Agent
	case *SharingReview:
		return "officer", data.Officer
	case *CodeRevoke:
		return "by", data.By
	case *SharingCancel:
		return "by", data.By
	case *WithdrawalCancel:
		return "by", data.By
	case *PolicyAdopt:
		return "by", data.By
	}
	return "", ""
}

// ClientCommands are the types of commands that may come from outside the ledger,
// sorted.
func ClientCommands() []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(commands)), func(kind string) bool { return !ForClients(kind) })
}

// ReservedSource reports the sources that only the ledger's own parts use.
func ReservedSource(source string) bool {
	return source == TimerSource || source == SystemSource || strings.HasPrefix(source, "import/")
}
