package signins

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"authledger/domain"
)

// depthMost is the maximum nesting depth of a line.
const depthMost = 32

// object is a JSON object. Its members are string, json.Number, bool, nil,
// []any or object.
type object map[string]any

const wantObject = "want one JSON object a line, an array of them, or {\"value\":[…]}, in UTF-8: " + makeLines

const makeLines = "jq -c . makes a line of each object"

const cutArray = "the file ends within an array: is the export complete?"

var errJSON = errors.New("invalid JSON: a member occurs twice, or the nesting is too deep")

// decode reads a line that is one JSON object. Duplicate members and invalid UTF-8
// are malformed, because two readers could disagree about the user.
func decode(text []byte) (object, *domain.Rejection) {
	if !utf8.Valid(text) || !json.Valid(text) {
		return nil, malformed("", wantObject)
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	value, err := decodeValue(d, depthMost)
	if err != nil {
		return nil, malformed("", "want no member twice, and no nesting deeper than 32 levels")
	}
	o, ok := value.(object)
	if !ok {
		return nil, malformed("", wantObject)
	}
	return o, nil
}

// decodeText reads a JSON value that an export wrote as text.
func decodeText(text string) (any, error) {
	if !json.Valid([]byte(text)) {
		return nil, errJSON
	}
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	return decodeValue(d, depthMost)
}

func decodeValue(d *json.Decoder, depth int) (any, error) {
	token, err := d.Token()
	if err != nil {
		return nil, err
	}
	delimiter, ok := token.(json.Delim)
	switch {
	case !ok:
		return token, nil
	case depth == 0:
		return nil, errJSON
	case delimiter == '{':
		return decodeObject(d, depth-1)
	}
	return decodeArray(d, depth-1)
}

func decodeObject(d *json.Decoder, depth int) (object, error) {
	o := object{}
	for d.More() {
		token, err := d.Token()
		if err != nil {
			return nil, err
		}
		name, ok := token.(string)
		if _, twice := o[name]; twice || !ok {
			return nil, errJSON
		}
		if o[name], err = decodeValue(d, depth); err != nil {
			return nil, err
		}
	}
	return o, closing(d)
}

func decodeArray(d *json.Decoder, depth int) ([]any, error) {
	all := []any{}
	for d.More() {
		value, err := decodeValue(d, depth)
		if err != nil {
			return nil, err
		}
		all = append(all, value)
	}
	return all, closing(d)
}

func closing(d *json.Decoder) error {
	if _, err := d.Token(); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	return nil
}

// unwrapped removes one level of {"event": {…}}.
func (o object) unwrapped() object {
	if inner, ok := o["event"].(object); ok {
		return inner
	}
	return o
}

// text returns the member at a path: a string, or a number as it is written. It
// returns "" for an absent member.
func (o object) text(path ...string) string {
	for _, name := range path[:len(path)-1] {
		o, _ = o[name].(object)
	}
	switch member := o[path[len(path)-1]].(type) {
	case string:
		return member
	case json.Number:
		return member.String()
	}
	return ""
}

func malformed(field, detail string) *domain.Rejection {
	return &domain.Rejection{Reason: domain.Malformed, Field: field, Detail: detail}
}
