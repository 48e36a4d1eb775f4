package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"authledger/cmd/internal/node"
	"authledger/cmd/internal/render"
)

// size is the amount of work of a run without a network. The figures of
// docs/performance.md are those of the full size.
type size struct {
	singles     int   // events that are published as single messages
	batched     int   // events that are published in atomic batches
	outstanding []int // outstanding commands of each live measurement
	each        int   // commands of each live measurement
	commitTurns int   // commands of a new and of a known user, one after another
	lengths     []int // lengths of the log, in records, at which the run measures a start
	users       int   // users of the import
	memoryUsers int   // users of the node whose memory is measured
	lookups     int   // lockout reads
	mixed       int   // lines of the mixed import
	payouts     int   // withdrawals of the busy account
	rounds      int   // rounds of decisions on withdrawals, which alternate between the accounts
}

var (
	fullSize = size{
		singles: 20_000, batched: 100_000, outstanding: []int{1, 16, 256}, each: 10_000, commitTurns: 2_000,
		lengths: []int{10_000, 100_000, 1_000_000}, users: 100_000,
		memoryUsers: 1_000_000, lookups: 200_000, mixed: 1_000_000, payouts: 1_000_000, rounds: 101,
	}
	quickSize = size{
		singles: 1_000, batched: 10_000, outstanding: []int{1, 16, 256}, each: 1_000, commitTurns: 200,
		lengths: []int{5_000, 20_000}, users: 10_000,
		memoryUsers: 10_000, lookups: 10_000, mixed: 20_000, payouts: 5_000, rounds: 101,
	}
)

// seed is the same in every run, so that all runs measure the same commands.
const seed = 1

// Figure is one measured value, with its goal if it has one.
type Figure struct {
	What  string  `json:"what"`
	Value float64 `json:"value"`
	Unit  string  `json:"unit"`
	Goal  string  `json:"goal,omitempty"`
	Met   *bool   `json:"met,omitempty"`
}

// Options configure a run. Parent and Quick are optional.
type Options struct {
	Node   node.Options // of the measured nodes; the run replaces the directory and the keys
	Now    func() time.Time
	Log    *slog.Logger
	Stderr io.Writer // of child processes
	Parent string    // directory in which the run creates its own; "" for the temporary directory
	Quick  bool      // do less work: take seconds, with less precise figures
}

// run is one run: its directory and its figures.
type run struct {
	Options
	size      size
	dir       string
	figures   []Figure
	importCPU time.Duration // of each command of the newest import; 0 where it is not measured
}

// Run measures a node within this process.
func Run(ctx context.Context, o Options) ([]Figure, error) {
	return inDirectory(o, func(r *run) error {
		if r.size = fullSize; o.Quick {
			r.size = quickSize
		}
		return inOrder(ctx, r.live, r.commits, r.imports, r.singles, r.atomic, r.rebuild, r.lookups, r.mixed, r.withdrawals, r.memory)
	})
}

// inDirectory creates the directory of a run, measures, and deletes the directory.
func inDirectory(o Options, measure func(*run) error) (_ []Figure, err error) {
	r := &run{Options: o}
	if r.dir, err = os.MkdirTemp(o.Parent, "authledger-bench-"); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(r.dir)) }()
	err = measure(r)
	return r.figures, err
}

// inOrder calls the measurements up to the first error.
func inOrder(ctx context.Context, all ...func(context.Context) error) error {
	for _, measure := range all {
		if err := measure(ctx); err != nil {
			return err
		}
	}
	return nil
}

// found adds a figure without a goal.
func (r *run) found(value float64, unit, what string, args ...any) {
	f := Figure{What: fmt.Sprintf(what, args...), Value: value, Unit: unit}
	r.figures = append(r.figures, f)
	r.Log.Info("bench", "what", f.What, "value", f.Value, "unit", f.Unit)
}

// atLeast and atMost set the goal of the newest figure.
func (r *run) atLeast(goal float64) { r.goal("≥", goal, r.newest().Value >= goal) }
func (r *run) atMost(goal float64)  { r.goal("≤", goal, r.newest().Value <= goal) }

func (r *run) newest() *Figure { return &r.figures[len(r.figures)-1] }

func (r *run) goal(sign string, goal float64, met bool) {
	r.newest().Goal, r.newest().Met = sign+" "+render.Digits(goal), &met
}

// numbers returns the numbers as words of the name of a figure.
func numbers(all []int) string {
	words := make([]string, len(all))
	for i, n := range all {
		words[i] = render.Grouped(int64(n))
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " and " + words[last]
}

// options returns the options of a node in a directory of the run.
func (r *run) options(name string) node.Options {
	o := r.Node
	o.Dir, o.MasterKeyFile, o.MasterKeyHex, o.NextMasterKeyHex, o.Unsynced = filepath.Join(r.dir, name), "", "", "", false
	return o
}
