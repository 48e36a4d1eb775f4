package access

import (
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// A process that had no descriptor left when the tokens changed lets people in again once
// it has: the file is the same as when it could not be read.
func TestTokensAreReadAgain(t *testing.T) {
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	tokens := OpenTokens(filepath.Join(t.TempDir(), "tokens.json"), func() time.Time { return now })
	text, err := tokens.Add(Spec{Name: "portal", Role: Gateway})
	if err != nil {
		t.Fatal(err)
	}
	var most syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &most); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &syscall.Rlimit{Max: most.Max}); err != nil {
		t.Fatal(err)
	}
	_, without := tokens.Caller(text)
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &most); err != nil {
		t.Fatal(err)
	}
	if without == nil {
		t.Fatal("the tokens were read without a descriptor")
	}
	now = now.Add(time.Second)
	if c, err := tokens.Caller(text); err != nil || c.Name != "portal" {
		t.Errorf("with descriptors: %+v, %v", c, err)
	}
}
