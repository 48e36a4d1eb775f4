package projections

import (
	"slices"
	"testing"

	"authledger/domain"
)

func TestLayout_HasEveryMember(t *testing.T) {
	var got layout
	new(domain.Lock).Members(&got)
	if want := layout("fii"); !slices.Equal(got, want) {
		t.Errorf("layout of a lockout: got %s, want %s", got, want)
	}
	var nested layout
	(&userRow{}).Members(&nested)
	if want := "n{if{Itt}{fii}[ti]"; string(nested[:len(want)]) != want {
		t.Errorf("layout of a row of a user: got %s, want it to begin with %s", nested, want)
	}
}
