package sshd

import (
	"bytes"

	"authledger/domain"
)

// messageForm is one kind of message, and its meaning. A message starts with the
// verb and the method.
type messageForm struct {
	verb    string
	method  string         // "" for any
	outcome domain.Outcome // "" if the message records no attempt
	reason  string         // of a failure of a user whom the host knows
	why     string
}

const (
	failedVerb   = "Failed"
	acceptedVerb = "Accepted"
	pamVerb      = "error: PAM:"

	badCredentials = "bad_credentials"
	methodRejected = "method_rejected"

	// interactive is the method whose failures PAM reports too.
	interactive = "keyboard-interactive"
)

// messageForms lists the forms in the order in which formOf tries them.
// docs/importing.md shows them.
var messageForms = []messageForm{
	{failedVerb, "password", domain.Failed, badCredentials, "a guess"},
	{failedVerb, interactive, domain.Failed, badCredentials, "a guess; counted once if a PAM error of the same process and user precedes it"},
	{failedVerb, "challenge-response", domain.Failed, badCredentials, "a guess; the method has this name in protocol 1"},
	{failedVerb, "", domain.Failed, methodRejected, "`publickey`, `none`, `hostbased`, `gssapi-with-mic` or another method, for which the client typed and computed no secret"},
	{acceptedVerb, "", domain.Succeeded, "", "signed in"},
	{pamVerb, "", domain.Failed, badCredentials, "a guess; the line names no port"},
	{"Postponed", "", "", "", "the exchange continues"},
	{"Partial", "", "", "", "one of several methods succeeded, and sshd requires another"},
}

// isPAM reports whether PAM wrote the message.
func (f *messageForm) isPAM() bool { return f.verb == pamVerb }

// formOf returns the form of a message, and the rest of the message from the user on. It
// returns nil if the message has no form of messageForms.
func formOf(message []byte) (form *messageForm, rest []byte) {
	for i := range messageForms {
		if rest, ok := messageForms[i].cut(message); ok {
			return &messageForms[i], rest
		}
	}
	return nil, nil
}

// cut removes the verb, the method and "for " from a message. From a PAM error it removes
// the verb only.
func (f *messageForm) cut(message []byte) (rest []byte, ok bool) {
	rest, ok = bytes.CutPrefix(message, []byte(f.verb))
	if !ok {
		return nil, false
	}
	rest, ok = bytes.CutPrefix(rest, []byte(" "))
	if !ok || f.isPAM() {
		return rest, ok
	}
	method, rest, _ := bytes.Cut(rest, []byte(" "))
	if f.method != "" {
		// A device may follow the method, as in keyboard-interactive/pam.
		method, _, _ = bytes.Cut(method, []byte("/"))
		if string(method) != f.method {
			return nil, false
		}
	}
	return bytes.CutPrefix(rest, []byte(forUser))
}

// isVerb reports whether a word is the verb of a form. The method after a verb is text of
// the client, which may imitate a program and another message.
func isVerb(word []byte) bool {
	for i := range messageForms {
		if string(word) == messageForms[i].verb {
			return true
		}
	}
	return false
}

// unknownUserMarks stand before the name of a user whom the host does not know.
// OpenSSH before 3.9 and PAM errors use the second.
var unknownUserMarks = []string{"invalid user ", "illegal user "}

// unknownUserName stands for the name of such a user on Solaris.
const unknownUserName = "<invalid username>"

// judgeName removes sshd's mark for an unknown user from the name of a failure, once. A
// second mark is part of the name that the client chose. judgeName also returns the reason
// of the failure.
func (f *messageForm) judgeName(name []byte) (rest []byte, reason string) {
	if f.outcome == domain.Succeeded {
		return name, ""
	}
	if string(name) == unknownUserName {
		return name, domain.UnknownUser
	}
	for _, mark := range unknownUserMarks {
		if rest, ok := bytes.CutPrefix(name, []byte(mark)); ok {
			return rest, domain.UnknownUser
		}
	}
	return name, f.reason
}
