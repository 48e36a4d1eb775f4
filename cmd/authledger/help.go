package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"authledger/cmd/internal/settings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// helpWidth is the width of the help in columns.
const helpWidth = 100

// flagGroup is a heading of the help and the settings below it.
type flagGroup struct {
	title    string
	settings []string
}

// flagGroups lists the settings in the order of the help. Options of one command are above them.
var flagGroups = []flagGroup{
	{"Ledger flags", []string{"data", "server", "context", "realm", "pseudonymous", "master-key", "node", "allow-plaintext", "timeout", "allow-unsynced", "drop-damaged-keys"}},
	{"Node flags", []string{"listen", "admin", "tls-cert", "tls-key", "nats-listen", "nats-url", "nats-key"}},
	{"Output flags", outputSettings},
	{"Global flags", alwaysRead},
}

// rootSettings are the settings in the help of the program: those that most commands read.
var rootSettings = join("data", "server", "context", "json", alwaysRead)

// shownSettings returns the settings in the help of c: those that c reads, or for a group of
// commands those that at least one of its commands reads.
func shownSettings(c *cobra.Command) []string {
	if !c.HasParent() {
		return rootSettings
	}
	if read, listed := settingsRead[commandWords(c)]; listed {
		return join(read, alwaysRead)
	}
	var all []string
	for _, sub := range c.Commands() {
		all = append(all, shownSettings(sub)...)
	}
	return all
}

// hideUnusedFlags hides the flags of all settings except those in the help of c. The flags are
// flags of every command, because they may stand before the words of a command. So the help, the
// completion and the manual call hideUnusedFlags for one command at a time.
func hideUnusedFlags(c *cobra.Command) {
	shown := shownSettings(c)
	for _, name := range settings.Names() {
		flag := c.Root().PersistentFlags().Lookup(name)
		flag.Hidden = name == "drop-damaged-keys" || !slices.Contains(shown, name)
	}
}

// printUsage prints the usage of c: the command line, the examples, the commands below c, the
// options of c, and the settings that c reads below their headings.
func printUsage(c *cobra.Command) error {
	hideUnusedFlags(c)
	var b strings.Builder
	b.WriteString("Usage:\n")
	if c.HasAvailableSubCommands() {
		fmt.Fprintf(&b, "  %s COMMAND\n", c.CommandPath())
	}
	if _, isRunnable := settingsRead[commandWords(c)]; isRunnable && c.HasParent() || !c.HasAvailableSubCommands() {
		fmt.Fprintf(&b, "  %s\n", c.UseLine())
	}
	if c.HasExample() {
		fmt.Fprintf(&b, "\nExamples:\n%s\n", c.Example)
	}
	if c.HasAvailableSubCommands() {
		b.WriteString("\nCommands:\n")
		for _, sub := range c.Commands() {
			if sub.IsAvailableCommand() {
				fmt.Fprintf(&b, "  %-*s %s\n", sub.NamePadding(), sub.Name(), sub.Short)
			}
		}
	}
	writeFlags(&b, c)
	if c.HasAvailableSubCommands() {
		fmt.Fprintf(&b, "\nSee `%s COMMAND --help` for the flags of a command.\n", c.CommandPath())
	}
	_, err := io.WriteString(c.OutOrStderr(), b.String())
	return err
}

// writeFlags writes the flags of c below their headings. It expects that [hideUnusedFlags] has
// hidden the others.
func writeFlags(b *strings.Builder, c *cobra.Command) {
	settings := c.Root().PersistentFlags()
	own := pflag.NewFlagSet("own", pflag.ContinueOnError)
	c.LocalFlags().VisitAll(func(f *pflag.Flag) {
		if settings.Lookup(f.Name) == nil {
			own.AddFlag(f)
		}
	})
	writeFlagGroup(b, "Flags", own)
	for _, group := range flagGroups {
		set := pflag.NewFlagSet(group.title, pflag.ContinueOnError)
		set.SortFlags = false
		for _, name := range group.settings {
			set.AddFlag(settings.Lookup(name))
		}
		writeFlagGroup(b, group.title, set)
	}
}

func writeFlagGroup(b *strings.Builder, title string, set *pflag.FlagSet) {
	if set.HasAvailableFlags() {
		fmt.Fprintf(b, "\n%s:\n%s", title, set.FlagUsagesWrapped(helpWidth))
	}
}

// newHelpCommand returns the command help. Its arguments are the words of a command.
func newHelpCommand() *cobra.Command {
	return &cobra.Command{
		Use: "help [COMMAND]", Short: "Show the help of a command",
		ValidArgsFunction: func(c *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
			var all []cobra.Completion
			if of, rest, err := c.Root().Find(args); err == nil && len(rest) == 0 {
				for _, sub := range of.Commands() {
					if sub.IsAvailableCommand() {
						all = append(all, cobra.CompletionWithDesc(sub.Name(), sub.Short))
					}
				}
			}
			return all, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(c *cobra.Command, args []string) error {
			of, rest, err := c.Root().Find(args)
			if err != nil {
				return usageError{Err: err}
			}
			if commandWords(of) == "do" && len(rest) == 1 {
				return helpType(of, rest[0])
			}
			if err := noArguments(of, rest); err != nil {
				return err
			}
			of.InitDefaultHelpFlag()
			return of.Help()
		},
	}
}
