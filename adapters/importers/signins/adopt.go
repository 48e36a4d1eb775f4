package signins

import (
	"time"

	"authledger/domain"
)

// adoptID is fixed, so that the same file adopts its policy once. No event's id
// holds a blank.
const adoptID = "adopt email-login"

// AdoptEmailLogin is the command with which a new ledger adopts the rules for
// names that are e-mail addresses. Send it ahead of the file's first attempt,
// with that attempt's source and time.
func AdoptEmailLogin(source string, at time.Time) domain.Command {
	return domain.Command{
		Source: source, ID: adoptID, Time: at, Caller: Caller, Backfill: true,
		Data: &domain.PolicyAdopt{Policy: *domain.EmailLogin(), By: Caller},
	}
}
