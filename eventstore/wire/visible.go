package wire

import (
	"fmt"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// visible returns b with all invisible characters from index from on escaped, so that a
// sender's text cannot control the terminal of a reader. Such characters occur only inside
// JSON strings, where the escape has the same meaning.
func visible(b []byte, from int) []byte {
	at := from
	for at < len(b) && b[at] < utf8.RuneSelf {
		at++
	}
	if at == len(b) { // the usual case
		return b
	}
	rest := string(b[at:])
	b = b[:at]
	for _, r := range rest {
		if unicode.IsGraphic(r) && r != '\u2028' && r != '\u2029' {
			b = utf8.AppendRune(b, r)
			continue
		}
		for _, unit := range utf16.Encode([]rune{r}) {
			b = fmt.Appendf(b, `\u%04x`, unit)
		}
	}
	return b
}
