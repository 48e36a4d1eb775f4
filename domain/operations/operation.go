package operations

import "strings"

// Operation is one row of the table.
type Operation struct {
	Name    string // of the endpoint over NATS and in the documents, such as lockout
	Right   string // the caller's role must have it; see the table of rights
	Tag     string // the resource, by which the documents group operations
	Method  string // of HTTP
	Path    string // of HTTP, with parameters in braces
	Command string // words of the command line, such as show lockout
	Summary string // imperative, without a full stop
	Answer  string // name of the answer's schema in the OpenAPI document, "" for none

	Items string // member of the answer that has the items of a page; "" unless the operation is a list

	Parameters []Parameter // the parameter of the path comes first

	// ReadsLedger reports that the operation reads the ledger: it accepts atLeast, and
	// the ledger records the read if the caller's role or reveal=true requires it.
	ReadsLedger bool

	// Cost is the number of requests that one call counts as in the caller's rate; 0 means 1.
	// A query about the past counts as at least 5.
	Cost     int
	PastCost int // of a query about the past, if it is more than other queries about the past cost
}

// Costs of operations that read more than other queries.
const (
	costWhy     = 20 // reads many records
	costSources = 5  // reads a row for each source, outcome and reason
	costStats   = 5  // reads a row for each bucket, and one for each locked user
	costList    = 5  // may read some thousand rows

	costListPast = 20 // may read several rows for each item, or fold the records of 200 users
)

// costPast is the minimum number of requests that a query with at or asOf counts as.
const costPast = 5

// Requests returns the number of requests that one call counts as in the caller's rate.
// isPast reports whether the call has at or asOf.
func (o *Operation) Requests(isPast bool) int {
	cost := max(1, o.Cost)
	if isPast {
		cost = max(cost, costPast, o.PastCost)
	}
	return cost
}

// moment holds the parameters that every query of the ledger accepts.
var moment = []Parameter{at, asOf, atLeast, purpose}

// page holds the parameters that every list accepts.
var page = []Parameter{limit, order, cursor}

// pageOfRecords is page for records of one entity, which are listed oldest first by default.
var pageOfRecords = []Parameter{limit, orderOfRecords, cursor}

