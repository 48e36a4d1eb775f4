package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"authledger/cmd/internal/usage"
	"authledger/domain"
	"authledger/domain/operations"
)

// unknownCommand returns the usage error for a word after a group of commands.
func unknownCommand(group *cobra.Command, word string) error {
	var names []string
	for _, sub := range group.Commands() {
		if sub.IsAvailableCommand() {
			names = append(names, sub.Name())
		}
	}
	return usagef("unknown command %q%s", word, usage.OrSee(domain.DidYouMean(word, names), "see `"+group.CommandPath()+" --help`"))
}

// unknownType returns the usage error for an unknown type of command.
func unknownType(kind string) error {
	next := "see `authledger do --help` for the types"
	return usagef("unknown command type %q%s", kind, usage.OrSee(domain.DidYouMean(kind, domain.ClientCommands()), next))
}

// flagError returns the error for a flag that c can't parse. An unknown flag after an unknown
// command is an error about the command.
func flagError(c *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	if !errors.As(err, &unknown) {
		return err
	}
	if words := c.Flags().Args(); len(words) > 0 && c.HasAvailableSubCommands() {
		return unknownCommand(c, words[0])
	}
	name := unknown.GetSpecifiedName()
	if why := noPast(c, name); why != "" {
		return fmt.Errorf("`%s` does not accept --%s: %s", c.CommandPath(), name, why)
	}
	hideUnusedFlags(c)
	var names []string
	c.Flags().VisitAll(func(f *pflag.Flag) {
		if !f.Hidden {
			names = append(names, f.Name)
		}
	})
	if nearest := domain.Nearest(name, names); nearest != "" && unknown.GetSpecifiedShortnames() == "" {
		return fmt.Errorf(`%w, did you mean "--%s"?`, err, nearest)
	}
	return fmt.Errorf("%w: see `%s --help`", err, c.CommandPath())
}

// noPast returns why the query of c has no flag --at or --as-of, "" for other flags and commands.
func noPast(c *cobra.Command, flag string) string {
	for _, o := range operations.All() {
		if o.Command != commandWords(c) || !o.ReadsLedger {
			continue
		}
		for _, name := range []string{operations.At, operations.AsOf} {
			if p := operations.Find("lockout").Parameter(name); p.Flag() == flag && o.Parameter(name) == nil {
				return "its counts are those of the whole log" + otherPast(&o)
			}
		}
	}
	return ""
}

// otherPast returns the flags that select the counts of the past, "" for an operation without
// such flags.
func otherPast(o *operations.Operation) string {
	if o.Parameter(operations.To) == nil {
		return ""
	}
	return ", select the past with --" + strings.Join([]string{operations.From, operations.To}, " and --")
}

// suggestMember returns the end of the error about an invalid command: the type, the member or the
// value that the user probably meant. It returns "" if no known word is similar.
func suggestMember(kind string, pairs []string, rejection *domain.Rejection) string {
	if rejection == nil {
		return ""
	}
	members, field := domain.CommandMembers(kind), strings.TrimPrefix(rejection.Field, "data.")
	switch rejection.Reason {
	case domain.UnknownType:
		return domain.DidYouMean(kind, domain.ClientCommands())
	case domain.UnknownField:
		names := make([]string, len(members))
		for i, m := range members {
			names[i] = m.Name
		}
		return domain.DidYouMean(field, names)
	}
	for _, m := range members {
		if value, isGiven := valueOf(pairs, m.Name); isGiven && m.Name == field {
			return domain.DidYouMean(value, acceptedValues(m))
		}
	}
	return ""
}

// valueOf returns the value of a member in key=value pairs.
func valueOf(pairs []string, name string) (value string, isGiven bool) {
	for _, pair := range pairs {
		if value, isGiven = strings.CutPrefix(pair, name+"="); isGiven {
			return value, true
		}
	}
	return "", false
}

// acceptedValues returns the values that a member accepts, nil if they can't be listed.
func acceptedValues(m domain.Member) []string {
	if m.Kind == domain.FlagMember {
		return []string{"true", "false"}
	}
	return m.Form.OneOf
}
