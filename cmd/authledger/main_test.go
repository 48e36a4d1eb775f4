package main

import (
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// The scripts run the very program: main, in a process of its own.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"authledger": main})
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		Setup: func(e *testscript.Env) error {
			e.Setenv("HOME", e.WorkDir)
			e.Setenv("AUTHLEDGER_DATA", e.WorkDir+"/data")
			address, err := unusedAddress()
			e.Setenv("ADDRESS", address)
			return err
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exitcode": exitCodeIs,
			"flip":     flipByte,
			"chop":     chop,
			"bigline":  bigLine,
			"waitfor":  waitFor,
			"status":   answersStatus,
			"verdicts": briefVerdicts,
			"readenv":  readEnv,
		},
	})
}
