package main

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"authledger/cmd/internal/node"
	"authledger/eventstore"
)

// TestNextStepOfRestore checks that a fault of a restore does not come with the advice to restore
// the directory.
func TestNextStepOfRestore(t *testing.T) {
	got := nextStep(restoreError{&eventstore.Fault{Err: errors.New("the log is damaged")}})
	if !strings.HasPrefix(got, "the restore is not complete") || strings.Contains(got, "Keep a copy") {
		t.Errorf("next step of a fault of a restore: got %q", got)
	}
}

// TestWithFiles_RestoringWithoutLedger checks that a command that completes a restore ignores only
// the mark of the restore.
func TestWithFiles_RestoringWithoutLedger(t *testing.T) {
	env := func(string) string { return "" }
	p := newProgram(strings.NewReader(""), new(bytes.Buffer), new(bytes.Buffer), env)
	p.set.Data = t.TempDir()
	err := p.withFilesOf(t.Context(), node.Options{Dir: p.set.Data, Restoring: true}, nil)
	if err == nil || !strings.Contains(err.Error(), "contains no ledger: name another directory") {
		t.Errorf("empty directory: got error %v, want \"contains no ledger\"", err)
	}
}
