package csvlist

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf16"
)

// formulaStarts are the characters with which a formula begins in a spreadsheet, among them the
// full-width forms, and the apostrophe, which marks a text that is no formula. Because Cell adds an
// apostrophe before an apostrophe too, different texts have different cells.
const formulaStarts = "=+-@\t\r'\uff1d\uff0b\uff0d\uff20"

// Cell returns a text that a spreadsheet does not run as a formula and a terminal does not obey. A
// program gets the text without the first apostrophe of the cell.
func Cell(text string) string {
	if text != "" && strings.ContainsRune(formulaStarts, []rune(text)[0]) {
		text = "'" + text
	}
	if !strings.ContainsFunc(text, isInvisible) {
		return text
	}
	var b strings.Builder
	for _, r := range text {
		if !isInvisible(r) {
			b.WriteRune(r)
			continue
		}
		for _, unit := range utf16.Encode([]rune{r}) {
			fmt.Fprintf(&b, `\u%04x`, unit)
		}
	}
	return b.String()
}

// isInvisible reports whether a character is neither visible nor usual white space.
func isInvisible(r rune) bool {
	return r != '\t' && r != '\r' && r != '\n' && !unicode.IsGraphic(r) || r == '\u2028' || r == '\u2029'
}
