package problems

import (
	"errors"
	"fmt"
	"slices"
	"testing"
)

func TestCauses(t *testing.T) {
	disk, key := errors.New("disk is full"), errors.New("key is missing")
	for _, c := range []struct {
		name string
		err  error
		want []string
	}{
		{"one error", disk, []string{"disk is full"}},
		{"wrapped error", fmt.Errorf("lockout of alice: %w", fmt.Errorf("read: %w", disk)),
			[]string{"disk is full"}},
		{"joined errors", fmt.Errorf("alice: %w", errors.Join(fmt.Errorf("bob: %w", key), disk)),
			[]string{"key is missing", "disk is full"}},
		{"two wrapped errors", fmt.Errorf("alice: %w: %w", key, disk), []string{"key is missing", "disk is full"}},
	} {
		if got := Causes(c.err); !slices.Equal(got, c.want) {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}
