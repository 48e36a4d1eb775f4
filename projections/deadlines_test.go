package projections

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"authledger/domain"
)

func TestDueReturnsDeadlinesOfUsers(t *testing.T) {
	e, h := openHistory(t, 3)
	var want []domain.Deadline
	for name, u := range h.Users() {
		if at, ok := timerDeadline(&u); ok {
			want = append(want, domain.Deadline{Entity: domain.UserEntity(name), At: at})
		}
	}
	slices.SortFunc(want, func(a, b domain.Deadline) int {
		if c := a.At.Compare(b.At); c != 0 {
			return c
		}
		return strings.Compare(string(a.Entity), string(b.Entity))
	})
	if len(want) < 2 {
		t.Fatalf("deadlines in the history: got %d, want 2 or more", len(want))
	}
	got, err := e.Due(want[len(want)-1].At, len(want)+1)
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Fatalf("Due at the last deadline: %v (-want +got)\n%s", err, diff)
	}
	got, err = e.Due(want[0].At.Add(-1), 10)
	if len(got) > 0 || err != nil {
		t.Fatalf("Due before the first deadline: got %v, %v, want none", got, err)
	}
	got, err = e.Due(want[0].At, 1)
	if diff := cmp.Diff(want[:1], got); diff != "" || err != nil {
		t.Fatalf("Due with limit 1: %v (-want +got)\n%s", err, diff)
	}
}
