package main

// wayCase is a command line that runs in each way on a copy of one ledger. The output and the
// exit code must be equal, byte for byte.
type wayCase struct {
	command string // an entry of settingsRead that reads the data directory
	args    string // after the command, split at blanks
	role    string // of the token of the way server
	code    int    // exit code

	// not holds the ways in which the command must end with exit code 2 and a message.
	not map[way]string
}

var (
	onlyDirectory = map[way]string{socket: "can't go through the node that runs on",
		server: "works with the data directory of this machine only"}
	onlyStopped = map[way]string{socket: "a running node writes the head itself", server: "a running node"}
)

// wayCases lists every command that reads a ledger. The commands that write come first, because
// the reads of the role auditor append records to the ledger of the way server.
var wayCases = []wayCase{
	{command: "do", args: "login.report user=alice outcome=failed reason=bad_credentials --id w-1",
		role: "gateway"},
	{command: "do", args: "login.report user=alice outcome=failed reason=bad_credentials --id w-1 --json",
		role: "gateway"},
	{command: "do", args: "login.report user=alice outcome=failed reason=bad_luck --id w-2 --json",
		role: "gateway", code: 1},
	{command: "do", args: "login.report user=ALICE! outcome=succeeded --id w-3", role: "gateway"},
	{command: "do", args: "device.activate user=alice device=d-1 class=ibkr_mobile method=qr --id w-4",
		role: "gateway"},
	{command: "do", role: "gateway", args: "withdrawal.request withdrawal=w-1 account=A-1 user=alice " +
		"device=d-9 amount=1.00 currency=USD --id w-5"},
	{command: "do", role: "gateway", code: 1,
		args: "login.report user=alice --id w-6 --source cli --time 2020-01-01T00:00:00Z outcome=succeeded",
		not:  map[way]string{server: "omit --source, --time and --backfill"}},
	{command: "policy adopt", args: "--preset posix-host --by officer --id w-7", role: "officer"},
	{command: "import", args: "--from cloudevents empty", not: onlyDirectory},
	{command: "hold", args: "bob --case L-1 --by officer --purpose order --id w-8 --json", role: "officer"},
	{command: "hold", args: "bob --case L-1 --by officer --id w-9", role: "officer", code: 1},
	{command: "forget", args: "bob --case C-1 --by officer --yes --id w-10 --json", role: "officer", code: 1},
	{command: "show holds", role: "officer"},
	{command: "show holds", args: "--user bob --json", role: "officer"},
	{command: "show holds", args: "--user Al!ce", role: "officer", code: 2},
	{command: "show holds", args: "--as-of 1 --json", role: "officer"},
	{command: "hold release", args: "bob --case L-1 --by officer --id w-11 --json", role: "officer"},
	{command: "forget", args: "bob --case C-1 --by officer --id w-12", role: "officer", code: 2},
	{command: "forget", args: "bob --case C-1 --by officer --yes --id w-13", role: "officer"},

	{command: "show holds", args: "--json", role: "officer"},
	{command: "show forgotten", role: "officer"},
	{command: "show forgotten", args: "--user bob --json", role: "officer"},
	{command: "show forgotten", args: "--at 2020-01-01T00:00:00Z --limit 1 --json", role: "officer"},
	{command: "show lockout", args: "alice", role: "support"},
	{command: "show lockout", args: "alice --json", role: "support"},
	{command: "show lockout", args: "alice --as-of 2 --json", role: "support"},
	{command: "show lockout", args: "alice --at 2030-01-01T00:00:00Z", role: "support"},
	{command: "show lockout", args: "alice --as-of 99", role: "support", code: 1},
	{command: "show lockout", args: "Al!ce", role: "support", code: 2},
	{command: "show lockout", args: "alice --at never", role: "support", code: 2},
	{command: "show lockouts", role: "support"},
	{command: "show lockouts", args: "--json --limit 1", role: "support"},
	{command: "show users", role: "dashboard"},
	{command: "show users", args: "--prefix al --locked=false --has-device --json", role: "support"},
	{command: "show users", args: "--active-since 2020-01-01T00:00:00Z --order oldest --as-of 2 --json",
		role: "support"},
	{command: "show users", args: "--prefix Al!", role: "support", code: 2},
	{command: "show users", args: "--after AQ", role: "support", code: 2},
	{command: "show devices", args: "--all --state active --class ibkr_mobile --json", role: "support"},
	{command: "show devices", args: "--all --user alice", role: "officer"},
	{command: "show devices", args: "--all --user Al!ce", role: "support", code: 2},
	{command: "show devices", args: "alice --state active", role: "support", code: 2},
	{command: "show devices", args: "alice --all", role: "support", code: 2},
	{command: "show codes", args: "--all --kind temp_passcode --state full --json", role: "dashboard"},
	{command: "show sharings", args: "--all --state pending", role: "officer"},
	{command: "show withdrawals", args: "--all --account A-1 --min-usd 0.5 --json", role: "support"},
	{command: "show withdrawals", args: "--all --day 2026-3-2", role: "support", code: 2},
	{command: "show devices", args: "alice", role: "support"},
	{command: "show devices", args: "alice --json", role: "support"},
	{command: "show codes", args: "alice", role: "support"},
	{command: "show codes", args: "alice --json --limit 1", role: "support"},
	{command: "show sharings", args: "alice", role: "support"},
	{command: "show sharings", args: "alice --json", role: "support"},
	{command: "show withdrawals", args: "A-1", role: "support"},
	{command: "show withdrawals", args: "A-1 --json", role: "support"},
	{command: "show withdrawals", args: "A-1! --json", role: "support", code: 2},
	{command: "show troubleshoot", args: "alice", role: "support"},
	{command: "show troubleshoot", args: "Al!ce --json", role: "support"},
	{command: "show timeline", args: "alice", role: "support"},
	{command: "show timeline", args: "alice --json --limit 1 --order newest", role: "support"},
	{command: "show timeline", args: "account/A-1", role: "support"},
	{command: "show sources", role: "dashboard"},
	{command: "show sources", args: "--json --buckets", role: "dashboard"},
	{command: "stats", args: "--at 2026-03-02T16:00:00Z --group type", role: "dashboard"},
	{command: "stats", args: "--at 2026-03-02T16:00:00Z --step 1d --json", role: "dashboard"},
	{command: "stats", args: "--group class --step 1m", role: "dashboard", code: 2},
	{command: "why", args: "1", role: "officer"},
	{command: "why", args: "1 --json", role: "officer"},
	{command: "why", args: "99", role: "officer", code: 1},
	{command: "why", args: "2 --as-of 1", role: "officer", code: 1},
	{command: "why", args: "1 --at 2020-01-01T00:00:00Z", role: "officer", code: 1},
	{command: "why", args: "0", role: "officer", code: 2},
	{command: "policy show", role: "officer"},
	{command: "policy show", args: "--json", role: "officer"},
	{command: "policy show", args: "--as-of 2 --json", role: "officer"},
	{command: "policy show", args: "--at 2020-01-01T00:00:00Z", role: "officer"},
	{command: "policy what-if", args: "--preset ibkr-sls", role: "officer"},
	{command: "policy what-if", args: "--preset ibkr-sls --json --from 2", role: "officer"},
	{command: "dlq ls", role: "operator"},
	{command: "dlq ls", args: "--json", role: "operator"},
	{command: "dlq show", args: "1", role: "operator", code: 1},
	{command: "dlq retry", args: "1", role: "operator", code: 1},
	{command: "dlq retry", args: "--caller nobody", role: "operator"},
	{command: "dlq drop", args: "1", role: "operator", code: 1},
	{command: "verify", role: "operator"},
	{command: "verify", args: "--json", role: "operator"},
	{command: "health", args: "--json", not: map[way]string{directory: "no node runs on"}, code: 0},

	{command: "token add", args: "desk --role support", role: "operator"},
	{command: "token add", args: "desk --role support", role: "operator", code: 1},
	{command: "token add", args: "desk2 --role nobody", role: "operator", code: 2},
	{command: "token ls", role: "operator"},
	{command: "token ls", args: "--json --limit 1", role: "operator"},
	{command: "token revoke", args: "desk", role: "operator"},
	{command: "token revoke", args: "desk", role: "operator", code: 1},
	{command: "webhook add", args: "hook https://127.0.0.1:1/hook --allow-private", role: "operator"},
	{command: "webhook ls", role: "operator"},
	{command: "webhook ls", args: "--json", role: "operator"},
	{command: "webhook rotate", args: "hook --json", role: "operator"},
	{command: "webhook deliveries", args: "hook --json", role: "operator"},
	{command: "webhook redrive", args: "hook --failed", role: "operator"},
	{command: "webhook rm", args: "hook", role: "operator"},

	{command: "keys rotate", args: "--json", role: "operator"},
	{command: "keys rotate", role: "operator", code: 1}, // the key before the first rotation would be lost
	{command: "rebuild", role: "operator"},
	{command: "rebuild", args: "--head",
		role: "operator", not: onlyStopped},
	{command: "replay", args: "--to 6", role: "auditor"},
	{command: "replay", args: "--entity user/alice --to 6", role: "auditor"},
	{command: "replay", args: "--type login.report --to 6", role: "auditor"},
	{command: "replay", args: "--as-of 3", role: "auditor"},
	{command: "replay", args: "--as-of 2020-01-01T00:00:00Z", role: "auditor"},
	{command: "replay", args: "--at 2020-01-01T00:00:00Z --from 2", role: "auditor"},
	{command: "replay", args: "--from 3 --as-of 2", role: "auditor"},
	{command: "why", args: "1 --as-of 4 --json", role: "auditor"},
	{command: "show lockout", args: "alice --as-of 4", role: "auditor"},
}

// waysElsewhere are the commands that read a data directory and are no requests about a ledger.
var waysElsewhere = map[string]string{
	"backup":          "backup.txtar runs it in each way",
	"restore":         "creates a data directory, see backup.txtar",
	"serve":           "runs the node",
	"nats serve":      "runs a NATS server",
	"bench memory":    "runs in the process that bench starts",
	"config show":     "prints the settings",
	"config validate": "checks the settings",
}
