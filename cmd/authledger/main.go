// Command authledger keeps a ledger of logins and lockouts, and answers from it.
//
// It plugs the rooms of the module together and holds no rule of its own: what
// a command comes to is [domain]'s word, how it is kept is [eventstore]'s, what
// is read back comes from [projections].
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"authledger/eventstore"
	"authledger/projections"
)

// Exit codes (contract, "CLI").
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2
	exitFault  = 3 // the log can't be proved intact
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)   // the second signal ends the process at once
	signal.Ignore(syscall.SIGPIPE) // a reader that goes away must not cut off an orderly stop
	tuneMemory(os.Getenv)
	os.Exit(run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr, os.Getenv))
}

// run is the whole program. It returns the exit code.
func run(ctx context.Context, args []string, in io.Reader, out, errs io.Writer, getenv func(string) string) int {
	p := newProgram(in, out, errs, getenv)
	root := newRootCommand(p)
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	if errors.Is(err, context.Canceled) && ctx.Err() != nil {
		err = fmt.Errorf("interrupted: %w", err)
	}
	report(errs, err)
	return exitCode(err)
}

// usageError is a command line that can't be understood.
type usageError struct{ err error }

func (e usageError) Error() string { return e.err.Error() }
func (e usageError) Unwrap() error { return e.err }

func usagef(format string, args ...any) error {
	return usageError{fmt.Errorf(format, args...)}
}

func exitCode(err error) int {
	var usage usageError
	var fault *eventstore.Fault
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &fault):
		return exitFault
	case errors.As(err, &usage):
		return exitUsage
	}
	return exitFailed
}

// report says what went wrong, and what to do next.
func report(errs io.Writer, err error) {
	if err == nil {
		return
	}
	said := ""
	for line := range strings.SplitSeq(err.Error(), "\n") {
		if strings.Contains(said, line) {
			continue // a ledger that a fault stopped tells of it again when it is closed
		}
		fmt.Fprintf(errs, "authledger: %s\n", line)
		said += line + "\n"
	}
	if next := nextStep(err); next != "" {
		fmt.Fprintf(errs, "authledger: %s\n", next)
	}
}

// nextStep is what to do about errors that come from so deep that they don't
// say it themselves.
func nextStep(err error) string {
	var usage usageError
	var fault *eventstore.Fault
	switch {
	case errors.As(err, &fault):
		return "the log is not served like this. Keep a copy of the data directory, restore it from a backup, and send again what came after: " +
			"commands keep their ids, so none is recorded twice"
	case errors.As(err, &usage):
		return "see `authledger --help`, or --help after the command"
	case errors.Is(err, projections.ErrDamaged):
		return "start again: what is damaged is set aside and built anew from the log"
	case errors.Is(err, eventstore.ErrDiskFull):
		return "make space on the disk of the data directory, then give the same command again: what was recorded stays, and is not recorded twice"
	}
	return ""
}
