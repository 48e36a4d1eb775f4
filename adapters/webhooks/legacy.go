package webhooks

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"authledger/domain"
	"authledger/eventstore/durable"
)

// legacyBytesMax is the maximum size of the file of an older version, in bytes.
const legacyBytesMax = 1 << 20

// Legacy is an endpoint as older versions stored it in webhooks.json.
type Legacy struct {
	Name         string    `json:"name"`
	URL          string    `json:"url"`
	Types        []string  `json:"types"`
	AllowPrivate bool      `json:"allowPrivate,omitempty"`
	Made         time.Time `json:"made"`
	Secret       string    `json:"secret,omitempty"`
	Former       string    `json:"former,omitempty"`
	FormerUntil  time.Time `json:"formerUntil,omitzero"`
}

// ReadLegacy returns the endpoints of a file that an older version wrote. The file need not exist.
// The errors contain no secret.
func ReadLegacy(path string) ([]Legacy, error) {
	switch info, err := os.Stat(path); {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("read the webhooks: %w", err)
	case info.Size() > legacyBytesMax:
		return nil, fmt.Errorf("read the webhooks in %s: invalid value: the file has more than %d bytes", path, legacyBytesMax)
	}
	text, err := durable.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the webhooks: %w", err)
	}
	var list []Legacy
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&list); err != nil || len(list) > domain.WebhooksMax || d.More() {
		return nil, fmt.Errorf("read the webhooks in %s: invalid JSON, an unknown member, or more than %d endpoints", path, domain.WebhooksMax)
	}
	return list, nil
}

// Command returns the command that adds the endpoint with a secret.
func (l *Legacy) Command(secret string) *domain.ConfigWebhookAdd {
	return &domain.ConfigWebhookAdd{Name: l.Name, URL: l.URL, Types: l.Types, Secret: secret, AllowPrivate: l.AllowPrivate}
}
