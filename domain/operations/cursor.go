package operations

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"maps"
	"slices"
	"strings"
)

// Orders of a list.
const (
	Newest = "newest"
	Oldest = "oldest"
)

// A cursor is the member next of a page, in the parameter after of the next page. It is the
// version, a hash of the list, and the position of the last item, in base64url. The hash
// binds the cursor to its list: the operation, the parameter in the path, the filters and
// the order. It is no secret: a client that forges a position gets another part of a list
// that the client may read.
const (
	cursorVersion    = 1
	cursorHashBytes  = 8
	positionBytesMax = 600                                          // two names of 128 characters in UTF-8 fit
	cursorBytesMax   = (1+cursorHashBytes+positionBytesMax)*4/3 + 1 // characters of base64url
)

var (
	errCursor     = errors.New("invalid value, want the member next of the previous page")
	errOtherList  = errors.New("invalid value: the cursor belongs to another list, want the same filters and order as for the previous page")
	cursorDecoder = base64.RawURLEncoding.Strict()
)

// pageParameters select a part of a list, or do not change the list. A cursor is not bound to
// them.
var pageParameters = []string{After, Limit, At, AsOf, AtLeast, Purpose, Reveal, ReadSession}

// Next returns the cursor of the page after the item at a position, "" for no position.
func (v *Values) Next(position []byte) string {
	if len(position) == 0 {
		return ""
	}
	return base64.RawURLEncoding.EncodeToString(append(v.cursorStart(), position...))
}

// Position returns the position in the cursor of the parameter after, nil without a cursor.
func (v *Values) Position() []byte { return v.parsed[After].position }

// IsOldestFirst reports whether the list begins with the oldest item.
func (v *Values) IsOldestFirst() bool { return v.order() == Oldest }

func (v *Values) order() string {
	if text := v.Text(Order); text != "" || v.operation == nil {
		return text
	}
	if p := v.operation.Parameter(Order); p != nil {
		return p.DefaultText
	}
	return ""
}

// parseCursor decodes the cursor after all other parameters are parsed.
func (v *Values) parseCursor() error {
	after := v.parsed[After]
	if after.text == "" {
		return nil
	}
	if len(after.text) > cursorBytesMax || strings.ContainsAny(after.text, "\r\n") { // the decoder ignores line ends
		return &ParameterError{After, errCursor}
	}
	b, err := cursorDecoder.DecodeString(after.text)
	start := v.cursorStart()
	switch {
	case err != nil || len(b) <= len(start) || b[0] != cursorVersion:
		return &ParameterError{After, errCursor}
	case !bytes.HasPrefix(b, start):
		return &ParameterError{After, errOtherList}
	}
	after.position = b[len(start):]
	v.parsed[After] = after
	return nil
}

// cursorStart returns the part of a cursor before the position.
func (v *Values) cursorStart() []byte {
	hash := sha256.New()
	write := func(texts ...string) {
		for _, text := range texts {
			hash.Write([]byte(text))
			hash.Write([]byte{0})
		}
	}
	write(v.operation.Name, v.order())
	for _, name := range slices.Sorted(maps.Keys(v.parsed)) {
		if name != Order && !slices.Contains(pageParameters, name) {
			write(name, v.parsed[name].text)
		}
	}
	return hash.Sum([]byte{cursorVersion})[:1+cursorHashBytes]
}
