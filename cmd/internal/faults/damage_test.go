//go:build faults

package faults

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

const damageWorkers = 2

// TestFaultDamage damages one file of a stopped directory at a time. The node must
// report the damage, and must not serve wrong data.
func TestFaultDamage(t *testing.T) {
	t.Parallel() // runs with the other long tests
	chance := faultChance(t)
	b := buildBase(t, chance.Uint64())
	_, err := lastBlock(b.Dir)
	must(t, err)
	cases, err := randomCases(chance, b.Dir, *faultDamage)
	must(t, err)
	begun := time.Now()
	results := tryAll(t, b, cases)
	outcomes := newOutcomes()
	for i, r := range results {
		outcomes.add(cases[i], r)
		t.Logf("%v: %s: %s", cases[i], r.Outcome, r.Detail)
		if strings.Contains(r.Outcome, outcomeBad) {
			t.Errorf("%v: got outcome %s (%s), want no %s", cases[i], r.Outcome, r.Detail, outcomeBad)
		}
	}
	outcomes.announce(len(cases), time.Since(begun))
}

// tryAll distributes the cases to children.
func tryAll(t *testing.T, b base, cases []damageCase) []result {
	t.Helper()
	config := damageChild{Base: b, CopiesDir: fastDir(t)}
	results := make([]result, len(cases))
	jobs := make(chan int, len(cases))
	for i := range cases {
		jobs <- i
	}
	close(jobs)
	var all sync.WaitGroup
	for range damageWorkers {
		all.Go(func() {
			w := &damageWorker{t: t, config: config}
			for i := range jobs {
				results[i] = w.try(cases[i])
			}
		})
	}
	all.Wait()
	return results
}

// damageWorker passes cases to a child, and starts a new child when one dies.
type damageWorker struct {
	t      *testing.T
	config damageChild
	child  *child
}

func (w *damageWorker) try(d damageCase) result {
	if w.child == nil {
		w.child = startChild(w.t, "damage", w.config)
	}
	line, _ := json.Marshal(d)
	fmt.Fprintf(w.child.in, "%s\n", line)
	l, err := w.child.await(wordOutcome, 2*damageWithin, func(childLine) {})
	var r result
	if err == nil {
		err = json.Unmarshal(l.rest, &r)
	}
	if err == nil {
		return r
	}
	w.child.end()
	code := w.child.exitCode()
	w.child = nil
	if code != exitStorage || d.Again {
		return bad("the process died, exit code %d: %v", code, err)
	}
	d.Again = true
	r = w.try(d)
	r.Outcome = outcomeDied + r.Outcome
	return r
}

// exitStorage is the exit code of a process whose rows could not be written.
const exitStorage = 4

// outcomes counts the outcomes by kind of damage and kind of file.
type outcomes struct{ byFile, byBoth map[string]map[string]int }

func newOutcomes() *outcomes {
	return &outcomes{make(map[string]map[string]int), make(map[string]map[string]int)}
}

func (o *outcomes) add(c damageCase, r result) {
	short, _, _ := strings.Cut(r.Outcome, ": ")
	count := func(in map[string]map[string]int, key string) {
		if in[key] == nil {
			in[key] = make(map[string]int)
		}
		in[key][short]++
	}
	count(o.byFile, kindOf(c.Path))
	count(o.byBoth, kindOf(c.Path)+" | "+c.Damage)
	count(o.byFile, "all")
}

// announce prints a line for each kind of file, and with -v a line for each kind of
// damage.
func (o *outcomes) announce(cases int, took time.Duration) {
	announce("damage: %d cases in %v", cases, took.Round(time.Second))
	printCounts("FAULT   ", o.byFile)
	printCounts("  ", o.byBoth)
}

func printCounts(indent string, counts map[string]map[string]int) {
	for _, key := range sortedKeys(counts) {
		var parts []string
		for _, outcome := range sortedKeys(counts[key]) {
			parts = append(parts, fmt.Sprintf("%d %s", counts[key][outcome], outcome))
		}
		fmt.Fprintf(os.Stdout, "%s%-24s %s\n", indent, key, strings.Join(parts, ", "))
	}
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}
