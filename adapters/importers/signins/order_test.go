package signins

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"authledger/domain"
)

// history is a file of Keycloak's, oldest first, with attempts at one instant and a
// line without an attempt.
func history(lines int) []string {
	var all []string
	for n := range lines {
		all = append(all,
			fmt.Sprintf(`{"id":"k-%03d","time":%d,"type":"LOGIN","realmId":"main","details":{"username":"ann"}}`,
				n, n/2))
	}
	all[lines/2] = `{"type":"LOGOUT"}`
	all[1] = strings.Replace(strings.Replace(all[0], "ann", "bob", 1), `"type"`, `"clientId":"x","type"`, 1)
	return all
}

// ids returns the id and user of each command in order, and "-" for a line without a
// command.
func ids(t *testing.T, lines []string, most int) (got []string) {
	t.Helper()
	keycloak, _ := Named("keycloak")
	r, err := New(strings.NewReader(strings.Join(lines, "\n")), keycloak, "")
	if err != nil {
		t.Fatal(err)
	}
	o := InOrder(r)
	o.most = most
	for {
		line, err := o.Next()
		switch {
		case errors.Is(err, io.EOF):
			return got
		case err != nil:
			t.Fatal(err)
		case len(line.Commands) == 0:
			got = append(got, "-")
		default:
			got = append(got, line.Commands[0].ID+" "+line.Commands[0].Data.(*domain.LoginReport).User)
		}
	}
}

func without(all []string, left string) []string {
	return slices.DeleteFunc(slices.Clone(all), func(id string) bool { return id == left })
}

// TestOrder_DoesNotDependOnFile checks that reversed and mixed files give the same order, because a
// failure in the wrong order would count towards the wrong lockout.
func TestOrder_DoesNotDependOnFile(t *testing.T) {
	lines := history(60)
	want := without(ids(t, lines, len(lines)), "-")
	if !slices.IsSorted(want) || len(want) != 59 {
		t.Fatalf("file with the oldest line first: got ids %q, want 59 in order", want)
	}
	mixed := slices.Clone(lines)
	for seed := range 20 {
		slices.Reverse(mixed)
		if seed > 0 {
			rand.New(rand.NewPCG(uint64(seed), 0)).Shuffle(len(mixed),
				func(i, j int) { mixed[i], mixed[j] = mixed[j], mixed[i] })
		}
		if got := without(ids(t, mixed, len(mixed)), "-"); !slices.Equal(got, want) {
			t.Errorf("file mixed with seed %d: got %q, want %q", seed, got, want)
		}
	}
}

// TestOrderIsBounded checks that an Order returns every attempt of a file with more attempts than the
// Order holds, and returns them in order if no line is more than the held number out of place.
func TestOrderIsBounded(t *testing.T) {
	const most = 8
	lines := history(60)
	want := without(ids(t, lines, len(lines)), "-")
	near := slices.Clone(lines)
	for i := 0; i+most <= len(near); i += most {
		slices.Reverse(near[i : i+most])
	}
	if got := without(ids(t, near, most), "-"); !slices.Equal(got, want) {
		t.Errorf("file with %d lines out of order at a time: got %q, want %q", most, got, want)
	}
	slices.Reverse(lines)
	got := without(ids(t, lines, most), "-")
	if slices.Equal(got, want) {
		t.Error("got the whole file in order, want only the held part in order")
	}
	if slices.Sort(got); !slices.Equal(got, want) {
		t.Errorf("ids of the file with the newest line first: got %q, want %q", got, want)
	}
}

// After a read error an Order returns none of the held attempts.
func TestOrder_ReturnsNoHeldAttemptAfterReadError(t *testing.T) {
	broken := errors.New("disk read error")
	keycloak, _ := Named("keycloak")
	r, err := New(io.MultiReader(strings.NewReader(strings.Join(history(9), "\n")), iotest.ErrReader(broken)),
		keycloak, "")
	if err != nil {
		t.Fatal(err)
	}
	o := InOrder(r)
	if line, err := o.Next(); err != nil || !line.PassedOver {
		t.Errorf("line before the read error: got %+v, %v, want it passed over", line, err)
	}
	for range 2 {
		if line, err := o.Next(); !errors.Is(err, broken) {
			t.Errorf("line after the read error: got %+v, %v, want %v", line, err, broken)
		}
	}
}
