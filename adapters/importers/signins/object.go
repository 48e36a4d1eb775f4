package signins

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"unicode/utf8"

	"authledger/domain"
)

// depthMost bounds how deep a line may nest.
const depthMost = 32

// object is a JSON object. Its members are string, json.Number, bool, nil,
// []any or object.
type object map[string]any

const wantObject = "want one JSON object a line, in UTF-8 and not packed: " + makeLines

const makeLines = "jq -c '.[]' makes lines of an array"

var errJSON = errors.New("no JSON that two readers agree on")

// decode reads a line that is one JSON object. A duplicate member is malformed,
// and so is bad UTF-8: two readers could disagree about who signed in.
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

// unwrapped takes {"event": {…}} off, once.
func (o object) unwrapped() object {
	if inner, ok := o["event"].(object); ok {
		return inner
	}
	return o
}

// text is the member at a path: a text, or a number as it was written. It is ""
// if there is none.
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