// table lists the operations in the order of the documents.
var table = []Operation{
	{Name: "users", Right: "list users", Tag: "Users", Method: "GET", Path: "/v1/users", Command: "show users",
		Summary: "List users", Answer: "Users", ReadsLedger: true, Cost: costList, PastCost: costListPast,
		Items: "items", Parameters: join(prefix, locked, hasDevice, activeSince, page, moment)},
	{Name: "lockout", Right: "read lockout", Tag: "Lockouts", Method: "GET", Path: "/v1/users/{user}/lockout", Command: "show lockout",
		Summary: "Get a user's lockout state", Answer: "Lockout", ReadsLedger: true, Parameters: join(user, moment)},
	{Name: "lockouts", Right: "read lockouts", Tag: "Lockouts", Method: "GET", Path: "/v1/lockouts", Command: "show lockouts",
		Summary: "List locked users", Answer: "Lockouts", ReadsLedger: true, Items: "lockouts", Parameters: join(page, moment)},
	{Name: "devices", Right: "read devices", Tag: "Devices", Method: "GET", Path: "/v1/users/{user}/devices", Command: "show devices",
		Summary: "List a user's devices", Answer: "Devices", ReadsLedger: true, Items: "devices", Parameters: join(user, page, moment)},
	{Name: "all-devices", Right: "list devices", Tag: "Devices", Method: "GET", Path: "/v1/devices", Command: "show devices",
		Summary: "List the devices of all users", Answer: "AllDevices", ReadsLedger: true, Cost: costList, PastCost: costListPast,
		Items: "items", Parameters: join(deviceClass, deviceState, ofUser, page, moment)},
	{Name: "codes", Right: "read codes", Tag: "Codes", Method: "GET", Path: "/v1/users/{user}/codes", Command: "show codes",
		Summary: "List a user's codes", Answer: "Codes", ReadsLedger: true, Items: "codes", Parameters: join(user, page, moment)},
	{Name: "all-codes", Right: "list codes", Tag: "Codes", Method: "GET", Path: "/v1/codes", Command: "show codes",
		Summary: "List the codes of all users", Answer: "AllCodes", ReadsLedger: true, Cost: costList, PastCost: costListPast,
		Items: "items", Parameters: join(codeKind, codeState, ofUser, page, moment)},
	{Name: "sharings", Right: "read sharings", Tag: "Sharings", Method: "GET", Path: "/v1/users/{user}/sharings", Command: "show sharings",
		Summary: "List a user's device sharings", Answer: "Sharings", ReadsLedger: true, Items: "sharings", Parameters: join(user, page, moment)},
	{Name: "all-sharings", Right: "list sharings", Tag: "Sharings", Method: "GET", Path: "/v1/sharings", Command: "show sharings",
		Summary: "List the sharings of all users", Answer: "AllSharings", ReadsLedger: true, Cost: costList, PastCost: costListPast,
		Items: "items", Parameters: join(sharingState, page, moment)},
	{Name: "withdrawals", Right: "read withdrawals", Tag: "Withdrawals", Method: "GET", Path: "/v1/accounts/{account}/withdrawals", Command: "show withdrawals",
		Summary: "List an account's withdrawals and remaining limits", Answer: "Withdrawals", ReadsLedger: true, Items: "withdrawals", Parameters: join(account, page, moment)},
	{Name: "all-withdrawals", Right: "list withdrawals", Tag: "Withdrawals", Method: "GET", Path: "/v1/withdrawals", Command: "show withdrawals",
		Summary: "List the withdrawals of all accounts", Answer: "AllWithdrawals", ReadsLedger: true, Cost: costList, PastCost: costListPast,
		Items: "items", Parameters: join(withdrawalState, withdrawalClass, withdrawalDay, ofAccount, ofUser, minUSD, page, moment)},
	{Name: "sources", Right: "read sources", Tag: "Sources", Method: "GET", Path: "/v1/sources", Command: "show sources",
		Summary: "Count the login attempts of each source by outcome", Answer: "Sources", ReadsLedger: true, Cost: costSources,
		Items: "items", Parameters: join(buckets, limit, cursor, atLeast, purpose)}, // no past and no order of time: the rows hold the newest counts, by source
	{Name: "stats", Right: "read statistics", Tag: "Statistics", Method: "GET", Path: "/v1/stats", Command: "stats",
		Summary: "Count records by minute, hour or day", Answer: "Statistics", ReadsLedger: true, Cost: costStats,
		Items: "items", Parameters: join(fromTime, toTime, step, group, limit, afterBucket, at, atLeast, purpose)}, // no asOf: the rows hold the newest counts
	{Name: "troubleshoot", Right: "read troubleshoot", Tag: "Troubleshooting", Method: "GET", Path: "/v1/users/{user}/troubleshoot", Command: "show troubleshoot",
		Summary: "List a user's login problems and their remedies", Answer: "Troubles", ReadsLedger: true, Parameters: join(user, moment)},
	{Name: "timeline", Right: "read timeline", Tag: "Timelines", Method: "GET", Path: "/v1/users/{user}/timeline", Command: "show timeline",
		Summary: "List a user's records", Answer: "Timeline", ReadsLedger: true, Items: "records", Parameters: join(user, pageOfRecords, reveal, moment)},
	{Name: "account-timeline", Right: "read timeline", Tag: "Timelines", Method: "GET", Path: "/v1/accounts/{account}/timeline", Command: "show timeline",
		Summary: "List an account's records", Answer: "Timeline", ReadsLedger: true, Items: "records", Parameters: join(account, pageOfRecords, reveal, moment)},

	{Name: "holds", Right: "list holds", Tag: "Users", Method: "GET", Path: "/v1/holds", Command: "show holds",
		Summary: "List standing holds", Answer: "Holds", ReadsLedger: true, Cost: costList, PastCost: costListPast,
		Items: "items", Parameters: join(ofUser, page, moment)},
	{Name: "forgotten", Right: "list forgotten", Tag: "Users", Method: "GET", Path: "/v1/forgotten", Command: "show forgotten",
		Summary: "List erasures of personal data", Answer: "Forgotten", ReadsLedger: true, Cost: costList, PastCost: costListPast,
		Items: "items", Parameters: join(ofUser, page, moment)},

	{Name: "records", Right: "read records", Tag: "Records", Method: "GET", Path: "/v1/records", Command: "replay",
		Summary: "List or follow the records of the log", Answer: "Record", ReadsLedger: true,
		Parameters: join(from, to, entity, recordType, spanLimit, after, follow, reveal, readSession, moment)},
	{Name: "record", Right: "read records", Tag: "Records", Method: "GET", Path: "/v1/records/{seq}", Command: "replay",
		Summary: "Get a record", Answer: "Record", ReadsLedger: true, Parameters: join(seq, reveal, moment)},
	{Name: "why", Right: "read why", Tag: "Records", Method: "GET", Path: "/v1/records/{seq}/why", Command: "why",
		Summary: "Explain a record's verdict", Answer: "Why", ReadsLedger: true, Cost: costWhy, Parameters: join(seq, afterWithdrawal, moment)},
	{Name: "policy", Right: "read policy", Tag: "Policy", Method: "GET", Path: "/v1/policy", Command: "policy show",
		Summary: "Get the policy in force", Answer: "Policy", ReadsLedger: true, Parameters: moment},

	{Name: "tokens", Right: "read tokens", Tag: "Configuration", Method: "GET", Path: "/v1/tokens", Command: "token ls",
		Summary: "List tokens without their secrets", Answer: "Tokens", ReadsLedger: true,
		Items: "tokens", Parameters: join(limit, cursor, atLeast, purpose)}, // no past: the rows hold the present tokens
	{Name: "webhooks", Right: "read webhooks", Tag: "Configuration", Method: "GET", Path: "/v1/webhooks", Command: "webhook ls",
		Summary: "List webhook endpoints without their secrets", Answer: "Webhooks", ReadsLedger: true,
		Items: "webhooks", Parameters: join(limit, cursor, atLeast, purpose)},

	{Name: "webhook-deliveries", Right: "read webhooks", Tag: "Configuration", Method: "GET", Path: "/v1/webhooks/{name}/deliveries", Command: "webhook deliveries",
		Summary: "List the deliveries of this node to an endpoint", Answer: "WebhookDeliveries", Cost: costList,
		Items: "deliveries", Parameters: join(webhookName, deliveryState, limit, cursor)},
	{Name: "webhook-redrive", Right: "redrive webhooks", Tag: "Configuration", Method: "POST", Path: "/v1/webhooks/{name}/redrive", Command: "webhook redrive",
		Summary: "Deliver events of this node again", Answer: "Redriven", Cost: costList, Parameters: join(webhookName, deliveries)},

	{Name: "dead-letters", Right: "read dead letters", Tag: "Dead letters", Method: "GET", Path: "/v1/dead-letters", Command: "dlq ls",
		Summary: "List dead letters", Answer: "DeadLetters", Items: "items", Parameters: page},
	{Name: "dead-letter", Right: "read dead letters", Tag: "Dead letters", Method: "GET", Path: "/v1/dead-letters/{position}", Command: "dlq show",
		Summary: "Get a dead letter with its message", Answer: "DeadLetter", Parameters: join(position)},
	{Name: "dead-letter-retry", Right: "retry dead letters", Tag: "Dead letters", Method: "POST", Path: "/v1/dead-letters/{position}/retry", Command: "dlq retry",
		Summary: "Retry the command of a dead letter", Answer: "Verdict", Parameters: join(position)},
	{Name: "dead-letter-drop", Right: "retry dead letters", Tag: "Dead letters", Method: "POST", Path: "/v1/dead-letters/{position}/drop", Command: "dlq drop",
		Summary: "Delete a dead letter", Answer: "DroppedDeadLetter", Parameters: join(position)},
}

