package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"authledger/domain"
)

// readMembers returns the data of a command from key=value pairs. The command type kind
// determines how readMembers converts each value. [wire.ReadCommand] checks the values later.
func readMembers(kind string, pairs []string) (map[string]any, error) {
	kinds := make(map[string]domain.MemberKind)
	for _, m := range domain.CommandMembers(kind) {
		kinds[m.Name] = m.Kind
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

func readMember(kind domain.MemberKind, text string) (any, error) {
	switch path, file := strings.CutPrefix(text, "@"); {
	case kind == domain.ObjectMember && file:
		return readDocument(path)
	case kind == domain.ObjectMember:
		return rawJSON([]byte(text))
	case kind == domain.FlagMember && (text == "true" || text == "false"):
		return text == "true", nil
	case kind == domain.CountMember && isCount(text):
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
