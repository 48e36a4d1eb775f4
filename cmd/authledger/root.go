package main

import (
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/progress"
	"github.com/spf13/cobra"

	"authledger/adapters/client"
	"authledger/cmd/internal/buildinfo"
	"authledger/cmd/internal/node"
	"authledger/cmd/internal/render"
	"authledger/cmd/internal/settings"
	"authledger/domain"
	"authledger/eventstore/durable"
)

// program is one run of the command line, with its streams and settings.
type program struct {
	in     io.Reader
	out    io.Writer // answers only
	errs   io.Writer // errors, warnings, the log and progress
	getenv func(string) string
	now    func() time.Time
	set    settings.Settings

	target   target // of the command that runs
	chosenBy string // the setting that chose the target, "" for none
	level    *slog.LevelVar
	log      *slog.Logger

	command   *cobra.Command // the command that runs, nil before configure
	helpError error          // of a help that names an unknown type of command
	shutdown  *node.Shutdowns
	files     uint64 // a command that opens a ledger needs at least this limit of open files
}

func newProgram(in io.Reader, out, errs io.Writer, getenv func(string) string) *program {
	p := &program{in: in, out: out, errs: errs, getenv: getenv, now: time.Now, level: new(slog.LevelVar), shutdown: node.NewShutdowns(), files: node.FilesMin}
	p.level.Set(slog.LevelWarn)
	p.log = newLog(errs, p.level, render.IsTerminal(errs, p.getenv("TERM")))
	return p
}

func newRootCommand(p *program) *cobra.Command {
	root := &cobra.Command{
		Use:           "authledger",
		Short:         "Record and query logins, lockouts and withdrawals",
		Version:       buildinfo.Read().Version,
		Args:          noArguments,
		SilenceUsage:  true,
		SilenceErrors: true,
		PersistentPreRunE: func(c *cobra.Command, args []string) error {
			if c.Name() == cobra.ShellCompRequestCmd {
				return prepareCompletion(c, args)
			}
			return p.configure(c)
		},
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	root.SetVersionTemplate("{{.Version}}\n")
	root.SetIn(p.in)
	root.SetOut(p.out)
	root.SetErr(p.errs)
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error { return usageError{Err: flagError(c, err)} })
	root.SetUsageFunc(printUsage)
	root.SetHelpCommand(newHelpCommand())
	p.set.Register(root.PersistentFlags(), p.getenv)
	root.AddCommand(
		newDemoCommand(p),
		newServeCommand(p),
		newImportCommand(p),
		newDoCommand(p),
		newForgetCommand(p),
		newHoldCommand(p),
		newShowCommand(p),
		newStatsCommand(p),
		newReplayCommand(p),
		newWhyCommand(p),
		newVerifyCommand(p),
		newRebuildCommand(p),
		newBackupCommand(p),
		newRestoreCommand(p),
		newBenchCommand(p),
		newGenerateCommand(p),
		newPolicyCommand(p),
		newTokenCommand(p),
		newNATSCommand(p),
		newDLQCommand(p),
		newWebhookCommand(p),
		newKeysCommand(p),
		newHealthCommand(p),
		newContextCommand(p),
		newConfigCommand(p),
		newManCommand(p),
		newVersionCommand(p),
	)
	p.completeAll(root)
	return root
}

// configure loads the settings, and returns an error if c does not read a setting that a
// flag set.
func (p *program) configure(c *cobra.Command) error {
	p.command = c
	if err := p.set.Load(c.Flags(), p.getenv); durable.IsShortage(err) {
		return err // the configuration can't be read
	} else if err != nil {
		return usageError{Err: err}
	}
	if err := p.checkSettings(c); err != nil {
		return err
	}
	if err := p.setTarget(c); err != nil {
		return err
	}
	if err := p.boundShutdown(c.Context()); err != nil {
		return err
	}
	if opensLedger(c) {
		if err := node.RequireFiles(p.files); err != nil {
			return err
		}
	}
	if p.set.Timeout <= 0 {
		return usagef("--timeout %v: invalid value, want a positive duration, such as %v", p.set.Timeout, client.DefaultPatience)
	}
	if !slices.Contains(settings.ColorChoices, p.set.Color) {
		return usagef("--color %q: invalid value, want %s%s", p.set.Color, strings.Join(settings.ColorChoices, ", "), domain.DidYouMean(p.set.Color, settings.ColorChoices))
	}
	if p.set.LogLevel == "" {
		return nil
	}
	var level slog.Level
	if err := level.UnmarshalText([]byte(p.set.LogLevel)); err != nil {
		return usagef("--log-level %q: invalid value, want debug, info, warn or error%s", p.set.LogLevel, domain.DidYouMean(p.set.LogLevel, logLevels))
	}
	p.level.Set(level)
	return nil
}

// logLevels are the values of --log-level.
var logLevels = []string{"debug", "info", "warn", "error"}

// logInfo sets the level of the log to info unless --log-level is set. Commands that run a
// server log their progress; other commands log only warnings and errors.
func (p *program) logInfo() {
	if p.set.LogLevel == "" {
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

// newGroupCommand returns a command that only holds subcommands.
func newGroupCommand(use, short string, commands ...*cobra.Command) *cobra.Command {
	group := &cobra.Command{
		Use: use, Short: short, Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			return usagef("`%s` needs a subcommand: see `%[1]s --help`", c.CommandPath())
		},
	}
	group.AddCommand(commands...)
	return group
}

// noArguments accepts no argument. After a group of commands, an argument is an unknown command.
func noArguments(c *cobra.Command, args []string) error {
	switch {
	case len(args) == 0:
		return nil
	case c.HasAvailableSubCommands():
		return unknownCommand(c, args[0])
	}
	return usagef("unexpected argument %q: see `%s --help`", args[0], c.CommandPath())
}

// oneArgument accepts exactly one argument that is not empty. The text name
// describes the argument in the usage error.
func oneArgument(name string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) != 1 || args[0] == "" {
			return usagef("`%s` needs one argument, the %s", c.CommandPath(), name)
		}
		return nil
	}
}

// warn prints a message that is not an error to standard error.
func (p *program) warn(format string, args ...any) {
	fmt.Fprintf(p.errs, "authledger: "+format+"\n", args...)
}

// printer returns the printer of the command's answers.
func (p *program) printer() render.Printer { return p.printerTo(p.out) }

// printerTo returns a printer of answers to out.
func (p *program) printerTo(out io.Writer) render.Printer {
	isTerminal := render.IsTerminal(out, p.getenv("TERM"))
	shown := render.Printer{Out: out, Notes: p.errs, JSON: p.set.JSON, Chart: isTerminal}
	if !p.set.Wide {
		shown.Width = render.Width(out)
	}
	isAuto := p.set.Color == settings.ColorAuto && isTerminal && p.getenv("NO_COLOR") == ""
	shown.Color = p.set.Color == settings.ColorAlways || isAuto
	return shown
}

// answer prints value as JSON, or else the table that fill returns.
func (p *program) answer(value any, fill func() *render.Table) error {
	return p.printer().Answer(value, fill)
}

// startBar starts a progress bar. The bar is visible only if standard error is a terminal.
func (p *program) startBar(message string, units progress.Units) *render.Bar {
	if !render.IsTerminal(p.errs, p.getenv("TERM")) {
		return render.StartBar(nil, message, units)
	}
	return render.StartBar(p.errs, message, units)
}
