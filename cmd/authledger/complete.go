package main

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"authledger/cmd/internal/settings"
	"authledger/domain"
	"authledger/domain/operations"
)

// completeAll adds completion to all commands below root. A value completes by its placeholder in
// the usage, such as FILE or USER, or by the name of its flag.
func (p *program) completeAll(root *cobra.Command) {
	p.completeFlags(root, root.PersistentFlags())
	p.completeTree(root)
	root.InitDefaultCompletionCmd()
	completeBashMembers(p, root)
}

// prepareCompletion hides the flags that the command to complete does not use, and removes the marks
// of placeholders from the descriptions of flags. The settings load later, and only for look-ups.
func prepareCompletion(c *cobra.Command, args []string) error {
	words := args[:max(len(args)-1, 0)] // the last is not complete
	of, _, err := c.Root().Find(words)
	if err != nil {
		return nil // an unknown command has no completion
	}
	hideUnusedFlags(of)
	unmark := func(f *pflag.Flag) { _, f.Usage = pflag.UnquoteUsage(f) }
	of.LocalFlags().VisitAll(unmark)
	of.InheritedFlags().VisitAll(unmark)
	return nil
}

func (p *program) completeTree(c *cobra.Command) {
	p.completeFlags(c, c.LocalNonPersistentFlags())
	if c.ValidArgsFunction == nil && len(c.ValidArgs) == 0 {
		c.ValidArgsFunction = p.argumentCompletion(c)
	}
	for _, sub := range c.Commands() {
		p.completeTree(sub)
	}
}

// deliveryStates are the values of --state.
var deliveryStates = []string{"pending", "delivered", "failed"}

// completion returns the values of an argument or a flag. The argument typed is the beginning of
// the value.
type completion = func(c *cobra.Command, args []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective)

// argumentCompletion returns the completion of the arguments of c.
func (p *program) argumentCompletion(c *cobra.Command) completion {
	_, placeholders, _ := strings.Cut(c.Use, " ")
	switch {
	case strings.Contains(placeholders, "FILE"):
		return nil // the shell completes files
	case placeholders == "DIR":
		return withDirective(nil, cobra.ShellCompDirectiveFilterDirs)
	case strings.HasPrefix(placeholders, "USER"):
		return firstArgument(p.completeUsers)
	case commandWords(c) == "context use", commandWords(c) == "context rm":
		return firstArgument(p.completeContexts)
	}
	return noCompletion
}

// completeFlags adds completion to the flags of c that have none.
func (p *program) completeFlags(c *cobra.Command, flags *pflag.FlagSet) {
	flags.VisitAll(func(f *pflag.Flag) {
		if _, exists := c.GetFlagCompletionFunc(f.Name); exists {
			return
		}
		if err := c.RegisterFlagCompletionFunc(f.Name, p.flagCompletion(f)); err != nil {
			panic(err) // the flag belongs to c
		}
	})
}

// flagCompletion returns the completion of the value of a flag.
func (p *program) flagCompletion(f *pflag.Flag) completion {
	placeholder, _ := pflag.UnquoteUsage(f)
	if of, ok := f.Value.(*flagText); ok && of.parameter.Type == operations.Choice {
		return fixed(of.parameter.Choices)
	}
	switch {
	case placeholder == "FILE":
		return withDirective(nil, cobra.ShellCompDirectiveDefault)
	case placeholder == "DIR":
		return withDirective(nil, cobra.ShellCompDirectiveFilterDirs)
	case placeholder == "USER":
		return p.completeUsers
	}
	switch f.Name {
	case "preset":
		return fixed(presetNames())
	case "role":
		return fixed(domain.TokenRoles())
	case "log-level":
		return fixed(logLevels)
	case "color":
		return fixed(settings.ColorChoices)
	case "context":
		return p.completeContexts
	case "entity":
		return p.completeEntity
	case "type":
		return fixed(slices.Concat(domain.EventTypes(), domain.ClientCommands()))
	case "state":
		return fixed(deliveryStates)
	}
	return noCompletion
}

