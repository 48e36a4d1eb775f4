package ingest

import (
	"errors"
	"fmt"
	"io"

	"authledger/domain"
)

// Limits of the counts of unmapped codes.
const (
	unmappedCodes = 50 // codes with a count of their own
	unmappedShown = 10 // unmapped lines that the import prints
)

// otherCodes counts the codes beyond the limit.
const otherCodes = "others"

// SignInTally counts the events of a gateway that resulted in no command, and late attempts. The
// nil *SignInTally counts nothing.
type SignInTally struct {
	PassedOver int            `json:"passedOver"`      // events that are not attempts
	Late       int            `json:"late"`            // attempts older than a record of the same entity
	Unmapped   int            `json:"unmapped"`        // sign-ins with an unknown code
	Codes      map[string]int `json:"codes,omitempty"` // counts by unknown code
	first      []unmappedLine
}

type unmappedLine struct {
	place string
	code  string
}

// add counts an item that is passed over or unmapped. It returns false for other items.
func (t *SignInTally) add(it *Item) bool {
	switch {
	case t == nil:
		return false
	case it.passedOver:
		t.PassedOver++
	case it.unmapped != "":
		t.addCode(it.unmapped)
		if len(t.first) < unmappedShown {
			t.first = append(t.first, unmappedLine{it.at.text(it.Line), it.unmapped})
		}
	default:
		return false
	}
	return true
}

// addLate counts a late verdict.
func (t *SignInTally) addLate(v *domain.Verdict) {
	if t != nil && v.Late && !v.Duplicate {
		t.Late++
	}
}

func (t *SignInTally) addCode(code string) {
	t.Unmapped++
	if t.Codes == nil {
		t.Codes = make(map[string]int)
	}
	if t.Codes[code] == 0 && len(t.Codes) >= unmappedCodes {
		code = otherCodes
	}
	t.Codes[code]++
}

// WriteUnmapped writes the first lines with an unknown code.
func WriteUnmapped(w io.Writer, t *SignInTally) error {
	if t == nil {
		return nil
	}
	var errs []error
	for _, line := range t.first {
		_, err := fmt.Fprintf(w, "%s: unmapped, not recorded: %s\n", line.place, line.code)
		errs = append(errs, err)
	}
	if more := t.Unmapped - len(t.first); more > 0 {
		_, err := fmt.Fprintf(w, "and %d more unmapped lines\n", more)
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}
