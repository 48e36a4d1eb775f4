package wire

import (
	"bytes"
	"errors"
	"fmt"

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
// most of them. The error says what is wrong with the array.
func SplitBatch(b []byte, most int) ([][]byte, error) {
	r := borrow(b)
	defer r.giveBack()
	if r.dec.PeekKind() != '[' {
		return nil, errors.New("want a JSON array of events")
	}
	var events [][]byte
	for r.token(); r.syntax == nil && r.dec.PeekKind() != ']'; {
		if len(events) == most {
			return nil, fmt.Errorf("want at most %d events in a batch", most)
		}
		raw, err := r.dec.ReadValue()
		if err != nil {
			return nil, tidy(err)
		}
		events = append(events, bytes.Clone(raw))
	}
	if r.syntax == nil {
		r.token()
	}
	if r.syntax == nil {
		r.end()
	}
	return events, r.syntax
}
