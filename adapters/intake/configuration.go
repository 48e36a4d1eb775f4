package intake

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/nats-io/nats.go"

	"authledger/adapters/natsconn"
	"authledger/domain"
	"authledger/domain/access"
	"authledger/eventstore/wire"
)

// Configuration is the reason of a dead letter that was a command of the configuration. The
// dead letter holds neither the headers nor the payload of the message.
const Configuration domain.Reason = "configuration"

// anyConfiguration stands for the type of a message that names a command of the configuration
// in a form that can't be read.
const anyConfiguration = "config.*"

// configurationType returns the type of a message that is a command of the configuration, ""
// for any other message. Such a command may hold a secret in clear text, so the intake must
// not store it. A message with a mistake elsewhere, such as a missing header or a cut body, is
// such a command too. The body counts beside a header ce-type of another type.
func configurationType(h map[string][]string, body []byte) string {
	kinds := natsconn.AttributeHeaders(h)[wire.AttributePrefix+"Type"]
	for _, kind := range kinds {
		if text, err := wire.DecodeAttribute(kind); err == nil {
			kind = text
		}
		if namesConfiguration(kind) {
			return namedType(kind)
		}
	}
	kind, isValid := wire.TypeOf(body)
	isEvent := len(kinds) == 0 || contentType(h) == structuredType
	switch {
	case namesConfiguration(kind):
		return namedType(kind)
	case isEvent && !isValid && bytes.Contains(bytes.ToLower(body), []byte(`"config.`)): // for example a batch
		return anyConfiguration
	}
	return ""
}

// namesConfiguration reports whether a type names a command of the configuration, whatever its
// case and the spaces or quotation marks around it.
func namesConfiguration(kind string) bool {
	kind = strings.TrimLeftFunc(kind, func(r rune) bool { return !unicode.IsLetter(r) })
	return domain.IsConfig(strings.ToLower(kind))
}

// namedType returns a type of the catalogue, so that no answer repeats other text of a client.
func namedType(kind string) string {
	if domain.ForClients(kind) {
		return kind
	}
	return anyConfiguration
}

// configurationDetail states the refusal of a type and the ways that accept it.
func configurationDetail(realm, caller, kind string) string {
	return "the intake does not accept " + kind + ", because it would store a secret in clear text: " +
		"publish the command to " + natsconn.CommandSubject(realm, caller, kind) + ", or run " + commandLine(kind)
}

// commandLine returns the words of the command line that submit a type.
func commandLine(kind string) string {
	noun, verb, isNamed := strings.Cut(strings.TrimPrefix(kind, "config."), "_")
	if !isNamed {
		return "`authledger token` or `authledger webhook`"
	}
	return "`authledger " + noun + " " + verb + "`"
}

// configurationRejection returns why the reader rejects a message that no admission refused,
// because another program runs the NATS server. It returns nil for a message that is no command
// of the configuration.
func (in *Intake) configurationRejection(m *message) *domain.Rejection {
	kind := configurationType(m.raw.Header, m.raw.Data)
	if kind == "" {
		return nil
	}
	return &domain.Rejection{Reason: Configuration, Detail: configurationDetail(in.realm, m.caller, kind)}
}

// configures reports whether a role may submit a command of the configuration.
func configures(role access.Role) bool {
	return slices.ContainsFunc(domain.ClientCommands(), func(kind string) bool {
		return domain.IsConfig(kind) && role.May(access.Right(kind))
	})
}

// undecided returns why the ledger can't decide a message whose caller may configure the realm,
// "" for any other message. The message may be a mistyped command of the configuration with a
// secret in clear text. The role of a caller without a valid token is unknown, so undecided
// returns a reason for a message of such a caller that can't be decoded.
func (in *Intake) undecided(name string, m *nats.Msg) domain.Reason {
	caller, err := in.options.Tokens.Named(name)
	if err == nil && !configures(caller.Role) {
		return ""
	}
	command, rejection := readCommand(m.Header, m.Data)
	switch {
	case rejection != nil:
		return rejection.Reason
	case err == nil && caller.Admits(&command) != nil:
		return Denied
	}
	return ""
}

// undecidedDetail states the refusal of a message for a reason of undecided. It repeats no text of
// the client.
func undecidedDetail(realm, caller string, reason domain.Reason) string {
	return "the intake does not store a message of this caller that the ledger can't decide (" + string(reason) +
		"), because the message may hold a secret in clear text: correct the message, or publish the command to " +
		natsconn.CommandSubject(realm, caller, "<type>")
}

// withhold removes the text of a rejected message that may hold a secret in clear text, so that its
// dead letter holds neither the headers nor the payload. The detail of the rejection states the size
// and the hash of the message instead of a text that may quote the client.
func (in *Intake) withhold(m *message) {
	caller, err := in.options.Tokens.NamedAt(m.caller, m.stored)
	isKnown := err == nil && !isOlder(m.stored, caller)
	isDecoded := m.ticket != nil || m.rejection.Reason == Denied
	mayHoldSecret := isKnown && configures(caller.Role) || !isKnown && !isDecoded
	if m.rejection.Reason != Configuration && !mayHoldSecret {
		return
	}
	m.isWithheld = true
	detail := m.rejection.Detail
	if m.rejection.Reason != Configuration && m.rejection.Reason != Denied {
		detail = "the dead letter lacks the message, which may hold a secret in clear text"
	}
	m.rejection = &domain.Rejection{Reason: m.rejection.Reason,
		Detail: fmt.Sprintf("%s; %d bytes, payload SHA-256 %x", detail, m.raw.Size(), sha256.Sum256(m.raw.Data))}
}