func noCompletion(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
	return nil, cobra.ShellCompDirectiveNoFileComp
}

func fixed(values []string) completion {
	return withDirective(values, cobra.ShellCompDirectiveNoFileComp)
}

func withDirective(values []string, d cobra.ShellCompDirective) completion {
	return cobra.FixedCompletions(values, d)
}

// firstArgument completes the first argument only.
func firstArgument(of completion) completion {
	return func(c *cobra.Command, args []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
		if len(args) > 0 {
			return noCompletion(c, args, typed)
		}
		return of(c, args, typed)
	}
}

// completeContexts returns the names of the contexts. If their file can't be read, it
// returns no names.
func (p *program) completeContexts(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
	all, err := p.readContexts()
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return all.names(), cobra.ShellCompDirectiveNoFileComp
}

// completeEntity completes the kind of an entity, and then the name of a user.
func (p *program) completeEntity(c *cobra.Command, args []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
	prefix := string(domain.UserEntity(""))
	name, isUser := strings.CutPrefix(typed, prefix)
	if !isUser {
		return []string{prefix, "account/", "source/", "system/"}, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
	}
	users, directive := p.completeUsers(c, args, name)
	return prefixed(prefix, users), directive
}

// completeDo completes the type of a command, and then its members: first the names that are not
// given yet, those that the command needs first, and after the sign = the values.
func (p *program) completeDo(c *cobra.Command, args []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
	var all []cobra.Completion
	if len(args) == 0 {
		for _, kind := range beginning(typed, domain.ClientCommands()) {
			all = append(all, cobra.CompletionWithDesc(kind, domain.CommandSummary(kind)))
		}
		return all, cobra.ShellCompDirectiveNoFileComp
	}
	members := domain.CommandMembers(args[0])
	if name, value, hasValue := strings.Cut(typed, "="); hasValue {
		i := slices.IndexFunc(members, func(m domain.Member) bool { return m.Name == name })
		if i < 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		values := beginning(value, p.memberValues(c, members[i], args[1:], value))
		return prefixed(name+"=", values), cobra.ShellCompDirectiveNoFileComp
	}
	slices.SortStableFunc(members, func(a, b domain.Member) int { return needRank(a) - needRank(b) })
	for _, m := range members {
		if _, isGiven := valueOf(args[1:], m.Name); !isGiven && strings.HasPrefix(m.Name, typed) {
			all = append(all, cobra.CompletionWithDesc(m.Name+"=", strings.TrimSuffix(m.Description, ".")))
		}
	}
	return all, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace | cobra.ShellCompDirectiveKeepOrder
}

// needRank sorts the members that a command needs before the others.
func needRank(m domain.Member) int {
	if m.Form.Need {
		return 0
	}
	return 1
}

// memberValues returns the values of a member that begin with typed. The argument pairs holds the
// members before it.
func (p *program) memberValues(c *cobra.Command, m domain.Member, pairs []string, typed string) []string {
	if accepted := acceptedValues(m); accepted != nil {
		return accepted
	}
	switch m.Name {
	case "user", "owner", "requester":
		users, _ := p.completeUsers(c, nil, typed)
		return users
	case "device", "replaces":
		holder, isGiven := valueOf(pairs, "owner")
		if !isGiven {
			holder, _ = valueOf(pairs, "user")
		}
		return p.lookUpItems(c, "devices", holder, "device")
	case "code":
		holder, _ := valueOf(pairs, "user")
		return p.lookUpItems(c, "codes", holder, "code")
	}
	return nil
}

// beginning returns the values that begin with typed.
func beginning(typed string, values []string) []string {
	var all []string
	for _, v := range values {
		if strings.HasPrefix(v, typed) {
			all = append(all, v)
		}
	}
	return all
}

func prefixed(prefix string, values []string) []string {
	all := make([]string, len(values))
	for i, v := range values {
		all[i] = prefix + v
	}
	return all
}
