package access

import (
	"slices"

	"authledger/domain"
)

// Role is the role of a caller. The zero Role has no rights.
type Role string

// The roles that a token can have.
const (
	Gateway   Role = "gateway"   // authenticates users, ships devices, accepts withdrawals
	Importer  Role = "importer"  // imports earlier attempts and states
	Support   Role = "support"   // helps users on the phone
	Officer   Role = "officer"   // reviews sharings, adopts policies, erases personal data
	Auditor   Role = "auditor"   // reads everything; the ledger records each read
	Dashboard Role = "dashboard" // shows the current state
	Operator  Role = "operator"  // runs the node
)

// Open is the role of every caller if the server requires no credentials: a demonstration
// on one machine. No token has this role.
const Open Role = "open"

// Local is the role of the owner of the data directory, who reaches the node through the socket
// in that directory. The role has all rights, because the owner can open the directory without
// the node, too. No token has this role.
const Local Role = "local"

// Roles returns the roles that a token can have.
func Roles() []Role {
	var all []Role
	for _, name := range domain.TokenRoles() {
		all = append(all, Role(name))
	}
	return all
}

// Right is the right to submit a type of command, or one of the constants below.
type Right string

// The rights that are not types of commands.
const (
	ReadLockout      Right = "read lockout"
	ReadLockouts     Right = "read lockouts"
	ReadDevices      Right = "read devices"
	ReadCodes        Right = "read codes"
	ReadSharings     Right = "read sharings"
	ReadWithdrawals  Right = "read withdrawals"
	ReadSources      Right = "read sources"    // counts of attempts; no user and no address
	ReadStatistics   Right = "read statistics" // counts of records; no user, account or address
	ListUsers        Right = "list users"      // lists of the whole realm; nothing sealed
	ListDevices      Right = "list devices"
	ListCodes        Right = "list codes"
	ListSharings     Right = "list sharings"
	ListWithdrawals  Right = "list withdrawals"
	ListHolds        Right = "list holds"     // the legal cases of a user
	ListForgotten    Right = "list forgotten" // the users whose personal data was erased
	ReadTroubleshoot Right = "read troubleshoot"
	ReadTimeline     Right = "read timeline"
	ReadRecords      Right = "read records"
	ReadWhy          Right = "read why"
	ReadPolicy       Right = "read policy"
	ReadTokens       Right = "read tokens"
	ReadWebhooks     Right = "read webhooks"
	ReadMetrics      Right = "read metrics"
	ReadLiveEvents   Right = "read live events"  // events as they are recorded, over NATS
	ReadDeadLetters  Right = "read dead letters" // dead letters of the intake
	RetryDeadLetters Right = "retry dead letters"
	RedriveWebhooks  Right = "redrive webhooks" // deliver events again
	Reveal           Right = "reveal"           // sealed members; the ledger records the purpose
	Gate             Right = "gate login"       // ask whether a login attempt is admitted, before the password check
	Verify           Right = "verify"           // read the whole log and verify it
	Rebuild          Right = "rebuild"          // rebuild the projections
	RotateKeys       Right = "rotate keys"      // change to another master key
	WhatIf           Right = "what-if"          // decide the records again under another policy
)

// row is a right and the roles that have it.
type row struct {
	right Right
	roles []Role
}