// join returns a list of parameters. Its arguments are parameters and lists of them.
func join(all ...any) (joined []Parameter) {
	for _, each := range all {
		switch each := each.(type) {
		case Parameter:
			joined = append(joined, each)
		case []Parameter:
			joined = append(joined, each...)
		}
	}
	return joined
}

// All returns the operations in the order of the documents. The caller must not change
// them.
func All() []Operation { return table }

// Find returns the operation with a name. It panics if the name is unknown, because
// names are constants of the program.
func Find(name string) *Operation {
	for i := range table {
		if table[i].Name == name {
			return &table[i]
		}
	}
	panic("operations: unknown operation " + name)
}

// Parameter returns the parameter with a name, nil if the operation does not accept it.
func (o *Operation) Parameter(name string) *Parameter {
	for i := range o.Parameters {
		if o.Parameters[i].Name == name {
			return &o.Parameters[i]
		}
	}
	return nil
}

// PathParameter returns the parameter in the path, nil for a path without
// parameters. A path has at most one parameter.
func (o *Operation) PathParameter() *Parameter {
	if len(o.Parameters) > 0 && o.Parameters[0].In == InPath {
		return &o.Parameters[0]
	}
	return nil
}

// IsList reports whether an answer is a page of a list.
func (o *Operation) IsList() bool { return o.Items != "" }

// queryNames returns the accepted parameters of the query part, for errors.
func (o *Operation) queryNames() string {
	var names []string
	for i := range o.Parameters {
		if o.Parameters[i].In == InQuery {
			names = append(names, o.Parameters[i].Name)
		}
	}
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}

// Match returns the operation of a method and an escaped path of HTTP, with the escaped
// value of the parameter in the path. It returns nil if no operation has this method and path.
func Match(method, path string) (_ *Operation, value string) {
	for i := range table {
		o := &table[i]
		if o.Method != method {
			continue
		}
		before, rest, isParameter := strings.Cut(o.Path, "{")
		if !isParameter {
			if path == o.Path {
				return o, ""
			}
			continue
		}
		_, after, _ := strings.Cut(rest, "}")
		value, ok := strings.CutPrefix(path, before)
		if !ok {
			continue
		}
		if value, ok = strings.CutSuffix(value, after); ok && value != "" && !strings.Contains(value, "/") {
			return o, value
		}
	}
	return nil, ""
}
