package main

import (
	"context"
	"time"

	"github.com/spf13/cobra"
)

// shutdownDefault is the default of --shutdown-timeout.
const shutdownDefault = 30 * time.Second

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
	if p.set.shutdownTimeout <= 0 {
		return usagef("--shutdown-timeout %v: invalid value, want a positive duration, such as %v", p.set.shutdownTimeout, shutdownDefault)
	}
	p.shutdown.Limit = p.set.shutdownTimeout
	context.AfterFunc(ctx, func() { p.shutdown.Begin(nil) })
	return nil
}
