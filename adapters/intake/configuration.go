package intake

import (
	"bytes"
	"strings"

	"authledger/adapters/natsconn"
	"authledger/domain"
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
// such a command too.
func configurationType(h map[string][]string, body []byte) string {
	kinds := natsconn.AttributeHeaders(h)[wire.AttributePrefix+"Type"]
	for _, kind := range kinds {
		if text, err := wire.DecodeAttribute(kind); err == nil {
			kind = text
		}
		if domain.IsConfig(kind) {
			return namedType(kind)
		}
	}
	if len(kinds) > 0 && contentType(h) != structuredType {
		return ""
	}
	kind, isValid := wire.TypeOf(body)
	switch {
	case domain.IsConfig(kind):
		return namedType(kind)
	case !isValid && bytes.Contains(body, []byte(`"config.`)): // for example a batch
		return anyConfiguration
	}
	return ""
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
