package sshd

import (
	"time"

	"authledger/domain"
)

// adoptID is constant, so that importing a log again adopts the policy once. The id
// of an attempt contains a dot.
const adoptID = "policy"

// AdoptPOSIXHost returns the command by which a new ledger adopts the rules for
// accounts of a Unix host. The caller sends it before the first attempt of the log,
// with the source of the [Reader] and the time of that attempt.
func AdoptPOSIXHost(source string, at time.Time) domain.Command {
	return domain.Command{
		Source: source, ID: adoptID, Time: at, Caller: Caller, Backfill: true,
		Data: &domain.PolicyAdopt{Policy: *domain.POSIXHost(), By: Caller},
	}
}
