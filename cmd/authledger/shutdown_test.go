package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/spf13/cobra"

	"authledger/eventstore"
)

// hanging returns a run of the program whose command never returns. If begin is true, the command
// first begins a shutdown with this cause.
func hanging(t *testing.T, begin bool, cause error) (run func(ctx context.Context) error) {
	t.Helper()
	p := newProgram(nil, io.Discard, io.Discard, func(string) string { return "" })
	root := newRootCommand(p)
	root.AddCommand(&cobra.Command{Use: "hang", RunE: func(*cobra.Command, []string) error {
		if begin {
			p.shutdown.Begin(func() error { return cause })
		}
		select {}
	}})
	root.SetArgs([]string{"hang", "--shutdown-timeout", "10ms"})
	return func(ctx context.Context) error { return p.execute(ctx, root) }
}

func TestShutdownThatHangsEndsWithExitCode(t *testing.T) {
	signalled, cancel := context.WithCancel(t.Context())
	cancel()
	for _, test := range []struct {
		name  string
		ctx   context.Context
		begin bool
		cause error
		code  int
	}{
		{"after a signal", signalled, false, nil, exitTimedOut},
		{"by itself", t.Context(), true, nil, exitTimedOut},
		{"after an error", t.Context(), true, errors.New("no space left on device"), exitTimedOut},
		{"after a fault", t.Context(), true, eventstore.Faultf(1, "the head was deleted"), exitFault},
	} {
		t.Run(test.name, func(t *testing.T) {
			err := hanging(t, test.begin, test.cause)(test.ctx)
			if code := exitCode(err); code != test.code {
				t.Errorf("exit code of %v: got %d, want %d", err, code, test.code)
			}
			var printed bytes.Buffer
			report(&printed, err)
			if !strings.Contains(printed.String(), "timed out after 10ms") ||
				test.cause != nil && !strings.Contains(printed.String(), test.cause.Error()) {
				t.Errorf("report: got %q, want the limit and %v", &printed, test.cause)
			}
		})
	}
}

func TestShutdownThatEndsInTimeIsNoError(t *testing.T) {
	p := newProgram(nil, io.Discard, io.Discard, func(string) string { return "" })
	p.shutdown.Limit = time.Hour
	p.shutdown.Begin(nil)()
	p.shutdown.Limit = time.Millisecond
	late := p.shutdown.Begin(nil)
	err := <-p.shutdown.Overdue
	late()
	if exitCode(err) != exitTimedOut || len(p.shutdown.Overdue) > 0 {
		t.Errorf("got error %v and %d more, want one timeout of the unfinished shutdown", err,
			len(p.shutdown.Overdue))
	}
}

func TestShutdownTimeoutIsChecked(t *testing.T) {
	for _, limit := range []string{"0s", "-1s", "soon"} {
		var errs bytes.Buffer
		code := run(t.Context(), []string{"version", "--shutdown-timeout", limit}, nil, io.Discard, &errs,
			func(string) string { return "" })
		if code != exitUsage {
			t.Errorf("--shutdown-timeout %s: got exit code %d, want %d: %s", limit, code, exitUsage, &errs)
		}
	}
}

// TestShutdownThatHangsEndsWithLaterFault checks that a fault that the ledger finds during a shutdown
// decides the exit code, also if a signal caused the shutdown.
func TestShutdownThatHangsEndsWithLaterFault(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var found atomic.Pointer[error]
		p := newProgram(nil, io.Discard, io.Discard, func(string) string { return "" })
		p.shutdown.Limit = 50 * time.Millisecond
		p.shutdown.Begin(nil) // the signal
		p.shutdown.Begin(func() error {
			if err := found.Load(); err != nil {
				return *err
			}
			return nil
		})
		fault := error(eventstore.Faultf(1, "the head was deleted"))
		found.Store(&fault)
		if err := <-p.shutdown.Overdue; exitCode(err) != exitFault {
			t.Errorf("exit code of %v: got %d, want %d", err, exitCode(err), exitFault)
		}
	})
}
