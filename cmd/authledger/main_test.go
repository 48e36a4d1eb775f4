package main

import (
	"flag"
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"authledger/cmd/internal/node"
	"authledger/cmd/internal/packtest"
	"authledger/cmd/internal/settings"
)

// Names of the ledgers and the nodes of tests.
const (
	realmDefault = settings.RealmDefault
	nodeDefault  = settings.NodeDefault
)

// parallelTests is the number of parallel tests that run at the same time. It exceeds the number of
// processors, because the tests mostly wait: for the disk, for timeouts and for processes.
const parallelTests = "6"

// TestMain lets the scripts run main in a separate process, as the command authledger. The flag
// -parallel of the command line replaces parallelTests.
func TestMain(m *testing.M) {
	if err := flag.Set("test.parallel", parallelTests); err != nil {
		panic(err)
	}
	testscript.Main(m, map[string]func(){"authledger": main})
}

func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		Setup: func(e *testscript.Env) error {
			e.Setenv("HOME", e.WorkDir)
			e.Setenv("AUTHLEDGER_DATA", e.WorkDir+"/data")
			e.Setenv("GORACE", os.Getenv("GORACE"))
			for _, name := range []string{"ADDRESS", "NATS_ADDRESS"} {
				address, err := node.UnusedAddress()
				if err != nil {
					return err
				}
				e.Setenv(name, address)
			}
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exitcode": exitCodeIs,
			"flip":     flipByte,
			"chop":     chop,
			"pack":     packFile,
			"bigline":  bigLine,
			"waitfor":  waitFor,
			"status":   answersStatus,
			"verdicts": briefVerdicts,
			"readenv":  readEnv,
			"mode":     fileMode,
			"unpack":   unpack,
			"until":    until,
			"attempt":  pastAttempt,
			"body":     wantBody,
			"cmpslot":  compareSlot,
		},
	})
}

// packFile packs a file: pack FORM FROM TO.
func packFile(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 || packtest.Packers[args[0]] == nil {
		ts.Fatalf("usage: pack FORM FROM TO")
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[2]), packtest.Packers[args[0]]([]byte(ts.ReadFile(args[1]))), 0o600))
}

// testRateMax is a rate, in commands a second, that no test reaches.
const testRateMax = 1_000_000
