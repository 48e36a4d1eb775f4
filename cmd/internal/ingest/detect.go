package ingest

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
)

// entryNames contains, by format, the name of an entry for messages.
var entryNames = map[string]string{
	"cloudevents": "a command",
	"sshd":        "a login that sshd logged",
	"okta":        "an event of Okta's System Log",
	"entra":       "an event of Entra's logs",
	"keycloak":    "an event of Keycloak",
}

// guess is the format of a file, as its beginning suggests.
type guess struct {
	kind    string
	from    string   // format name, "" if import does not read the format
	advice  string   // what the user can do if import does not read the format
	markers []string // texts that such a file contains
}

// jsonGuesses are the kinds of JSON, the most specific first.
var jsonGuesses = []guess{
	{kind: "CloudEvents", from: "cloudevents", markers: []string{`"specversion"`}},
	{kind: "Okta events", from: "okta", markers: []string{`"eventType"`, `"published"`}},
	{kind: "Okta events", from: "okta", markers: []string{`"eventType"`, `"legacyEventType"`}},
	{kind: "Keycloak events", from: "keycloak", markers: []string{`"type"`, `"realmId"`}},
	{kind: "Entra events", from: "entra", markers: []string{`"userPrincipalName"`}},
	{kind: "Entra events", from: "entra", markers: []string{`"operationName"`, `"resourceId"`}},
	{kind: "an sshd log in JSON", from: "sshd", markers: []string{`sshd`}},
	{kind: "CloudTrail events", advice: "import does not read them", markers: []string{`"eventSource"`, `"awsRegion"`}},
}

// textGuesses are the kinds of text, the most specific first.
var textGuesses = []guess{
	{kind: "the server log of Keycloak", advice: "export the events as JSON with its admin API", markers: []string{"org.keycloak"}},
	{kind: "an sshd log", from: "sshd", markers: []string{"sshd"}},
	{kind: "an sshd log", from: "sshd", markers: []string{" from ", " port ", " ssh2"}},
	{kind: "a web page", advice: "the server may have answered the export with its sign-in page", markers: []string{"<html"}},
	{kind: "XML", advice: "export JSON instead", markers: []string{"<?xml"}},
}

var (
	syslogLine = regexp.MustCompile(`(?m)^(<\d+>)?(\d )?([A-Z][a-z]{2} [ \d]\d |\d{4}-\d\d-\d\d[T ])\d\d:\d\d:\d\d`)
	csvLine    = regexp.MustCompile(`^[^\n{}]*(,[^,\n{}]*){3}`)
)

// guessFormat returns the likely format of a file by its beginning.
func guessFormat(sample []byte) guess {
	sample = bytes.TrimPrefix(sample, []byte("\uFEFF"))
	text := bytes.TrimSpace(sample)
	switch {
	case bytes.HasPrefix(text, []byte("ElfFile\x00")):
		return guess{kind: "a Windows event log", advice: "import the text log of sshd, such as sshd.log"}
	case bytes.IndexByte(text, 0) >= 0:
		return guess{kind: "binary data", advice: "export text"}
	case len(text) > 0 && (text[0] == '{' || text[0] == '[' && bytes.IndexByte(text, '{') > 0):
		return firstMatch(jsonGuesses, text, guess{kind: "JSON in an unknown format", advice: "import reads " + FormatList})
	}
	other := guess{kind: "text in an unknown format", advice: "import reads " + FormatList}
	switch {
	case syslogLine.Match(text):
		other = guess{kind: "a log without lines of sshd", advice: "is it the log that sshd writes to, such as auth.log or secure?"}
	case csvLine.Match(text):
		other = guess{kind: "CSV", advice: "export JSON instead"}
	}
	return firstMatch(textGuesses, text, other)
}

func firstMatch(looks []guess, text []byte, other guess) guess {
	for _, l := range looks {
		if l.in(text) {
			return l
		}
	}
	return other
}

func (l *guess) in(text []byte) bool {
	for _, part := range l.markers {
		if !bytes.Contains(text, []byte(part)) {
			return false
		}
	}
	return true
}

// CheckRecognized returns an error if a file is not empty and an import recognized no entry of
// any file. If the import recognized entries of some files, CheckRecognized returns warnings
// about the other files. The parameter err is the error of the import.
func CheckRecognized(from string, inputs []*Input, err error) (warnings []error, _ error) {
	var invalid *InvalidLineError
	if err != nil && !errors.As(err, &invalid) {
		return nil, nil // the import stopped early, so the rest of the files is unknown
	}
	recognized := false
	for _, in := range inputs {
		if in.recognized == 0 && in.entries > 0 && len(bytes.TrimSpace(in.sample)) > 0 {
			warnings = append(warnings, in.unrecognizedError(from))
		}
		recognized = recognized || in.recognized > 0 || in.isQuiet(from)
	}
	if !recognized {
		return nil, errors.Join(warnings...)
	}
	return warnings, nil
}

// isQuiet reports whether an input without a recognized entry is a log of sshd, which may
// contain no attempt.
func (in *Input) isQuiet(from string) bool {
	return from == "sshd" && guessFormat(in.sample).from == from
}

func (in *Input) unrecognizedError(from string) error {
	l := guessFormat(in.sample)
	if in.isQuiet(from) {
		return fmt.Errorf("%s contains lines of sshd but no login attempt: the import recorded nothing from this file", shownName(in.name))
	}
	advice := l.advice
	switch {
	case l.from == from:
		advice = "every entry lacks a member or has another form: compare the file with an export of " + from
	case l.from != "":
		advice = "use --from " + l.from
	}
	if l.from == "sshd" && from != "sshd" {
		advice += " --year YEAR"
	}
	lines := "none of its lines is"
	if in.entries == 1 {
		lines = "its only line is not"
	}
	return fmt.Errorf("nothing in %s was recognized: %s %s; it looks like %s: %s", shownName(in.name), lines, entryNames[from], l.kind, advice)
}
