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

// readMembers makes a command's data of key=value pairs, each value of the kind
// that the type's own list of members says. Whether they are right, and whether
// all are there, is judged where every command is judged.
func readMembers(kind string, pairs []string) (map[string]any, error) {
	kinds := make(memberKinds)
	if data := domain.NewCommandData(kind); data != nil {
		data.Members(kinds)
	}
	members := make(map[string]any)
	for _, pair := range pairs {
		name, text, ok := strings.Cut(pair, "=")
		if !ok || name == "" {
			return nil, usagef("%q: want key=value", pair)
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

// documentBytesMax bounds a file that a value names: no record takes more.
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
		return nil, fmt.Errorf("%s has more than %d bytes", path, documentBytesMax)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return rawJSON(text)
}

func rawJSON(text []byte) (any, error) {
	if !json.Valid(text) {
		return nil, errors.New("want a JSON object, or @FILE with one")
	}
	return json.RawMessage(text), nil
}

func isCount(text string) bool {
	_, err := strconv.ParseUint(text, 10, 63)
	return err == nil
}

// memberKind is what a member's value is. The zero memberKind is text.
type memberKind int

const (
	textMember memberKind = iota
	flagMember
	countMember
	objectMember
)

// memberKinds visits members and learns of what kind they are.
type memberKinds map[string]memberKind

func (k memberKinds) Text(name string, _ *string, _ domain.Form)       { k[name] = textMember }
func (k memberKinds) Count(name string, _ *int64, _ domain.Form)       { k[name] = countMember }
func (k memberKinds) Flag(name string, _ *bool, _ domain.Form)         { k[name] = flagMember }
func (k memberKinds) Instant(name string, _ *time.Time, _ domain.Form) { k[name] = textMember }
func (k memberKinds) Instants(name string, _ *[]time.Time)             { k[name] = objectMember }
func (k memberKinds) Texts(name string, _ *[]string)                   { k[name] = objectMember }
func (k memberKinds) Object(name string, _ domain.Data, _ domain.Form) { k[name] = objectMember }
func (k memberKinds) List(name string, _ domain.Items)                 { k[name] = objectMember }

// listMembers shows data for people, name=value, leaving out what is absent.
func listMembers(data domain.Data) []string {
	var list memberList
	data.Members(&list)
	return list.all
}

// showEvent tells an event in one line.
func showEvent(e domain.Event) string {
	return strings.Join(append([]string{e.Data.EventType()}, listMembers(e.Data)...), " ")
}

// memberList visits members and writes them down.
type memberList struct {
	inside string
	all    []string
}

func (l *memberList) add(name, value string) { l.all = append(l.all, l.inside+name+"="+value) }

func (l *memberList) Text(name string, at *string, f domain.Form) {
	if *at != "" || f.Need {
		l.add(name, showText(*at))
	}
}

func (l *memberList) Count(name string, at *int64, f domain.Form) {
	if *at != 0 || f.Need {
		l.add(name, strconv.FormatInt(*at, 10))
	}
}

func (l *memberList) Flag(name string, at *bool, f domain.Form) {
	if *at || f.Need {
		l.add(name, strconv.FormatBool(*at))
	}
}

func (l *memberList) Instant(name string, at *time.Time, f domain.Form) {
	if !at.IsZero() || f.Need {
		l.add(name, showTime(*at))
	}
}

func (l *memberList) Instants(name string, at *[]time.Time) {
	for _, t := range *at {
		l.add(name, showTime(t))
	}
}

func (l *memberList) Texts(name string, at *[]string) {
	for _, s := range *at {
		l.add(name, showText(s))
	}
}

func (l *memberList) Object(name string, at domain.Data, _ domain.Form) {
	outer := l.inside
	l.inside += name + "."
	at.Members(l)
	l.inside = outer
}

func (l *memberList) List(name string, of domain.Items) {
	for i := range of.Len() {
		l.Object(name+"["+strconv.Itoa(i)+"]", of.At(i), domain.Need)
	}
}

// showText quotes what could pass for something else, or move the cursor.
func showText(s string) string {
	if quoted := strconv.Quote(s); len(quoted) != len(s)+2 || strings.ContainsAny(s, " =") || s == "" {
		return quoted
	}
	return s
}
