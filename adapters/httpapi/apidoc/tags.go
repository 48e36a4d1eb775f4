package apidoc

// tagDescriptions describes each resource by which the document groups operations.
var tagDescriptions = map[string]string{
	"Commands":        "A command reports an event or requests a decision. The answer is the verdict: accepted, refused or invalid. Accepted and refused commands are records.",
	"Login gate":      "A proxy such as nginx asks the gate before it shows the login page. The requests have headers only.",
	"Lockouts":        "A user with too many failed logins is locked for a time.",
	"Users":           "The users that the records name.",
	"Devices":         "A device is a second factor of a user, such as an app or a card.",
	"Codes":           "A code is a temporary second factor, such as a text message or a passcode.",
	"Sharings":        "Two users can share a device after a request, and after the approval of an officer if the policy requires one.",
	"Withdrawals":     "The second factor of a request determines the limits of the account for a day and for five business days.",
	"Sources":         "The login attempts that each source reported.",
	"Statistics":      "Counts for dashboards, which name no user.",
	"Troubleshooting": "Reasons why a user can't log in, for support.",
	"Timelines":       "The records of one user or one account.",
	"Records":         "The log: each decided command with its verdict and its events, in order.",
	"Policy":          "The limits and durations by which the ledger decides.",
	"Configuration":   "The tokens of callers and the endpoints of webhooks. No answer has a secret.",
	"Dead letters":    "Messages of the intake over NATS whose commands are invalid.",
	TaskTag:           "Long computations on the whole log, which run beside the traffic.",
	"Node":            "The state of the process and its documentation.",
}
