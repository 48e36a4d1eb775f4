package whatif

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"authledger/domain"
	"authledger/eventstore/audit"
)

// Bounds of the kept comparisons.
const (
	KeptFor         = 24 * time.Hour // after the end of the comparison
	KeptOfCaller    = 4              // comparisons of one caller
	keptMax         = 32             // comparisons of the node
	DifferencesKept = 500            // of one comparison
	totalsMax       = 64             // of one comparison
)

// The states of a comparison.
const (
	Running   = "running"
	Done      = "done"
	Cancelled = "cancelled"
	Failed    = "failed"
)

// Spec describes a comparison. The policy is compiled, and To 0 means the end of the log.
type Spec struct {
	Caller   string
	Policy   *domain.Policy
	From, To uint64 // first and last record
}

// Run decides records again, and calls progress with a position of the log and its end. Its signature
// is that of the task of a node.
type Run func(ctx context.Context, w audit.WhatIf, progress func(at, last uint64)) (audit.Supposed, error)

// Comparison is a comparison at one instant. Its slices and its policy MUST NOT be changed.
type Comparison struct {
	Spec
	ID           string
	State        string
	Begun, Ended time.Time // Ended is zero while the comparison runs
	At, Last     uint64    // progress, in commits
	Decided      int64     // records decided again, 0 before the end
	Differ       int64     // differences found so far
	Totals       []Total   // the most frequent change first
	Others       int64     // differences that no total counts
	Differences  []Difference
}

// Difference is a verdict that differs, with the time of its record.
type Difference struct {
	audit.Difference
	At time.Time
}

// Total is the number of differences with the same type of command and the same outcomes.
type Total struct {
	Type       string
	Was, Would audit.Outcome
	Count      int64
}

// Table holds the comparisons of a node. It is safe for concurrent use.
type Table struct {
	now func() time.Time

	mu  sync.Mutex
	all []*comparison // the oldest first
}

// comparison is a comparison that the table changes.
type comparison struct {
	Comparison
	totals map[string]*Total // by type and outcomes
	cancel context.CancelFunc
}

// New returns an empty table. The function now is its clock.
func New(now func() time.Time) *Table { return &Table{now: now} }

// Task is the part of a comparison that reads the log. It ends early at the end of its context.
type Task = func(ctx context.Context) error

// Start starts a comparison and returns its id. The function launch runs the task in another
// goroutine and reports true, or reports false. Then Start keeps nothing and reports false too.
func (t *Table) Start(s Spec, run Run, launch func(Task) bool) (id string, ok bool) {
	ctx, cancel := context.WithCancel(context.Background())
	c := &comparison{
		Comparison: Comparison{Spec: s, ID: uuid.Must(uuid.NewV7()).String(), State: Running, Begun: t.now()},
		totals:     make(map[string]*Total), cancel: cancel,
	}
	started := launch(func(task context.Context) error {
		defer cancel()
		defer context.AfterFunc(task, cancel)()
		return t.run(ctx, c, run)
	})
	if !started {
		cancel()
		return "", false
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.makeSpace(s.Caller)
	t.all = append(t.all, c)
	return c.ID, true
}

// run decides the commands, and keeps the differences, the progress and the end. Its error is that of
// the function run.
func (t *Table) run(ctx context.Context, c *comparison, run Run) error {
	w := audit.WhatIf{Policy: c.Policy, From: c.From, To: c.To}
	w.Differs = func(was *domain.Record, would *domain.Decision) error {
		t.mu.Lock()
		defer t.mu.Unlock()
		c.add(Difference{audit.NewDifference(was, would), was.Time})
		return ctx.Err()
	}
	supposed, err := run(ctx, w, func(at, last uint64) {
		t.mu.Lock()
		defer t.mu.Unlock()
		c.At, c.Last = at, last
	})
	t.mu.Lock()
	defer t.mu.Unlock()
	c.Ended, c.Decided = t.now(), int64(supposed.Decided)
	switch {
	case err == nil:
		c.State = Done
	case ctx.Err() != nil:
		c.State = Cancelled
	default:
		c.State = Failed
	}
	return err
}

func (c *comparison) add(d Difference) {
	c.Differ++
	if len(c.Differences) < DifferencesKept {
		c.Differences = append(c.Differences, d)
	}
	kind := d.Type + "\n" + d.Was.String() + "\n" + d.Would.String()
	total := c.totals[kind]
	switch {
	case total != nil:
		total.Count++
	case len(c.totals) == totalsMax:
		c.Others++
	default:
		c.totals[kind] = &Total{d.Type, d.Was, d.Would, 1}
	}
}

// Find returns the comparison with an id. It reports false for an unknown id and for a comparison that
// the table no longer keeps.
func (t *Table) Find(id string) (Comparison, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.removeExpired()
	for _, c := range t.all {
		if c.ID == id {
			return c.copy(), true
		}
	}
	return Comparison{}, false
}

// List returns all comparisons, the newest first.
func (t *Table) List() (all []Comparison) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.removeExpired()
	for _, c := range slices.Backward(t.all) {
		all = append(all, c.copy())
	}
	return all
}

// Cancel cancels the comparison with an id if it runs. It does not wait for the end.
func (t *Table) Cancel(id string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, c := range t.all {
		if c.ID == id {
			c.cancel()
		}
	}
}

// copy returns the comparison at this instant. The differences are not copied, because the table
// only appends to them.
func (c *comparison) copy() Comparison {
	now := c.Comparison
	for _, kind := range slices.Sorted(maps.Keys(c.totals)) {
		now.Totals = append(now.Totals, *c.totals[kind])
	}
	slices.SortStableFunc(now.Totals, func(a, b Total) int { return cmp.Compare(b.Count, a.Count) })
	return now
}

func (t *Table) removeExpired() {
	now := t.now()
	t.all = slices.DeleteFunc(t.all, func(c *comparison) bool {
		return c.State != Running && now.Sub(c.Ended) > KeptFor
	})
}

// makeSpace removes the oldest comparison of a caller that has the maximum number, else the oldest one
// of a full table. It removes no comparison that runs.
func (t *Table) makeSpace(caller string) {
	t.removeExpired()
	ofCaller := 0
	for _, c := range t.all {
		if c.Caller == caller {
			ofCaller++
		}
	}
	isFull := len(t.all) >= keptMax
	if ofCaller < KeptOfCaller && !isFull {
		return
	}
	oldest := slices.IndexFunc(t.all, func(c *comparison) bool {
		return c.State != Running && (ofCaller < KeptOfCaller || c.Caller == caller)
	})
	if oldest >= 0 {
		t.all = slices.Delete(t.all, oldest, oldest+1)
	}
}
