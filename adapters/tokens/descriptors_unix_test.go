//go:build unix

package tokens

import (
	"path/filepath"
	"testing"
	"time"

	"authledger/domain/access"
	"authledger/eventstore/childtest"
)

// TestTokensAreReadAgain checks that a process without free file descriptors authenticates
// callers again when descriptors are free, although the file has not changed since.
func TestTokensAreReadAgain(t *testing.T) { childtest.Run(t, tokensAreReadAgain) }

func tokensAreReadAgain(t *testing.T) {
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	tokens := Open(filepath.Join(t.TempDir(), "tokens.json"), func() time.Time { return now })
	text, err := tokens.Add(Spec{Name: "portal", Role: access.Gateway})
	if err != nil {
		t.Fatal(err)
	}
	var without error
	childtest.LimitDescriptors(t, 0, func() { _, without = tokens.Caller(text) })
	if without == nil {
		t.Fatal("read the tokens without a descriptor: got no error, want one")
	}
	now = now.Add(time.Second)
	if c, err := tokens.Caller(text); err != nil || c.Name != "portal" {
		t.Errorf("caller after descriptors are free: got %+v, %v, want portal", c, err)
	}
}
