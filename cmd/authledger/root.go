package main

import (
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/spf13/cobra"
)

// program is one run of the command line: where it reads and writes, and how it
// is set.
type program struct {
	in     io.Reader
	out    io.Writer // data, and nothing else
	errs   io.Writer // everything else
	getenv func(string) string
	now    func() time.Time
	set    settings
	level  *slog.LevelVar
	log    *slog.Logger
}

func newProgram(in io.Reader, out, errs io.Writer, getenv func(string) string) *program {
	p := &program{in: in, out: out, errs: errs, getenv: getenv, now: time.Now, level: new(slog.LevelVar)}
	p.level.Set(slog.LevelWarn)
	p.log = newLog(errs, p.level, p.isTerminal(errs))
	return p
}

func newRootCommand(p *program) *cobra.Command {
	root := &cobra.Command{
		Use:           "authledger",
		Short:         "a ledger of logins and lockouts: every decision on disk before it is answered",
		Args:          noArguments,
		SilenceUsage:  true,
		SilenceErrors: true,
		PersistentPreRunE: func(c *cobra.Command, _ []string) error {
			return p.configure(c.Flags())
		},
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	root.SetIn(p.in)
	root.SetOut(p.out)
	root.SetErr(p.errs)
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	p.set.register(root.PersistentFlags(), p.getenv)
	root.AddCommand(
		newDemoCommand(p),
		newServeCommand(p),
		newImportCommand(p),
		newDoCommand(p),
		newShowCommand(p),
		newReplayCommand(p),
		newWhyCommand(p),
		newVerifyCommand(p),
		newRebuildCommand(p),
		newBenchCommand(p),
		newGenerateCommand(p),
		newPolicyCommand(p),
		newTokenCommand(p),
		newNATSCommand(p),
		newDLQCommand(p),
		newWebhookCommand(p),
		newHealthCommand(p),
		newConfigCommand(p),
		newVersionCommand(p),
	)
	return root
}

// configure brings the settings into force.
func (p *program) configure(flags flagSet) error {
	if err := p.set.load(flags, p.getenv); err != nil {
		return usageError{err}
	}
	if p.set.logLevel == "" {
		return nil
	}
	var level slog.Level
	if err := level.UnmarshalText([]byte(p.set.logLevel)); err != nil {
		return usagef("--log-level %q: want debug, info, warn or error", p.set.logLevel)
	}
	p.level.Set(level)
	return nil
}

// talkative makes info the level of the log, unless another was asked for: a
// node says what it does, a command only what is wrong.
func (p *program) talkative() {
	if p.set.logLevel == "" {
		p.level.Set(slog.LevelInfo)
	}
}

func newLog(w io.Writer, level slog.Leveler, terminal bool) *slog.Logger {
	options := &slog.HandlerOptions{Level: level}
	if terminal {
		return slog.New(slog.NewTextHandler(w, options))
	}
	return slog.New(slog.NewJSONHandler(w, options))
}

// newGroupCommand is a word that needs another word after it.
func newGroupCommand(use, short string, commands ...*cobra.Command) *cobra.Command {
	group := &cobra.Command{
		Use: use, Short: short, Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			return usagef("%s what?", c.Name())
		},
	}
	group.AddCommand(commands...)
	return group
}

func noArguments(c *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usagef("%q is nothing that `%s` knows", args[0], c.CommandPath())
	}
	return nil
}

// oneArgument wants exactly one argument, and says what it is called.
func oneArgument(what string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) != 1 || args[0] == "" {
			return usagef("`%s` wants one argument, a %s", c.CommandPath(), what)
		}
		return nil
	}
}

// warn tells the person at the terminal something that is no failure.
func (p *program) warn(format string, args ...any) {
	fmt.Fprintf(p.errs, "authledger: "+format+"\n", args...)
}
