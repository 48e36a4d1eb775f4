package jetstream

import (
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

const (
	// realmBytesMax is the maximum length of a realm's name, which is a part of the name of a
	// directory.
	realmBytesMax = 64

	// duplicateWindow is the shortest window that the server accepts. It cannot be turned
	// off, and a restart of the server reads all messages in it.
	duplicateWindow = 100 * time.Millisecond

	// serverMetadata is the prefix of the metadata that the server adds. It differs between
	// server versions.
	serverMetadata = "_nats."
)

// StreamName returns the name of a realm's stream.
func StreamName(realm string) string { return "LEDGER_" + realm }

// Subject returns the only subject of a realm's stream.
func Subject(realm string) string { return "ledger." + realm + ".log" }

// ConfigJSON returns the configuration that this version gives to a realm's stream. Equal
// configurations have equal bytes, so that the result can be stored and compared.
func ConfigJSON(realm string) []byte { return canonical(config(realm)) }

func config(realm string) jetstream.StreamConfig {
	return jetstream.StreamConfig{
		Name:              StreamName(realm),
		Subjects:          []string{Subject(realm)},
		Storage:           jetstream.FileStorage,
		Replicas:          1,
		Retention:         jetstream.LimitsPolicy,
		Discard:           jetstream.DiscardNew,
		MaxConsumers:      -1,
		MaxMsgs:           -1,
		MaxBytes:          -1,
		MaxMsgSize:        -1,
		MaxMsgsPerSubject: -1,
		Duplicates:        duplicateWindow,
		Compression:       jetstream.NoCompression,
		DenyDelete:        true,
		DenyPurge:         true,
	}
}

func canonical(cfg jetstream.StreamConfig) []byte {
	cfg.Metadata = maps.Clone(cfg.Metadata)
	maps.DeleteFunc(cfg.Metadata, func(key, _ string) bool { return strings.HasPrefix(key, serverMetadata) })
	text, err := json.Marshal(cfg)
	if err != nil {
		panic(fmt.Sprintf("jetstream: a stream configuration always has JSON: %v", err))
	}
	return text
}

func validRealm(realm string) error {
	if realm == "" || len(realm) > realmBytesMax {
		return fmt.Errorf("realm %q: the name must have 1 to %d characters", realm, realmBytesMax)
	}
	for _, c := range realm {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '-', c == '_':
		default:
			return fmt.Errorf("realm %q: character %q is not in A-Z, a-z, 0-9, - and _", realm, c)
		}
	}
	return nil
}
