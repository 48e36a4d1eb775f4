package main

import (
	"context"
	"encoding/json"
	"time"

	"authledger/cmd/internal/render"
	"authledger/domain/operations"
)

// hintAge is the minimum age of the newest record for a hint. Lockouts of the default policy last
// as long.
const hintAge = 24 * time.Hour

// timed lists the queries whose answers change with time, with the member of the answer that holds
// their list, "" for the state of one user.
var timed = map[string]string{
	"lockout": "", "lockouts": "lockouts", "withdrawals": "withdrawals", "troubleshoot": "cases",
}

// hintPast prints how to query the time of the newest record, if a query without a moment found
// nothing and that record is old, for example after an import of old history. It prints nothing
// with --json, because programs compare the output.
func (p *program) hintPast(ctx context.Context, operation string, v operations.Values, answer []byte) {
	list, isTimed := timed[operation]
	if p.set.JSON || !isTimed || v.Has(operations.At) || v.Has(operations.AsOf) || !isNothing(answer, list) {
		return
	}
	p.hintNewest(ctx)
}

// hintNewest prints the time of the newest record if that time is old. The hint is beside an answer
// that is complete without it, so an error of its query is no error of the command.
func (p *program) hintNewest(ctx context.Context) {
	newest, err := p.newestTime(ctx)
	if err != nil || newest.IsZero() || p.now().Sub(newest) < hintAge {
		return
	}
	at := newest.UTC().Format(time.RFC3339Nano)
	p.warn("the newest record is of %s: add --at %s to see that day", render.Time(newest), at)
}

// newestTime returns the newest effective time of all records, the zero time for an empty ledger.
func (p *program) newestTime(ctx context.Context) (time.Time, error) {
	v, err := parseQuery("stats", "", map[string][]string{operations.Limit: {"1"}})
	if err != nil {
		return time.Time{}, err
	}
	answer, err := p.query(ctx, "stats", v)
	if err != nil {
		return time.Time{}, err
	}
	var of struct{ Newest time.Time }
	err = decodeAnswer(answer, &of)
	return of.Newest, err
}

// isNothing reports whether the list of an answer is empty, or whether the state of a user has no
// lockout, no failure and no open attempt.
func isNothing(answer []byte, list string) bool {
	var of map[string]json.RawMessage
	if json.Unmarshal(answer, &of) != nil {
		return false
	}
	if list != "" {
		return string(of[list]) == "[]"
	}
	return string(of["locked"]) == "false" && string(of["failures"]) == "0" && string(of["openAttempts"]) == "0"
}
