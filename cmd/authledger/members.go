package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"authledger/domain"
)

// readMembers returns the data of a command from key=value pairs. The command type kind
// determines how readMembers converts each value. [wire.ReadCommand] checks the values later.
func readMembers(kind string, pairs []string) (map[string]any, error) {
	kinds := make(memberKinds)
	if data := domain.NewCommandData(kind); data != nil {
		data.Members(kinds)
	}
	members := make(map[string]any)
	for _, pair := range pairs {
		name, text, ok := strings.Cut(pair, "=")
		if !ok || name == "" {
			return nil, usagef("%q: invalid value, want key=value", pair)
		}
		if _, twice := members[name]; twice {
			return nil, usagef("%s is given twice", name)
		}
		value, err := readMember(kinds[name], text)
		if err != nil {
			return nil, usagef("%s: %w", name, err)
		}
		members[name] = value
	}
	return members, nil
}

// documentBytesMax is the maximum size of a file that a value @FILE names, in bytes. It equals
// the maximum size of a record.
const documentBytesMax = 64 << 10

func readMember(kind memberKind, text string) (any, error) {
	switch path, file := strings.CutPrefix(text, "@"); {
	case kind == objectMember && file:
		return readDocument(path)
	case kind == objectMember:
		return rawJSON([]byte(text))
	case kind == flagMember && (text == "true" || text == "false"):
		return text == "true", nil
	case kind == countMember && isCount(text):
		return json.Number(text), nil
	}
	return text, nil
}

func readDocument(path string) (any, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.Size() > documentBytesMax {
		return nil, fmt.Errorf("%s is larger than %d bytes", path, documentBytesMax)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return rawJSON(text)
}

func rawJSON(text []byte) (any, error) {
	if !json.Valid(text) {
		return nil, errors.New("invalid value, want a JSON object, or @FILE of a JSON object")
	}
	return json.RawMessage(text), nil
}

func isCount(text string) bool {
	_, err := strconv.ParseUint(text, 10, 63)
	return err == nil
}

// memberKind is the kind of a member's value. The zero value is text.
type memberKind int

const (
	textMember memberKind = iota
	flagMember
	countMember
	objectMember
)

// memberKinds visits members and records their kinds.
type memberKinds map[string]memberKind

func (k memberKinds) Text(name string, _ *string, _ domain.Form)       { k[name] = textMember }
func (k memberKinds) Count(name string, _ *int64, _ domain.Form)       { k[name] = countMember }
func (k memberKinds) Flag(name string, _ *bool, _ domain.Form)         { k[name] = flagMember }
func (k memberKinds) Instant(name string, _ *time.Time, _ domain.Form) { k[name] = textMember }
func (k memberKinds) Instants(name string, _ *[]time.Time)             { k[name] = objectMember }
func (k memberKinds) Texts(name string, _ *[]string)                   { k[name] = objectMember }
func (k memberKinds) Object(name string, _ domain.Data, _ domain.Form) { k[name] = objectMember }
func (k memberKinds) List(name string, _ domain.Items)                 { k[name] = objectMember }
