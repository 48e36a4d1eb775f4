package main

import (
	"fmt"
	"strings"
	"testing"

	"authledger/eventstore"
)

// TestNextStepOfFullDisk checks that the report of a full disk contains the next step.
func TestNextStepOfFullDisk(t *testing.T) {
	if got := nextStep(fmt.Errorf("do: %w", eventstore.ErrDiskFull)); !strings.Contains(got, "free space") {
		t.Errorf("next step of a full disk: got %q, want \"free space\"", got)
	}
}
