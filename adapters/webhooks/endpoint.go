package webhooks

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"authledger/domain"
)

// Limits of endpoints.
const (
	endpointsMax   = 64
	urlBytesMax    = 2048
	secretBytes    = 32
	secretPrefix   = "whsec_"
	secretBytesMin = 24 // minimum for a secret that an operator wrote into the file (Standard Webhooks)
	secretBytesMax = 64
)

// All selects every type of event.
const All = "*"

// DefaultTypes returns the types of events that an endpoint receives if the operator names
// none.
func DefaultTypes() []string {
	return []string{"lockout.started", "lockout.expired", "lockout.released", "sharing.pending", "withdrawal.denied", "device.activated",
		refusedLogin + string(domain.AttemptsInFlight)}
}

// Endpoint is a URL that receives events.
type Endpoint struct {
	Name         string    `json:"name"`
	URL          string    `json:"url"`
	Types        []string  `json:"types"`
	AllowPrivate bool      `json:"allowPrivate,omitempty"` // allows plain HTTP and private addresses
	Made         time.Time `json:"made"`                   // when the endpoint was added
	Secret       string    `json:"secret,omitempty"`       // signs the payloads

	// Former is the previous secret. It also signs until FormerUntil, so that the receiver
	// has time to install the new secret.
	Former      string    `json:"former,omitempty"`
	FormerUntil time.Time `json:"formerUntil,omitzero"`
}

// Public returns the endpoint without its secrets.
func (e Endpoint) Public() Endpoint {
	e.Secret, e.Former = "", ""
	return e
}

// Wants reports whether [Endpoint.Selects] can be true for an event of a type.
func (e *Endpoint) Wants(eventType string) bool {
	return slices.ContainsFunc(e.Types, func(t string) bool {
		typed, _, _ := strings.Cut(t, ":")
		return t == All || typed == eventType
	})
}

// refusedLogin is the prefix of a type that selects the refused logins of one reason.
const refusedLogin = "login.refused:"

// refusedLoginReasons are the reasons that can follow refusedLogin.
var refusedLoginReasons = []domain.Reason{domain.LockedOut, domain.AttemptsInFlight, domain.AttemptOpen, domain.AttemptExpired}

// Selects reports whether the endpoint receives an event. It compares the type and, for
// a refused login, the reason.
func (e *Endpoint) Selects(event *Event) (bool, error) {
	if slices.Contains(e.Types, All) || slices.Contains(e.Types, event.Type) {
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

// isType reports whether t is a type of event, [All], or refusedLogin with a reason.
func isType(t string) bool {
	reason, refused := strings.CutPrefix(t, refusedLogin)
	return t == All || slices.Contains(domain.EventTypes(), t) || refused && slices.Contains(refusedLoginReasons, domain.Reason(reason))
}

var nameForm = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,63}$`)

func (e *Endpoint) check() error {
	at, err := url.Parse(e.URL)
	switch {
	case !nameForm.MatchString(e.Name):
		return errors.New("invalid name: use 1 to 64 lower-case letters, digits, _ and -, with a letter or digit first")
	case err != nil || len(e.URL) > urlBytesMax || at.Hostname() == "" || (at.Scheme != "https" && at.Scheme != "http"):
		return errors.New("invalid url: use https://host/path")
	case !isPort(at.Port()):
		return errors.New("invalid url: use a port from 1 to 65535, or none")
	case at.User != nil || at.Fragment != "":
		return errors.New("invalid url: remove the user, the password and the fragment")
	case !e.AllowPrivate && isPrivate(at.Hostname()):
		return errPrivate
	case at.Scheme == "http" && !e.AllowPrivate:
		return errors.New("invalid url: use https; plain http needs --allow-private")
	case len(e.Types) == 0:
		return errors.New("invalid types: give at least one")
	}
	for _, eventType := range e.Types {
		if !isType(eventType) {
			return fmt.Errorf("unknown type %q: use a type of docs/schemas/events, login.refused:REASON, or * for all", eventType)
		}
	}
	_, err = newSigner(e)
	return err
}

// isPort reports whether the port of a URL is valid or empty.
func isPort(text string) bool {
	n, err := strconv.ParseUint(text, 10, 16)
	return text == "" || (err == nil && n > 0)
}

// secretKey decodes a secret to the key of the signatures.
func secretKey(secret string) ([]byte, error) {
	if len(secret) <= len(secretPrefix) || secret[:len(secretPrefix)] != secretPrefix {
		return nil, errors.New("invalid secret: use whsec_ and base64")
	}
	key, err := base64.StdEncoding.DecodeString(secret[len(secretPrefix):])
	if err != nil || len(key) < secretBytesMin || len(key) > secretBytesMax {
		return nil, errors.New("invalid secret: use whsec_ and base64 of 24 to 64 bytes")
	}
	return key, nil
}
