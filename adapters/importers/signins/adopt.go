package signins

import (
	"time"

	"authledger/domain"
)

// adoptID is constant, so that importing a file again adopts the policy once. It contains a
// space, so it differs from the ids of all events.
const adoptID = "adopt email-login"

// AdoptEmailLogin returns the command by which a new ledger adopts the rules for user
// names that are e-mail addresses. The caller sends it before the first attempt of
// the file, with the source and time of that attempt.
func AdoptEmailLogin(source string, at time.Time) domain.Command {
	return domain.Command{
		Source: source, ID: adoptID, Time: at, Caller: Caller, Backfill: true,
		Data: &domain.PolicyAdopt{Policy: *domain.EmailLogin(), By: Caller},
	}
}
