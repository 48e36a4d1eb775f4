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

// history is a file of Keycloak's, oldest first, some attempts at one instant and a
// line without any.
func history(lines int) []string {
	var all []string
	for n := range lines {
		all = append(all, fmt.Sprintf(`{"id":"k-%03d","time":%d,"type":"LOGIN","realmId":"main","details":{"username":"ann"}}`, n, n/2))
	}
	all[lines/2] = `{"type":"LOGOUT"}`
	all[1] = strings.Replace(strings.Replace(all[0], "ann", "bob", 1), `"type"`, `"clientId":"x","type"`, 1)
	return all
}

// ids are those of the commands, and whom they are of, in the order in which they come,
// "-" for a line without one.
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

// These gateways export newest first, too. Turned round or mixed, a file tells the
// same: an attempt told late would count towards a lock it never was part of.
func TestTheOrderOfTheFileIsNone(t *testing.T) {
	lines := history(60)
	want := without(ids(t, lines, len(lines)), "-")
	if !slices.IsSorted(want) || len(want) != 59 {
		t.Fatalf("oldest first: %q", want)
	}
	mixed := slices.Clone(lines)
	for seed := range 20 {
		slices.Reverse(mixed)
		if seed > 0 {
			rand.New(rand.NewPCG(uint64(seed), 0)).Shuffle(len(mixed), func(i, j int) { mixed[i], mixed[j] = mixed[j], mixed[i] })
		}
		if got := without(ids(t, mixed, len(mixed)), "-"); !slices.Equal(got, want) {
			t.Errorf("mixed by %d: %q", seed, got)
		}
	}
}

// A file that is longer than what is held comes in order as far as its disorder is
// shorter, and whole in any case.
func TestWhatIsHeldIsBounded(t *testing.T) {
	const most = 8
	lines := history(60)
	want := without(ids(t, lines, len(lines)), "-")
	near := slices.Clone(lines)
	for i := 0; i+most <= len(near); i += most {
		slices.Reverse(near[i : i+most])
	}
	if got := without(ids(t, near, most), "-"); !slices.Equal(got, want) {
		t.Errorf("a little out of order: %q", got)
	}
	slices.Reverse(lines)
	got := without(ids(t, lines, most), "-")
	if slices.Equal(got, want) {
		t.Error("it held the whole file")
	}
	if slices.Sort(got); !slices.Equal(got, want) {
		t.Errorf("newest first: %q", got)
	}
}

// What was held when the disk went is not told without what the disk still has.
func TestReadingFailsBeforeTheirTurn(t *testing.T) {
	broken := errors.New("the disk is gone")
	keycloak, _ := Named("keycloak")
	r, err := New(io.MultiReader(strings.NewReader(strings.Join(history(9), "\n")), iotest.ErrReader(broken)), keycloak, "")
	if err != nil {
		t.Fatal(err)
	}
	o := InOrder(r)
	if line, err := o.Next(); err != nil || !line.PassedOver {
		t.Errorf("%+v, %v", line, err)
	}
	for range 2 {
		if line, err := o.Next(); !errors.Is(err, broken) {
			t.Errorf("%+v, %v", line, err)
		}
	}
}
