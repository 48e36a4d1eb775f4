//go:build unix

package guard_test

import (
	"errors"
	"strings"
	"testing"

	"authledger/eventstore"
	"authledger/eventstore/guard"
)

func TestBegin_FileOfAnotherUser(t *testing.T) {
	const owner, other, root = 1000, 1001, 0
	for name, user := range map[string]int{"owner": owner, "root": root} {
		if err := guard.OwnerError("1.blk", owner, user); err != nil {
			t.Errorf("%s: got error %v, want none", name, err)
		}
	}
	err := guard.OwnerError("1.blk", owner, other)
	if err == nil || errors.As(err, new(*eventstore.Fault)) ||
		!strings.Contains(err.Error(), "run as user 1000") {
		t.Errorf("file of another user: got error %v, want one that is not a fault and names the user", err)
	}
}
