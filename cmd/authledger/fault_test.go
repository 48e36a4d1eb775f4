//go:build faults

package main

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"testing"
)

// How much of each fault is tried. The defaults fit into eight minutes.
var (
	faultSeed      = flag.Uint64("faults.seed", 0, "the one seed of all choices, 0 for a new one")
	faultKills     = flag.Int("faults.kills", 100, "SIGKILLs under load")
	faultDamage    = flag.Int("faults.damage", 300, "damaged data directories")
	faultPowerCuts = flag.Int("faults.powercuts", 20, "power cuts")
	faultGuesses   = flag.Int("faults.guesses", 100, "rounds of 64 parallel guesses")
	faultCreations = flag.Int("faults.creations", 20, "SIGKILLs while a ledger is made")
	faultImports   = flag.Int("faults.imports", 6, "SIGKILLs in one import")
)

// faultChance is where a test gets its choices from. The same seed makes the
// same choices; the instants at which the system is hit stay its own.
func faultChance(t *testing.T) *rand.Rand {
	seed := *faultSeed
	if seed == 0 {
		seed = rand.Uint64()
	}
	t.Logf("seed %d", seed)
	t.Cleanup(func() {
		if t.Failed() {
			announce("%s failed with seed %d; again: go test -tags faults -count=1 -v -run '^%s$' ./cmd/authledger -faults.seed=%d", t.Name(), seed, t.Name(), seed)
		}
	})
	return rand.New(rand.NewPCG(seed, 1))
}

// announce writes a line that .ci/run shows also of a suite that passed.
func announce(format string, args ...any) {
	fmt.Fprintf(os.Stdout, "FAULT "+format+"\n", args...)
}

// notRun skips a test loudly.
func notRun(t *testing.T, why string) {
	announce("%s: NOT RUN: %s", t.Name(), why)
	t.SkipNow()
}

// must ends the test at an error of the test's own making.
func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
