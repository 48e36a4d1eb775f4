package wire

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/go-json-experiment/json/jsontext"

	"authledger/domain"
)

// Attributes are those of a CloudEvent whose data travels by itself (binary
// mode), as text; what is absent is "".
type Attributes struct{ SpecVersion, ID, Source, Type, Time string }

// ReadBinary reads a CloudEvent 1.0 in binary mode, and judges it as
// [ReadCommand] does: data is JSON, as its transport has made sure.
func ReadBinary(a Attributes, data []byte) (domain.Command, *domain.Rejection) {
	e := envelope{specversion: a.SpecVersion, id: a.ID, source: a.Source, kind: a.Type, time: a.Time, data: bytes.TrimSpace(data)}
	return e.command()
}

// SplitBatch cuts a CloudEvents batch, a JSON array, into its events, at most
// most of them. The error says what is wrong with the array. An event that names a
// member twice, or whose text is no UTF-8, is still told apart from the others:
// [ReadCommand] judges it by itself.
func SplitBatch(b []byte, most int) ([][]byte, error) {
	dec := jsontext.NewDecoder(bytes.NewBuffer(b), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	if dec.PeekKind() != '[' {
		return nil, errors.New("want a JSON array of events")
	}
	if _, err := dec.ReadToken(); err != nil {
		return nil, tidy(err)
	}
	var events [][]byte
	for dec.PeekKind() != ']' {
		if len(events) == most {
			return nil, fmt.Errorf("want at most %d events in a batch", most)
		}
		raw, err := dec.ReadValue()
		if err != nil {
			return nil, tidy(err)
		}
		events = append(events, bytes.Clone(raw))
	}
	if _, err := dec.ReadToken(); err != nil {
		return nil, tidy(err)
	}
	if _, err := dec.ReadToken(); err != io.EOF {
		return nil, errors.New("want one JSON array and nothing behind it")
	}
	return events, nil
}
