package signins

import (
	"bytes"
	"slices"
)

// envelopeMembers are the members of an object that hold an array of events.
var envelopeMembers = []string{"value", "records"}

const blanks = " \t\r\n"

// arrayBegin returns how many bytes of a window precede the first element of an array of
// objects, 0 if the window does not begin with one. The array may be a member of an object,
// the envelope. If several is true, the envelope may extend over several lines. A line of
// text that begins with a bracket is not an array.
func arrayBegin(window []byte, several bool) (begin int, envelope bool) {
	rest := bytes.TrimLeft(window, " \t")
	switch {
	case len(rest) == 0:
		return 0, false
	case rest[0] == '[' && holdsObjects(rest[1:]):
		return len(window) - len(rest) + 1, false
	case rest[0] == '{':
		if begin := envelopeBegin(beginning(rest, several)); begin > 0 {
			return len(window) - len(rest) + begin, true
		}
	}
	return 0, false
}

// envelopeBytes bounds the members of an envelope on several lines that precede its array.
const envelopeBytes = 8 << 10

// beginning returns the part of an object in which the array of an envelope may begin. If
// the first line ends with a brace, beginning returns that line. Otherwise it returns the first
// envelopeBytes bytes, or nil if several is false.
func beginning(object []byte, several bool) []byte {
	line, _, ok := bytes.Cut(object, []byte("\n"))
	switch {
	case bytes.HasSuffix(bytes.TrimRight(line, blanks), []byte("}")):
		return line
	case several || !ok: // or the line is longer than the window
		return object[:min(len(object), envelopeBytes)]
	}
	return nil
}

// holdsObjects reports whether the first element after a bracket is an object, or the array
// is empty.
func holdsObjects(rest []byte) bool {
	rest = bytes.TrimLeft(rest, blanks)
	return len(rest) > 0 && (rest[0] == '{' || rest[0] == ']')
}

// envelopeBegin returns how many bytes of an object precede the first element of its
// array of events, 0 if the object has none.
func envelopeBegin(object []byte) int {
	for rest := object[min(1, len(object)):]; ; {
		rest = bytes.TrimLeft(rest, blanks+",")
		name, after := cutText(rest)
		after = bytes.TrimLeft(after, blanks)
		if name == nil || len(after) == 0 || after[0] != ':' {
			return 0
		}
		rest = bytes.TrimLeft(after[1:], blanks)
		if slices.Contains(envelopeMembers, string(name)) && len(rest) > 0 && rest[0] == '[' && holdsObjects(rest[1:]) {
			return len(object) - len(rest) + 1
		}
		if rest = cutValue(rest); rest == nil {
			return 0
		}
	}
}

// cutText splits a JSON string from the bytes after it. The text is nil if rest begins
// with no whole string.
func cutText(rest []byte) (text, after []byte) {
	if len(rest) == 0 || rest[0] != '"' {
		return nil, nil
	}
	for i := 1; i < len(rest); i++ {
		switch rest[i] {
		case '\\':
			i++
		case '"':
			return rest[1:i:i], rest[i+1:]
		}
	}
	return nil, nil
}

// cutValue returns the bytes after a value, nil if the value does not end.
func cutValue(rest []byte) []byte {
	for depth := 0; len(rest) > 0; {
		switch c := rest[0]; {
		case c == '"':
			if _, rest = cutText(rest); rest == nil {
				return nil
			}
			continue
		case c == '{' || c == '[':
			depth++
		case depth == 0 && (c == ',' || c == '}'):
			return rest
		case c == '}' || c == ']':
			depth--
		}
		rest = rest[1:]
	}
	return nil
}
