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
	// realmBytesMax bounds a realm's name: it becomes a directory's name.
	realmBytesMax = 64

	// duplicateWindow is the shortest that the server accepts; it can't be
	// off, and a restart reads back all that is in it.
	duplicateWindow = 100 * time.Millisecond

	// serverNotes begins the metadata that the server adds for itself; it
	// differs from version to version.
	serverNotes = "_nats."
)

// StreamName is the name of a realm's stream.
func StreamName(realm string) string { return "LEDGER_" + realm }

// Subject is the one subject of a realm's stream.
func Subject(realm string) string { return "ledger." + realm + ".log" }

// ConfigJSON is the configuration of a realm's stream, as this version makes
// it: equal bytes for equal configurations, so that it can be kept and compared.
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
	maps.DeleteFunc(cfg.Metadata, func(key, _ string) bool { return strings.HasPrefix(key, serverNotes) })
	text, err := json.Marshal(cfg)
	if err != nil {
		panic(fmt.Sprintf("jetstream: a stream configuration always has JSON: %v", err))
	}
	return text
}

func validRealm(realm string) error {
	if realm == "" || len(realm) > realmBytesMax {
		return fmt.Errorf("realm %q: the name must have 1 to %d letters", realm, realmBytesMax)
	}
	for _, c := range realm {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '-', c == '_':
		default:
			return fmt.Errorf("realm %q: %q is not a letter, digit, - or _", realm, c)
		}
	}
	return nil
}
