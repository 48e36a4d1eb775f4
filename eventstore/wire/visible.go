package wire

import (
	"fmt"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// visible returns b with what can't be seen in it from a place on escaped: what
// somebody sent must not turn a reader's terminal around. Such text stands in JSON
// strings only, where the escape means the same.
func visible(b []byte, from int) []byte {
	at := from
	for at < len(b) && b[at] < utf8.RuneSelf {
		at++
	}
	if at == len(b) { // nearly always
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
