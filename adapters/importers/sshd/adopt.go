package sshd

import (
	"time"

	"authledger/domain"
)

// adoptID is fixed, so that the same log adopts its policy once. No attempt can
// have it: those hold a dot.
const adoptID = "policy"

// AdoptPOSIXHost is the command with which a new ledger adopts the rules for
// accounts of a Unix host. Send it ahead of the log's first attempt, with the
// source of the [Reader] and that attempt's time.
func AdoptPOSIXHost(source string, at time.Time) domain.Command {
	return domain.Command{
		Source: source, ID: adoptID, Time: at, Caller: Caller, Backfill: true,
		Data: &domain.PolicyAdopt{Policy: *domain.POSIXHost(), By: Caller},
	}
}
