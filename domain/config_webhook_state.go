package domain

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

const webhookURLBytesMax = 2048

// Webhook is the item of an endpoint. It has no secret: the records at SecretAt and FormerAt hold
// the secrets sealed.
type Webhook struct {
	Name         string
	URL          string
	Types        []string
	AllowPrivate bool
	Made         time.Time
	AddedAt      int64     // position of the record that added the endpoint
	SecretAt     int64     // position of the record with the secret
	FormerAt     int64     // position of the record with the former secret, 0 if none
	FormerUntil  time.Time // end of the former secret
}

func (w *Webhook) item() {}
func (w *Webhook) Members(v Visitor) {
	position := Form{Need: true, Most: positionMost}
	v.Text("name", &w.Name, Need)
	v.Text("url", &w.URL, Need)
	v.Texts("types", &w.Types)
	v.Flag("allowPrivate", &w.AllowPrivate, Free)
	v.Instant("made", &w.Made, Need)
	v.Count("addedAt", &w.AddedAt, position)
	v.Count("secretAt", &w.SecretAt, position)
	v.Count("formerAt", &w.FormerAt, position.optional())
	v.Instant("formerUntil", &w.FormerUntil, Free)
}

// positionMost is the maximum of a count that holds a position in the log.
const positionMost = 1 << 62

// WebhookKey returns the key of an endpoint.
func WebhookKey(name string) ItemKey { return ItemKey{Kind: WebhookItem, ID: name} }

// webhook returns an endpoint after the events so far, nil if it does not exist.
func (f *fold) webhook(name string) *Webhook {
	w, _ := f.item(WebhookKey(name)).(*Webhook)
	return w
}

// changeWebhook accepts a command with the result of event if the endpoint exists.
func (d *deciding) changeWebhook(name string, event func() EventData) error {
	if err := d.addSystem(SystemConfig); err != nil {
		return err
	}
	if d.webhook(name) == nil {
		d.refuseConfig(UnknownWebhook, "no webhook has this name")
		return nil
	}
	d.accept(event())
	return nil
}

// AllWebhookTypes selects every type of event.
const AllWebhookTypes = "*"

// RefusedLogin is the prefix of a webhook type that selects the refused logins of one reason.
const RefusedLogin = "login.refused:"

// refusedLoginReasons are the reasons that can follow RefusedLogin.
var refusedLoginReasons = []Reason{LockedOut, AttemptsInFlight, AttemptOpen, AttemptExpired}

// DefaultWebhookTypes returns the types of events that an endpoint receives if its command
// names none.
func DefaultWebhookTypes() []string {
	return []string{"lockout.started", "lockout.expired", "lockout.released", "sharing.pending", "withdrawal.denied",
		"device.activated", RefusedLogin + string(AttemptsInFlight)}
}

// webhookTypesMax is the maximum number of types of one endpoint. It exceeds the number of types.
const webhookTypesMax = 256

// IsWebhookType reports whether t is a type of event, [AllWebhookTypes], or RefusedLogin with
// a reason.
func IsWebhookType(t string) bool {
	reason, refused := strings.CutPrefix(t, RefusedLogin)
	return t == AllWebhookTypes || events[t] != nil || refused && slices.Contains(refusedLoginReasons, Reason(reason))
}

var webhookURLForm = Form{Need: true, Wrong: wrongWebhookURL, BytesMax: webhookURLBytesMax}

// wrongWebhookURL checks the form of a URL. The node checks the address of a name when it
// connects, because a name can resolve to another address later.
func wrongWebhookURL(text string) string {
	at, err := url.Parse(text)
	switch {
	case err != nil || len(text) > webhookURLBytesMax || at.Hostname() == "" || (at.Scheme != "https" && at.Scheme != "http"):
		return "want https://host/path"
	case !isPort(at.Port()):
		return "want a port from 1 to 65535, or none"
	case at.User != nil || at.Fragment != "":
		return "want no user, password or fragment"
	}
	return wrongPrintable(text)
}

// isPort reports whether the port of a URL is valid or empty.
func isPort(text string) bool {
	n, err := strconv.ParseUint(text, 10, 16)
	return text == "" || (err == nil && n > 0)
}

// needsAllowPrivate returns the reason why an endpoint at a URL needs allowPrivate, "" without a
// reason. An invalid URL has none, because webhookURLForm rejects it.
func needsAllowPrivate(text string) string {
	at, err := url.Parse(text)
	switch {
	case err != nil:
		return ""
	case isPrivateHost(at.Hostname()):
		return "want a host outside private and reserved networks; such a host needs allowPrivate"
	case at.Scheme == "http":
		return "want https; plain http needs allowPrivate"
	}
	return ""
}
