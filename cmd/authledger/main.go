// Command authledger runs an event-sourced ledger of logins and lockouts, and queries it.
//
// The command line connects the packages of the module and contains no rule: package domain
// decides commands, package eventstore stores their records, and package projections answers
// queries. The packages below cmd/internal run a node, import files and print answers.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"authledger/cmd/internal/node"
	"authledger/cmd/internal/render"
	"authledger/cmd/internal/settings"
	"authledger/cmd/internal/usage"
	"authledger/eventstore"
	"authledger/eventstore/backup"
	"authledger/eventstore/durable"
	"authledger/eventstore/seal"
	"authledger/projections"
)

// Exit codes of the program. They are part of its interface (docs/operations.md, "Read an exit code").
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2
	exitFault  = node.ExitFault // the log is not proved intact

	exitTimedOut = 4 // a shutdown did not end in time
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)   // the second signal ends the process at once
	signal.Ignore(syscall.SIGPIPE) // a closed pipe must not prevent an orderly stop
	if err := settings.CheckEnvironment(os.Environ()); err != nil {
		report(os.Stderr, err)
		os.Exit(exitCode(err))
	}
	node.TuneMemory(os.Getenv)
	os.Exit(run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr, os.Getenv))
}

// run executes a command line and returns the exit code.
func run(ctx context.Context, args []string, in io.Reader, out, errs io.Writer, getenv func(string) string) int {
	p := newProgram(in, out, errs, getenv)
	root := newRootCommand(p)
	root.SetArgs(args)
	err := p.execute(ctx, root)
	if err == nil {
		err = p.helpError
	}
	if errors.Is(err, context.Canceled) && ctx.Err() != nil {
		err = fmt.Errorf("interrupted: %w", err)
	}
	err = p.explainInUse(err)
	report(errs, err)
	return exitCode(err)
}

type usageError = usage.Error

func usagef(format string, args ...any) error {
	return usage.Errorf(format, args...)
}

func exitCode(err error) int {
	var wrong usageError
	switch {
	case err == nil:
		return exitDone
	case isFault(err), errors.As(err, new(*backup.DamageError)):
		return exitFault
	case errors.As(err, &wrong), errors.Is(err, node.ErrPlainNames):
		return exitUsage
	case errors.As(err, new(*node.ShutdownError)):
		return exitTimedOut
	}
	return exitFailed
}

// isFault reports whether err is a fault of the ledger. A missing resource or permission is
// not a fault, even if a check of the log returned that error.
func isFault(err error) bool {
	var fault *eventstore.Fault
	return errors.As(err, &fault) && !durable.IsShortage(fault.Err)
}

// report prints err, each line once, and what the user can do next.
func report(errs io.Writer, err error) {
	if err == nil {
		return
	}
	printed := ""
	for line := range strings.SplitSeq(err.Error(), "\n") {
		if strings.Contains(printed, line) {
			continue // closing a ledger that a fault stopped returns the fault a second time
		}
		fmt.Fprintf(errs, "authledger: %s\n", render.Printable(line))
		printed += line + "\n"
	}
	if next := nextStep(err); next != "" {
		fmt.Fprintf(errs, "authledger: %s\n", next)
	}
}

// nextStep returns what the user can do about an error whose message has no next step, or "".
func nextStep(err error) string {
	var wrong usageError
	switch {
	case errors.Is(err, node.ErrRestoring):
		return "" // the message has the next step
	case isFault(err) && errors.As(err, new(restoreError)):
		return "the restore is not complete, and the backup is unchanged: correct the cause, or give another backup " +
			"or copy of the keys, then run `authledger restore` again, which begins anew"
	case needsNoRestore(err):
		return "this error does not require a restore of the data directory: correct its cause as described, then run the same command again"
	case isFault(err):
		return "the program refuses to serve this log. Keep a copy of the data directory, restore the directory from a backup, and send the later commands again " +
			"under the same ids: the ledger records no command twice"
	case errors.As(err, &wrong):
		return "see `authledger --help`, or --help after the command"
	case errors.Is(err, projections.ErrDamaged):
		return "start again: the ledger moves the damaged rows away and rebuilds them from the log"
	case errors.Is(err, eventstore.ErrDiskFull):
		return "free space on the disk of the data directory, then run the same command again: the ledger records no command twice"
	}
	return shortageStep(err)
}

// needsNoRestore reports whether a message names the whole repair: another master key, or the
// removal of a file.
func needsNoRestore(err error) bool {
	return errors.Is(err, seal.ErrForeignFile) || errors.Is(err, seal.ErrWrongMaster) || errors.Is(err, seal.ErrMasterMissing)
}

// shortageStep returns what the user can do about a missing resource or permission. It
// returns "" for other errors and for errors whose message has the next step.
func shortageStep(err error) string {
	do := durable.Remedy(err)
	if do == "" || strings.Contains(err.Error(), do) || !errors.As(err, new(*fs.PathError)) {
		return ""
	}
	return do + ", then start again: nothing is damaged"
}

// shutdownShares is the number of steps of a shutdown that may wait: for requests under way,
// for commands in the queue, and for files. Each step gets an equal share of the time.
const shutdownShares = 3

// execute runs the command line and returns its error. If a shutdown lasts longer than
// --shutdown-timeout, execute returns a [*node.ShutdownError] while the command still runs,
// and the caller MUST end the process.
func (p *program) execute(ctx context.Context, root *cobra.Command) error {
	done := make(chan error, 1)
	go func() { done <- root.ExecuteContext(ctx) }()
	select {
	case err := <-done:
		return err
	case err := <-p.shutdown.Overdue:
		return err
	}
}

// boundShutdown sets the time limit of shutdowns, and begins a shutdown when a signal ends ctx.
func (p *program) boundShutdown(ctx context.Context) error {
	if p.set.ShutdownTimeout <= 0 {
		return usagef("--shutdown-timeout %v: invalid value, want a positive duration, such as %v", p.set.ShutdownTimeout, settings.ShutdownDefault)
	}
	p.shutdown.Limit = p.set.ShutdownTimeout
	context.AfterFunc(ctx, func() { p.shutdown.Begin(nil) })
	return nil
}
