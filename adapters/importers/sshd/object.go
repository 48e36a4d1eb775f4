package sshd

import (
	"bytes"
	"encoding/json"
	"math"
)

// object is a JSON object of one line. Its member names are case-sensitive.
type object map[string]json.RawMessage

// readObject decodes a line that is one JSON object. It reports false for a
// member that occurs twice, because two readers may choose different ones.
func readObject(line []byte) (o object, ok bool) {
	if !json.Valid(line) {
		return nil, false
	}
	d := json.NewDecoder(bytes.NewReader(line))
	if open, err := d.Token(); err != nil || open != json.Delim('{') {
		return nil, false
	}
	o = object{}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return nil, false
		}
		text, isText := name.(string)
		if _, isDuplicate := o[text]; isDuplicate || !isText {
			return nil, false
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return nil, false
		}
		o[text] = value
	}
	return o, true
}

// text returns a member that is a string.
func (o object) text(name string) (text string, ok bool) {
	value := o[name]
	if len(value) == 0 || value[0] != '"' {
		return "", false
	}
	err := json.Unmarshal(value, &text)
	return text, err == nil
}

// word returns a member that is a string, and an empty slice for any other.
func (o object) word(name string) []byte {
	text, _ := o.text(name)
	return []byte(text)
}

// binary returns a member that is a string, or an array of bytes as the journal
// writes values that are not UTF-8.
func (o object) binary(name string) (value []byte, ok bool) {
	if text, ok := o.text(name); ok {
		return []byte(text), true
	}
	var numbers []uint16 // encoding/json reads a []byte from base64 only
	if err := json.Unmarshal(o[name], &numbers); err != nil || len(numbers) == 0 {
		return nil, false
	}
	value = make([]byte, len(numbers))
	for i, n := range numbers {
		if n > math.MaxUint8 {
			return nil, false
		}
		value[i] = byte(n)
	}
	return value, true
}
