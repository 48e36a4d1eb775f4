//go:build faults

package faults

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"testing"
)

// The amount of each fault. The default amounts take eight minutes.
var (
	faultSeed      = flag.Uint64("faults.seed", 0, "the one seed of all choices, 0 for a new one")
	faultKills     = flag.Int("faults.kills", 100, "SIGKILLs under load")
	faultDamage    = flag.Int("faults.damage", 300, "damaged data directories")
	faultPowerCuts = flag.Int("faults.powercuts", 20, "power cuts")
	faultGuesses   = flag.Int("faults.guesses", 100, "rounds of 64 parallel guesses")
	faultCreations = flag.Int("faults.creations", 20, "SIGKILLs while a ledger is made")
	faultImports   = flag.Int("faults.imports", 6, "SIGKILLs in one import")
)

// faultChance returns the random choices of a test. One seed gives the same choices;
// the instants at which the system is interrupted differ.
func faultChance(t *testing.T) *rand.Rand {
	seed := *faultSeed
	if seed == 0 {
		seed = rand.Uint64()
	}
	t.Logf("seed %d", seed)
	t.Cleanup(func() {
		if t.Failed() {
			announce("%s failed with seed %d; again: go test -tags faults -count=1 -v -run '^%s$' "+
				"./cmd/internal/faults -faults.seed=%d", t.Name(), seed, t.Name(), seed)
		}
	})
	return rand.New(rand.NewPCG(seed, 1))
}

// announce writes a line that .ci/run prints also for a suite that passed.
func announce(format string, args ...any) {
	fmt.Fprintf(os.Stdout, "FAULT "+format+"\n", args...)
}

// notRun skips a test and announces it.
func notRun(t *testing.T, why string) {
	announce("%s: NOT RUN: %s", t.Name(), why)
	t.SkipNow()
}

// must ends the test after an error of the test itself.
func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
