package wire

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/go-json-experiment/json/jsontext"

	"authledger/domain"
)

// Attributes are the attributes of a CloudEvent in binary mode, as text. An absent attribute
// is "".
type Attributes struct{ SpecVersion, ID, Source, Type, Time string }

// ReadBinary reads a CloudEvent 1.0 in binary mode. It validates the event as [ReadCommand]
// does. The caller MUST have checked that the content type of data is JSON.
func ReadBinary(a Attributes, data []byte) (domain.Command, *domain.Rejection) {
	e := envelope{specversion: a.SpecVersion, id: a.ID, source: a.Source, kind: a.Type, time: a.Time, data: bytes.TrimSpace(data)}
	return e.command()
}

// SplitBatch splits a CloudEvents batch, a JSON array, into its events. It returns an error
// if the array is invalid or holds more than most events. It accepts events with duplicate
// members or invalid UTF-8, so that [ReadCommand] rejects only those events.
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
		return nil, errors.New("want one JSON array and nothing after it")
	}
	return events, nil
}
