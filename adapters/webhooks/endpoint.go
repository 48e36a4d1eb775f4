package webhooks

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"time"

	"authledger/domain"
)

// Limits of endpoints.
const (
	endpointsMax   = 64
	urlBytesMax    = 2048
	secretBytes    = 32
	secretPrefix   = "whsec_"
	secretBytesMin = 24 // of one that somebody wrote into the file (Standard Webhooks)
	secretBytesMax = 64
)

// All among an endpoint's types stands for every type of event.
const All = "*"

// Usual are the types that an endpoint is told unless it names others.
func Usual() []string {
	return []string{"lockout.started", "lockout.expired", "lockout.released", "sharing.pending", "withdrawal.denied", "device.activated"}
}

// Endpoint is somebody who is told.
type Endpoint struct {
	Name         string    `json:"name"`
	URL          string    `json:"url"`
	Types        []string  `json:"types"`
	AllowPrivate bool      `json:"allowPrivate,omitempty"` // also plain HTTP, and addresses of one's own network
	Made         time.Time `json:"made"`
	Secret       string    `json:"secret,omitempty"` // of the signatures

	// Former signs, too, until FormerUntil: who checks has that long to learn the new one.
	Former      string    `json:"former,omitempty"`
	FormerUntil time.Time `json:"formerUntil,omitzero"`
}

// Public is the endpoint without its secrets.
func (e Endpoint) Public() Endpoint {
	e.Secret, e.Former = "", ""
	return e
}

// Wants reports whether the endpoint is told of a type of event.
func (e *Endpoint) Wants(kind string) bool {
	return slices.Contains(e.Types, kind) || slices.Contains(e.Types, All)
}

var nameForm = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,63}$`)

func (e *Endpoint) check() error {
	at, err := url.Parse(e.URL)
	switch {
	case !nameForm.MatchString(e.Name):
		return errors.New("name: want 1 to 64 small letters, digits, _ and -, a letter or digit first")
	case err != nil || len(e.URL) > urlBytesMax || at.Hostname() == "" || (at.Scheme != "https" && at.Scheme != "http"):
		return errors.New("url: want https://host/path")
	case !isPort(at.Port()):
		return errors.New("url: want a port from 1 to 65535, or none")
	case at.User != nil || at.Fragment != "":
		return errors.New("url: want it without a user, a password and a fragment")
	case at.Scheme == "http" && !e.AllowPrivate:
		return errors.New("url: want https: plain http is for private networks, when they are allowed (--allow-private)")
	case len(e.Types) == 0:
		return errors.New("types: want at least one")
	}
	for _, kind := range e.Types {
		if kind != All && !slices.Contains(domain.EventTypes(), kind) {
			return fmt.Errorf("type %q: there is no such event: see docs/schemas/events, or * for all", kind)
		}
	}
	_, err = newSigner(e)
	return err
}

// isPort reports whether a port of a URL can be asked, or is not named.
func isPort(text string) bool {
	n, err := strconv.ParseUint(text, 10, 16)
	return text == "" || (err == nil && n > 0)
}

// secretKey is what signatures are made with.
func secretKey(secret string) ([]byte, error) {
	if len(secret) <= len(secretPrefix) || secret[:len(secretPrefix)] != secretPrefix {
		return nil, errors.New("secret: want whsec_ and base64")
	}
	key, err := base64.StdEncoding.DecodeString(secret[len(secretPrefix):])
	if err != nil || len(key) < secretBytesMin || len(key) > secretBytesMax {
		return nil, errors.New("secret: want whsec_ and base64 of 24 to 64 bytes")
	}
	return key, nil
}
