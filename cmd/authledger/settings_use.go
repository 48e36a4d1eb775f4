package main

import (
	"maps"
	"slices"
	"strings"

	"authledger/cmd/internal/settings"

	"github.com/spf13/cobra"
)

// Groups of settings that commands read together.
var (
	readSettings    = []string{"data", "realm", "master-key", "drop-damaged-keys"}
	writeSettings   = []string{"node", "pseudonymous", "allow-unsynced", "nats-listen", "nats-url"}
	ledgerSettings  = join(readSettings, writeSettings)
	outputSettings  = []string{"json", "wide", "color"}
	remoteSettings  = []string{"server", "context", "allow-plaintext", "timeout"}
	serviceSettings = []string{"listen", "admin", "tls-cert", "tls-key", "allow-plaintext", "nats-listen", "nats-url", "nats-key"}
	natsSettings    = []string{"nats-url", "nats-key", "allow-plaintext"}
)

// alwaysRead are the settings that every command reads.
var alwaysRead = []string{"config", "log-level", "shutdown-timeout"}

// settingsRead lists, by command, the settings that the command reads in addition to
// [alwaysRead]. A flag of another setting is a usage error, so that no flag is ignored.
var settingsRead = map[string][]string{
	"authledger":            {},
	"backup":                join(outputSettings, "data", "realm"),
	"backup check":          outputSettings,
	"bench":                 join(outputSettings, "realm", "node"),
	"bench memory":          join(outputSettings, ledgerSettings),
	"context add":           {"server", "allow-plaintext"},
	"context ls":            outputSettings,
	"context rm":            {},
	"context use":           {},
	"completion bash":       {},
	"completion fish":       {},
	"completion powershell": {},
	"completion zsh":        {},
	"config show":           settings.Names(),
	"config validate":       settings.Names(),
	"demo":                  join(outputSettings, "listen", "realm", "node", "allow-unsynced"),
	"dlq drop":              join(outputSettings, ledgerSettings, remoteSettings, natsSettings),
	"dlq ls":                join(outputSettings, ledgerSettings, remoteSettings, natsSettings),
	"dlq retry":             join(outputSettings, ledgerSettings, remoteSettings, natsSettings),
	"dlq show":              join(outputSettings, ledgerSettings, remoteSettings, natsSettings),
	"do":                    join(outputSettings, ledgerSettings, remoteSettings),
	"forget":                join(outputSettings, ledgerSettings, remoteSettings),
	"generate":              {},
	"health":                join(outputSettings, "server", "context", "allow-plaintext", "data", "listen", "tls-cert"),
	"hold":                  join(outputSettings, ledgerSettings, remoteSettings),
	"hold release":          join(outputSettings, ledgerSettings, remoteSettings),
	"import":                join(outputSettings, ledgerSettings),
	"keys rotate":           join(outputSettings, readSettings, remoteSettings),
	"man":                   {},
	"nats key":              {},
	"nats serve":            {"data", "realm", "allow-unsynced", "nats-listen", "tls-cert", "tls-key", "allow-plaintext"},
	"policy adopt":          join(outputSettings, ledgerSettings, remoteSettings),
	"policy presets":        outputSettings,
	"policy show":           join(outputSettings, readSettings, remoteSettings),
	"policy validate":       outputSettings,
	"policy what-if":        join(outputSettings, readSettings, remoteSettings),
	"rebuild":               join(outputSettings, readSettings, remoteSettings),
	"replay":                join("json", ledgerSettings, remoteSettings),
	"restore":               join(outputSettings, readSettings),
	"serve":                 join(ledgerSettings, serviceSettings),
	"show codes":            join(outputSettings, readSettings, remoteSettings),
	"show devices":          join(outputSettings, readSettings, remoteSettings),
	"show forgotten":        join(outputSettings, readSettings, remoteSettings),
	"show holds":            join(outputSettings, readSettings, remoteSettings),
	"show lockout":          join(outputSettings, readSettings, remoteSettings),
	"show lockouts":         join(outputSettings, readSettings, remoteSettings),
	"show sharings":         join(outputSettings, readSettings, remoteSettings),
	"show sources":          join(outputSettings, readSettings, remoteSettings),
	"show timeline":         join(outputSettings, readSettings, remoteSettings),
	"show troubleshoot":     join(outputSettings, readSettings, remoteSettings),
	"show users":            join(outputSettings, readSettings, remoteSettings),
	"show withdrawals":      join(outputSettings, readSettings, remoteSettings),
	"stats":                 join(outputSettings, readSettings, remoteSettings),
	"token add":             join(outputSettings, ledgerSettings, remoteSettings),
	"token ls":              join(outputSettings, readSettings, remoteSettings),
	"token revoke":          join(outputSettings, ledgerSettings, remoteSettings),
	"verify":                join(outputSettings, readSettings, remoteSettings),
	"version":               outputSettings,
	"webhook add":           join(outputSettings, ledgerSettings, remoteSettings),
	"webhook deliveries":    join(outputSettings, readSettings, remoteSettings),
	"webhook ls":            join(outputSettings, readSettings, remoteSettings),
	"webhook redrive":       join(outputSettings, readSettings, remoteSettings),
	"webhook rm":            join(outputSettings, ledgerSettings, remoteSettings),
	"webhook rotate":        join(outputSettings, ledgerSettings, remoteSettings),
	"why":                   join(outputSettings, readSettings, remoteSettings),
}

