package main

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
)

// What a file can make us remember and print of unknown codes is bounded, and
// each unmapped line is counted all the same.
func TestUnmappedCodesAreBounded(t *testing.T) {
	const lines = 10_000
	var counts signInTally
	for n := range lines {
		if !counts.add(&item{line: n + 1, unmapped: fmt.Sprintf("LOGIN_ERROR code-%d", n)}) {
			t.Fatal("an unmapped line is none of its own")
		}
	}
	total := 0
	for _, n := range counts.Codes {
		total += n
	}
	if counts.Unmapped != lines || total != lines || len(counts.Codes) != unmappedCodes+1 || counts.Codes[otherCodes] != lines-unmappedCodes {
		t.Errorf("%d unmapped, %d by code, %d codes, %d others", counts.Unmapped, total, len(counts.Codes), counts.Codes[otherCodes])
	}
	var errs bytes.Buffer
	p := program{errs: &errs}
	if err := p.showUnmapped(&counts); err != nil {
		t.Fatal(err)
	}
	said := errs.String()
	if strings.Count(said, "\n") != unmappedShown+1 || !strings.HasPrefix(said, "line 1: unmapped, not recorded: LOGIN_ERROR code-0\n") ||
		!strings.HasSuffix(said, fmt.Sprintf("and %d unmapped lines more\n", lines-unmappedShown)) {
		t.Errorf("it said\n%s", said)
	}
}

// Other formats have no such counts, and nothing is theirs.
func TestNoSignInTally(t *testing.T) {
	var none *signInTally
	if none.add(&item{line: 1}) || none.add(&item{line: 2, passed: true}) {
		t.Error("it counted")
	}
}
