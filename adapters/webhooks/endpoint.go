package webhooks

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"authledger/domain"
)

const (
	secretPrefix = "whsec_"
	secretBytes  = 32 // random
)

// NewSecret returns a new secret of an endpoint.
func NewSecret() string {
	var seed [64]byte
	rand.Read(seed[:]) // never returns an error; a failure ends the process
	return SecretFromSeed(seed)
}

// SecretFromSeed returns the secret of a random seed.
func SecretFromSeed(seed [64]byte) string {
	return secretPrefix + base64.StdEncoding.EncodeToString(seed[:secretBytes])
}

// Endpoint is a URL that receives events.
type Endpoint struct {
	Name         string
	URL          string
	Types        []string
	AllowPrivate bool      // allows plain HTTP and private addresses
	Made         time.Time // when the endpoint was added
	AddedAt      uint64    // the record that added the endpoint
	Secret       string    // signs the payloads

	// Former is the previous secret. It also signs until FormerUntil, so that the receiver
	// has time to install the new secret.
	Former      string
	FormerUntil time.Time
}

// Wants reports whether [Endpoint.Selects] can be true for an event of a type.
func (e *Endpoint) Wants(eventType string) bool {
	return slices.ContainsFunc(e.Types, func(t string) bool {
		typed, _, _ := strings.Cut(t, ":")
		return t == domain.AllWebhookTypes || typed == eventType
	})
}

// Selects reports whether the endpoint receives an event. It compares the type and, for
// a refused login, the reason.
func (e *Endpoint) Selects(event *Event) (bool, error) {
	if slices.Contains(e.Types, domain.AllWebhookTypes) || slices.Contains(e.Types, event.Type) {
		return true, nil
	}
	if !e.Wants(event.Type) {
		return false, nil
	}
	var data struct{ Reason string }
	if err := json.Unmarshal(event.Data, &data); err != nil {
		return false, fmt.Errorf("read the reason of event %s: %w", event.ID, err)
	}
	return slices.Contains(e.Types, event.Type+":"+data.Reason), nil
}

// secretKey decodes a secret to the key of the signatures.
func secretKey(secret string) ([]byte, error) {
	text, ok := strings.CutPrefix(secret, secretPrefix)
	key, err := base64.StdEncoding.DecodeString(text)
	if !ok || err != nil || len(key) == 0 {
		return nil, errors.New("invalid secret: want whsec_ and base64")
	}
	return key, nil
}

// deleteFiles deletes the journal and the queue of redeliveries of an endpoint.
func deleteFiles(dir, name string) error {
	for _, path := range []string{journalPath(dir, name), redrivesPath(dir, name)} {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("delete the files of endpoint %s: %w", name, err)
		}
	}
	return nil
}