// join concatenates names and lists of names.
func join(parts ...any) []string {
	var all []string
	for _, part := range parts {
		switch part := part.(type) {
		case string:
			all = append(all, part)
		case []string:
			all = append(all, part...)
		}
	}
	return all
}

// commandWords returns the words of a command after the name of the program.
func commandWords(c *cobra.Command) string {
	return strings.TrimPrefix(c.CommandPath(), "authledger ")
}

// checkSettings returns a usage error for a flag of a setting that c does not read. A variable or
// the file may set any other setting, because they serve all commands.
func (p *program) checkSettings(c *cobra.Command) error {
	if _, listed := settingsRead[commandWords(c)]; !listed {
		return nil // help and completion: cobra adds them
	}
	for _, name := range settings.Names() {
		if p.set.From(name) == "--"+name && !p.reads(c, name) {
			return usagef("`%s` does not use --%s: %s", c.CommandPath(), name, p.otherWay(c, name))
		}
	}
	return nil
}

// otherWay returns what the user can do in place of a flag that c does not use.
func (p *program) otherWay(c *cobra.Command, flag string) string {
	if (flag == "server" || flag == "context") && p.reads(c, "data") {
		return "it works with the data directory of this machine only, give --data DIR"
	}
	var users []string
	for _, words := range slices.Sorted(maps.Keys(settingsRead)) {
		if slices.Contains(settingsRead[words], flag) && !strings.HasPrefix(words, "config ") && words != "bench memory" {
			users = append(users, words)
		}
	}
	others := ""
	if len(users) > usersNamedMax { // the first word names a command or a group
		for i := range users {
			users[i], _, _ = strings.Cut(users[i], " ")
		}
		users = slices.Compact(users)
	}
	if len(users) > usersNamedMax {
		users, others = users[:usersNamedMax], " and others"
	}
	return "leave it out, it is for " + strings.Join(users, ", ") + others
}

// usersNamedMax is the maximum number of commands that the error about an unused flag names.
const usersNamedMax = 6

// opensLedger reports whether c opens the data directory of a ledger.
func opensLedger(c *cobra.Command) bool {
	words := commandWords(c)
	return slices.Contains(settingsRead[words], "realm") && !strings.HasPrefix(words, "config ")
}

// reads reports whether c reads a setting.
func (p *program) reads(c *cobra.Command, setting string) bool {
	return slices.Contains(alwaysRead, setting) || slices.Contains(settingsRead[commandWords(c)], setting)
}
