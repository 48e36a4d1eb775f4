package access

import "slices"

// Role is what somebody is to the ledger. The zero Role may nothing.
type Role string

// The roles that a token can have.
const (
	Gateway   Role = "gateway"   // logs people in, ships devices, takes withdrawals
	Importer  Role = "importer"  // tells the past
	Support   Role = "support"   // helps people on the phone
	Officer   Role = "officer"   // reviews sharings, adopts policies
	Auditor   Role = "auditor"   // reads everything, and every read is recorded
	Dashboard Role = "dashboard" // shows what is going on
	Operator  Role = "operator"  // runs the node
)

// Open is everybody's role where no credentials are asked for: a demonstration on
// one machine. No token has it.
const Open Role = "open"

// Roles are those that a token can have.
func Roles() []Role {
	return []Role{Gateway, Importer, Support, Officer, Auditor, Dashboard, Operator}
}

// Right is something to do: the type of a command, or one of the constants.
type Right string

// The rights that are no commands.
const (
	ReadLockout      Right = "read lockout"
	ReadLockouts     Right = "read lockouts"
	ReadDevices      Right = "read devices"
	ReadCodes        Right = "read codes"
	ReadSharings     Right = "read sharings"
	ReadWithdrawals  Right = "read withdrawals"
	ReadTroubleshoot Right = "read troubleshoot"
	ReadTimeline     Right = "read timeline"
	ReadRecords      Right = "read records"
	ReadWhy          Right = "read why"
	ReadPolicy       Right = "read policy"
	ReadMetrics      Right = "read metrics"
	ReadFeed         Right = "read feed"    // events as they are recorded, over NATS
	ReadLetters      Right = "read letters" // what the intake could not give to the ledger
	RetryLetters     Right = "retry letters"
	Reveal           Right = "reveal"     // what is sealed, for a purpose that is recorded
	Gate             Right = "gate login" // ask the login gate
)

// row is a right and who has it.
type row struct {
	right Right
	roles []Role
}

// table is who may do what. What is not in it nobody may, but in a demonstration.
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

	{Gate, []Role{Gateway}},
	{ReadLockout, []Role{Gateway, Support, Auditor, Dashboard}},
	{ReadLockouts, []Role{Support, Auditor, Dashboard}},
	{ReadDevices, []Role{Gateway, Support, Officer, Auditor, Dashboard}},
	{ReadCodes, []Role{Gateway, Support, Auditor}},
	{ReadSharings, []Role{Gateway, Support, Officer, Auditor}},
	{ReadWithdrawals, []Role{Gateway, Support, Officer, Auditor, Dashboard}},
	{ReadTroubleshoot, []Role{Support, Auditor}},
	{ReadTimeline, []Role{Support, Officer, Auditor}},
	{ReadRecords, []Role{Auditor}},
	{ReadWhy, []Role{Officer, Auditor}},
	{ReadPolicy, []Role{Gateway, Importer, Support, Officer, Auditor, Dashboard, Operator}},
	{ReadMetrics, []Role{Dashboard, Operator}},
	{ReadFeed, []Role{Auditor, Dashboard}},
	{ReadLetters, []Role{Operator}},
	{RetryLetters, []Role{Operator}},
	{Reveal, []Role{Support, Auditor}},
}

var rights = func() map[Right][]Role {
	all := make(map[Right][]Role, len(table))
	for _, r := range table {
		all[r.right] = r.roles
	}
	return all
}()

// Rights are all there are, in the order of the table.
func Rights() []Right {
	all := make([]Right, len(table))
	for i, r := range table {
		all[i] = r.right
	}
	return all
}

// May reports whether the role has the right.
func (r Role) May(right Right) bool {
	roles, known := rights[right]
	return known && (r == Open || slices.Contains(roles, r))
}
