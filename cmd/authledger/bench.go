package main

import (
	"context"
	"runtime"
	"time"

	"github.com/spf13/cobra"

	"authledger/cmd/internal/bench"
	"authledger/cmd/internal/buildinfo"
	"authledger/cmd/internal/render"
	"authledger/cmd/internal/usage"
)

func newBenchCommand(p *program) *cobra.Command {
	var http, questions, console, capacity bool
	var postgres string
	o := bench.Options{Now: p.now}
	c := &cobra.Command{
		Use:   "bench",
		Short: "Measure writes, reads, starts and memory",
		Long: `Measure a ledger on this machine, with an embedded NATS server that syncs each message
before it acknowledges the message. The command measures:
- commands of 1, 16 and 256 concurrent callers;
- commands of new and of known users, JetStream publishes, file appends and writes to Pebble;
- an import of logins and its CPU time, and publishing the same events as single messages and
  in atomic batches;
- starts after a clean stop, and a rebuild of the projections;
- reads of a user's lockout state;
- an import of all kinds of commands;
- the decision on a withdrawal, in an account with few and with many withdrawals;
- the memory of a node, in a process of its own.

The command creates its own ledgers in a temporary directory. --http, --questions,
--console, --capacity and --postgres measure other figures instead.

--postgres compares begun and finished logins of 1, 16 and 32 clients with a PostgreSQL server,
which decides the same commands in one SQL function, and an import and commands over HTTP with
the best of them. The command creates a schema on the server and deletes it. Other users of
this machine can read arguments, so put a password into the variable PGPASSWORD or the file
~/.pgpass.`,
		Example: `  authledger bench --quick
  authledger bench --http --dir /var/tmp
  authledger bench --postgres 'host=/run/postgresql dbname=postgres' --json`,
		Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			measure := bench.Run
			against := c.Flags().Changed("postgres")
			switch {
			case moreThanOne(http, questions, console, capacity, against):
				return usage.Errorf("give one of --http, --questions, --console, --capacity and --postgres")
			case http:
				measure = bench.RunHTTP
			case questions:
				measure = bench.RunQuestions
			case console:
				measure = bench.RunConsole
			case capacity:
				measure = bench.RunCapacity
			case against:
				measure = bench.RunPostgres(postgres)
			}
			o.Node, o.Log, o.Stderr = p.nodeOptions(), p.log, p.errs
			figures, err := measure(c.Context(), o)
			if err != nil {
				return err
			}
			return p.showFigures(figures)
		},
	}
	c.Flags().BoolVar(&o.Quick, "quick", false, "do less work: take seconds, with less precise figures")
	c.Flags().BoolVar(&http, "http", false, "measure a node in its own process over HTTP, with and without readers, and over NATS")
	c.Flags().BoolVar(&questions, "questions", false, "measure commands while other callers query past states and explanations over HTTP")
	c.Flags().BoolVar(&console, "console", false, "measure the pages of the console on a node with many users")
	c.Flags().BoolVar(&capacity, "capacity", false, "measure the CPU time and the bytes of each command and user, from which docs/scale.md plans machines")
	c.Flags().StringVar(&postgres, "postgres", "", "compare logins with the PostgreSQL server of this `DSN`: a URL or a list of key=value settings")
	c.Flags().StringVar(&o.Parent, "dir", "", "`DIR` on the disk to measure (default: the temporary directory)")
	c.AddCommand(newBenchMemoryCommand(p))
	return c
}

// moreThanOne reports whether at least two of the values are true.
func moreThanOne(values ...bool) bool {
	count := 0
	for _, v := range values {
		if v {
			count++
		}
	}
	return count > 1
}

// newBenchMemoryCommand returns a hidden command, which [bench.Run] runs in a process of its
// own to measure the memory of a node.
func newBenchMemoryCommand(p *program) *cobra.Command {
	var users int
	c := &cobra.Command{
		Use: "memory", Hidden: true, Args: noArguments, Short: "Measure the memory of a node with many users",
		RunE: func(c *cobra.Command, _ []string) error { return p.measureMemory(c.Context(), users) },
	}
	c.Flags().IntVar(&users, "users", 1_000_000, "number of users")
	return c
}

func (p *program) measureMemory(ctx context.Context, users int) error {
	figures, err := bench.MeasureMemory(ctx, p.nodeOptions(), p.now(), users)
	if err != nil {
		return err
	}
	return p.printer().WriteJSON(figures)
}

// benchReport is the output of a run as JSON.
type benchReport struct {
	Version string         `json:"version"`
	Go      string         `json:"go"`
	CPUs    int            `json:"cpus"`
	At      time.Time      `json:"at"`
	Figures []bench.Figure `json:"figures"`
}

func (p *program) showFigures(figures []bench.Figure) error {
	report := benchReport{Version: buildinfo.Read().Version, Go: runtime.Version(), CPUs: runtime.GOMAXPROCS(0), At: p.now().UTC(), Figures: figures}
	return p.printer().Answer(report, func() *render.Table {
		t := render.NewTable("figure", "value", "unit", "goal", "met").Dropping("goal")
		for _, f := range figures {
			met := ""
			if f.Met != nil {
				met = map[bool]string{true: "yes", false: "no"}[*f.Met]
			}
			t.AppendRow(render.Row{f.What, render.Digits(f.Value), f.Unit, f.Goal, met})
		}
		return t
	})
}
