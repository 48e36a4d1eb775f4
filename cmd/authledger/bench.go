package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"
)

// How much a bench does. The figures of docs/performance.md are those of a full
// one.
type benchSize struct {
	singles int   // events published one message each
	waiting []int // outstanding commands of the live queue, each for a while
	each    int   // commands at each of those
	lengths []int // records at which a start is timed; the last is the import's
	users   int   // of the import
	crowd   int   // users of the memory figure
	lookups int   // lockout reads
	mixed   int   // lines of the mixed import
	payouts int   // withdrawals of the busy account
}

var (
	benchFull  = benchSize{singles: 20_000, waiting: []int{1, 16, 256}, each: 10_000, lengths: []int{10_000, 100_000, 1_000_000}, users: 100_000, crowd: 1_000_000, lookups: 200_000, mixed: 1_000_000, payouts: 1_000_000}
	benchQuick = benchSize{singles: 3_000, waiting: []int{1, 16, 256}, each: 2_000, lengths: []int{10_000, 100_000}, users: 100_000, crowd: 50_000, lookups: 50_000, mixed: 100_000, payouts: 10_000}
)

// benchSeed makes two benches measure the same commands.
const benchSeed = 1

// figure is one thing measured, with its goal if it has one.
type figure struct {
	What  string  `json:"what"`
	Value float64 `json:"value"`
	Unit  string  `json:"unit"`
	Goal  string  `json:"goal,omitempty"`
	Met   *bool   `json:"met,omitempty"`
}

// bench is one run: its places on one disk, and what it found.
type bench struct {
	program *program
	size    benchSize
	dir     string
	figures []figure
}

func newBenchCommand(p *program) *cobra.Command {
	var quick, http bool
	var dir string
	c := &cobra.Command{
		Use:   "bench",
		Short: "measure this machine: writing, reading, rebuilding, starting, memory",
		Long: `Measure, in one process and on one disk, with a server that syncs before it
answers: the same events published one message each, against the ledger's import;
commands one at a time and many at a time; a rebuild; lockout reads; an import of
commands of all kinds; a withdrawal decided in an account with few and with very
many; starts after a clean stop; memory. It makes its own ledgers in a temporary
directory.`,
		Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			b := bench{program: p, size: benchFull}
			size := httpFull
			if quick {
				b.size, size = benchQuick, httpQuick
			}
			if http {
				return b.runHTTP(c.Context(), dir, size)
			}
			return b.run(c.Context(), dir)
		},
	}
	c.Flags().BoolVar(&quick, "quick", false, "measure less: in seconds, and less exactly")
	c.Flags().BoolVar(&http, "http", false, "measure a node in a process of its own over HTTP, with and without readers, and over NATS")
	c.Flags().StringVar(&dir, "dir", "", "`DIR` on the disk to measure; default: the temporary directory")
	c.AddCommand(newCrowdCommand(p))
	return c
}

func (b *bench) run(ctx context.Context, parent string) (err error) {
	if b.dir, err = os.MkdirTemp(parent, "authledger-bench-"); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(b.dir)) }()
	for _, measure := range []func(context.Context) error{b.live, b.imports, b.singles, b.rebuild, b.lookups, b.mixed, b.withdrawals, b.crowd} {
		if err := measure(ctx); err != nil {
			return err
		}
	}
	return b.report()
}

// found notes a figure without a goal.
func (b *bench) found(value float64, unit, what string, args ...any) {
	f := figure{What: fmt.Sprintf(what, args...), Value: value, Unit: unit}
	b.figures = append(b.figures, f)
	b.program.log.Info("bench", "what", f.What, "value", f.Value, "unit", f.Unit)
}

// atLeast and atMost give the newest figure its goal.
func (b *bench) atLeast(goal float64) { b.goal("≥", goal, b.newest().Value >= goal) }
func (b *bench) atMost(goal float64)  { b.goal("≤", goal, b.newest().Value <= goal) }

func (b *bench) newest() *figure { return &b.figures[len(b.figures)-1] }

func (b *bench) goal(sign string, goal float64, met bool) {
	b.newest().Goal, b.newest().Met = sign+" "+threeDigits(goal), &met
}

// options are those of a node on a directory of the bench's own.
func (b *bench) options(name string) nodeOptions {
	o := b.program.nodeOptions()
	o.dir, o.masterKey, o.masterText, o.unsynced = filepath.Join(b.dir, name), "", "", false
	return o
}

// benchReport is a bench as JSON.
type benchReport struct {
	Version string    `json:"version"`
	Go      string    `json:"go"`
	CPUs    int       `json:"cpus"`
	At      time.Time `json:"at"`
	Figures []figure  `json:"figures"`
}

func (b *bench) report() error {
	answer := benchReport{Version: buildVersion(), Go: runtime.Version(), CPUs: runtime.GOMAXPROCS(0), At: b.program.now().UTC(), Figures: b.figures}
	return b.program.answer(answer, func() table.Writer {
		t := newTable("what", "value", "unit", "goal", "met")
		for _, f := range b.figures {
			met := ""
			if f.Met != nil {
				met = map[bool]string{true: "yes", false: "no"}[*f.Met]
			}
			t.AppendRow(table.Row{f.What, threeDigits(f.Value), f.Unit, f.Goal, met})
		}
		return t
	})
}

// threeDigits writes three digits that count, and all before the point.
func threeDigits(v float64) string {
	switch {
	case v >= 100:
		return grouped(int64(v + 0.5))
	case v >= 10:
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.3g", v)
}

func grouped(n int64) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