// table lists the roles of each right. A right without a row is denied to every role.
var table = []row{
	{"login.begin", []Role{Gateway, Importer}},
	{"login.finish", []Role{Gateway, Importer}},
	{"login.report", []Role{Gateway, Importer}},
	{"lockout.release", []Role{Importer, Support}},
	{"identity.record", []Role{Gateway, Importer}},
	{"identity.verify", []Role{Importer, Support}},
	{"device.request", []Role{Gateway, Importer}},
	{"device.ship", []Role{Gateway, Importer, Support}},
	{"device.activate", []Role{Gateway, Importer}},
	{"device.deactivate", []Role{Gateway, Importer, Support}},
	{"device.add_user", []Role{Gateway, Importer}},
	{"device.change_pin", []Role{Gateway, Importer}},
	{"device.reset_pin", []Role{Importer, Support}},
	{"device.rename", []Role{Gateway, Importer}},
	{"code.issue", []Role{Gateway, Importer, Support}},
	{"code.redeem", []Role{Gateway, Importer}},
	{"code.revoke", []Role{Gateway, Importer, Support}},
	{"sharing.request", []Role{Gateway, Importer}},
	{"sharing.review", []Role{Importer, Officer}},
	{"sharing.cancel", []Role{Gateway, Importer, Support}},
	{"withdrawal.request", []Role{Gateway, Importer}},
	{"withdrawal.settle", []Role{Gateway, Importer}},
	{"withdrawal.cancel", []Role{Gateway, Importer, Support}},
	{"policy.adopt", []Role{Officer, Operator}},
	{"person.forget", []Role{Officer}},
	{"person.hold", []Role{Officer}},
	{"person.release", []Role{Officer}},
	{"config.token_add", []Role{Operator}},
	{"config.token_revoke", []Role{Operator}},
	{"config.webhook_add", []Role{Operator}},
	{"config.webhook_rotate", []Role{Operator}},
	{"config.webhook_remove", []Role{Operator}},

	{Gate, []Role{Gateway}},
	{ReadLockout, []Role{Gateway, Support, Auditor, Dashboard}},
	{ReadLockouts, []Role{Support, Auditor, Dashboard}},
	{ReadDevices, []Role{Gateway, Support, Officer, Auditor, Dashboard}},
	{ReadCodes, []Role{Gateway, Support, Auditor}},
	{ReadSharings, []Role{Gateway, Support, Officer, Auditor}},
	{ReadWithdrawals, []Role{Gateway, Support, Officer, Auditor, Dashboard}},
	{ReadSources, []Role{Auditor, Dashboard}},
	{ReadStatistics, []Role{Support, Auditor, Dashboard, Operator}},
	{ListUsers, []Role{Support, Officer, Auditor, Dashboard}},
	{ListDevices, []Role{Support, Officer, Auditor, Dashboard}},
	{ListCodes, []Role{Support, Auditor, Dashboard}},
	{ListSharings, []Role{Support, Officer, Auditor, Dashboard}},
	{ListWithdrawals, []Role{Support, Officer, Auditor, Dashboard}},
	{ListHolds, []Role{Officer, Auditor}},
	{ListForgotten, []Role{Officer, Auditor}},
	{ReadTroubleshoot, []Role{Support, Auditor}},
	{ReadTimeline, []Role{Support, Officer, Auditor}},
	{ReadRecords, []Role{Auditor}},
	{ReadWhy, []Role{Officer, Auditor}},
	{ReadPolicy, []Role{Gateway, Importer, Support, Officer, Auditor, Dashboard, Operator}},
	{ReadTokens, []Role{Operator}},
	{ReadWebhooks, []Role{Operator}},
	{ReadMetrics, []Role{Dashboard, Operator}},
	{ReadLiveEvents, []Role{Auditor, Dashboard}},
	{ReadDeadLetters, []Role{Operator}},
	{RetryDeadLetters, []Role{Operator}},
	{RedriveWebhooks, []Role{Operator}},
	{Reveal, []Role{Support, Auditor}},
	{Verify, []Role{Operator}},
	{Rebuild, []Role{Operator}},
	{RotateKeys, []Role{Operator}},
	{WhatIf, []Role{Officer}},
}

var rights = func() map[Right][]Role {
	all := make(map[Right][]Role, len(table))
	for _, r := range table {
		all[r.right] = r.roles
	}
	return all
}()

// Rights returns all rights, in the order of the table.
func Rights() []Right {
	all := make([]Right, len(table))
	for i, r := range table {
		all[i] = r.right
	}
	return all
}

// MaySubmit reports whether the role has the right to at least one type of command.
func (r Role) MaySubmit() bool {
	return slices.ContainsFunc(domain.ClientCommands(), func(kind string) bool { return r.May(Right(kind)) })
}

// May reports whether the role has the right.
func (r Role) May(right Right) bool {
	roles, known := rights[right]
	return known && (r == Open || r == Local || slices.Contains(roles, r))
}
