package ingest

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
)

// TestSignInTally_ManyUnmappedCodes checks that the tally stores and prints a limited number of unknown
// codes, and counts every line with an unknown code.
func TestSignInTally_ManyUnmappedCodes(t *testing.T) {
	const lines = 10_000
	var counts SignInTally
	for n := range lines {
		if !counts.add(&Item{Line: n + 1, unmapped: fmt.Sprintf("LOGIN_ERROR code-%d", n)}) {
			t.Fatalf("add line %d with an unknown code: got false, want true", n+1)
		}
	}
	total := 0
	for _, n := range counts.Codes {
		total += n
	}
	if counts.Unmapped != lines || total != lines || len(counts.Codes) != unmappedCodes+1 ||
		counts.Codes[otherCodes] != lines-unmappedCodes {
		t.Errorf("got %d unmapped lines, sum %d of %d codes, %d lines of other codes; want %d, %d, %d and %d",
			counts.Unmapped,
			total, len(counts.Codes), counts.Codes[otherCodes], lines, lines, unmappedCodes+1, lines-unmappedCodes)
	}
	var errs bytes.Buffer
	if err := WriteUnmapped(&errs, &counts); err != nil {
		t.Fatal(err)
	}
	printed := errs.String()
	if strings.Count(printed, "\n") != unmappedShown+1 ||
		!strings.HasPrefix(printed, "line 1: unmapped, not recorded: LOGIN_ERROR code-0\n") ||
		!strings.HasSuffix(printed, fmt.Sprintf("and %d more unmapped lines\n", lines-unmappedShown)) {
		t.Errorf("WriteUnmapped: got\n%s\nwant %d lines and the number of the others", printed, unmappedShown)
	}
}

// TestSignInTally_Nil checks that the nil tally of the other formats counts nothing.
func TestSignInTally_Nil(t *testing.T) {
	var none *SignInTally
	if none.add(&Item{Line: 1}) || none.add(&Item{Line: 2, passedOver: true}) {
		t.Error("add to the nil tally: got true, want false")
	}
}
