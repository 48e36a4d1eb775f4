package main

import (
	"fmt"
	"slices"
	"strings"

	"authledger/cmd/internal/settings"

	"github.com/spf13/cobra"
)

// target is the node that answers a command. The zero target is the data directory.
type target struct {
	server         string
	token          string
	allowPlaintext bool
	from           string // the flag, variable, file or context that chose the node
}

// choosers are the settings that choose the ledger of a command, in order of precedence among
// settings of one origin. The setting listen chooses the node of `health` only.
var choosers = []string{"server", "context", "listen", "data"}

// setTarget determines the ledger that answers c. A flag overrides a variable; a variable
// overrides the context that `authledger context use` selected; the selected context overrides
// the data directory of the configuration file.
func (p *program) setTarget(c *cobra.Command) error {
	if !usesLedger(c) {
		return nil
	}
	var err error
	if p.chosenBy, err = p.chooser(c); err != nil {
		return err
	}
	switch p.chosenBy {
	case "server":
		p.target = target{server: p.set.Server, token: p.getenv(settings.TokenVariable), from: p.set.From("server")}
	case "context":
		if p.target, err = p.contextTarget(p.set.Context, p.set.From("context")); err != nil {
			return err
		}
	case "":
		if p.target, err = p.selectedTarget(); err != nil {
			return err
		}
	}
	if p.target.server == "" {
		return p.checkUnused(c, remoteOnly(c), "the command opens the data directory")
	}
	if !p.reads(c, "server") {
		return usagef("`%s` works with the data directory of this machine only and can't send requests to a node: leave %s out, or give --data DIR", c.CommandPath(), p.target.from)
	}
	return p.checkUnused(c, ledgerSettings, "the request goes to "+p.target.server)
}

// usesLedger reports whether c reads or changes a ledger that it does not serve itself.
func usesLedger(c *cobra.Command) bool {
	words := commandWords(c)
	isOther := words == "serve" || words == "nats serve" || strings.HasPrefix(words, "config ") || strings.HasPrefix(words, "context ")
	return !isOther && (slices.Contains(settingsRead[words], "data") || slices.Contains(settingsRead[words], "server"))
}

// chooser returns the setting that chooses the ledger, "" if none of them is set. In the
// configuration file, data only sets the default directory and chooses no ledger.
func (p *program) chooser(c *cobra.Command) (string, error) {
	for _, from := range []settings.Origin{settings.ByFlag, settings.ByVariable, settings.ByFile} {
		var set []string
		for _, name := range choosers {
			isRead := p.reads(c, name) || name == "server" || name == "context"
			if isRead && p.set.Origin(name) == from && (from != settings.ByFile || name != "data") {
				set = append(set, name)
			}
		}
		if from == settings.ByFlag && len(set) > 1 {
			return "", usagef("--%s and --%s choose different ledgers: give one of them", set[0], set[1])
		}
		if from == settings.ByVariable && len(set) > 1 && set[1] == "context" {
			return "", usagef("%s and %s choose different ledgers: unset one of them", settings.Variable("server"), settings.Variable("context"))
		}
		if len(set) > 0 {
			return set[0], nil
		}
	}
	return "", nil
}

// remoteOnly returns the settings that c reads only if it sends its request to a server.
func remoteOnly(c *cobra.Command) []string {
	if slices.Contains(settingsRead[commandWords(c)], "nats-url") && slices.Contains(settingsRead[commandWords(c)], "nats-key") {
		return nil // the command needs allow-plaintext for nats-url, too
	}
	return []string{"allow-plaintext"}
}

// checkUnused returns a usage error if a flag of the command line set one of the named settings,
// which the command does not use. Variables and the configuration file are for all commands.
func (p *program) checkUnused(c *cobra.Command, names []string, why string) error {
	for _, name := range names {
		if name != "data" && p.set.Origin(name) == settings.ByFlag {
			return usagef("`%s` does not use --%s, because %s: leave it out", c.CommandPath(), name, why)
		}
	}
	return nil
}

// String names the node for messages.
func (t *target) String() string { return fmt.Sprintf("%s (%s)", t.server, t.from) }
