package domain

import "time"

// ConfigWebhookAdd adds an endpoint that receives the events after the record (CFG-3).
type ConfigWebhookAdd struct {
	Name         string
	URL          string
	Types        []string // nil for [DefaultWebhookTypes]
	Secret       string   // signs the deliveries; sealed
	AllowPrivate bool     // permit plain HTTP and addresses of private networks
	By           string
}

func (c *ConfigWebhookAdd) CommandType() string        { return "config.webhook_add" }
func (c *ConfigWebhookAdd) onBehalf() (string, string) { return "by", c.By }
func (c *ConfigWebhookAdd) Members(v Visitor) {
	v.Text("name", &c.Name, webhookNameForm)
	v.Text("url", &c.URL, webhookURLForm)
	v.Texts("types", &c.Types)
	v.Text("secret", &c.Secret, secretForm)
	v.Flag("allowPrivate", &c.AllowPrivate, Free)
	v.Text("by", &c.By, idForm.optional())
}

// Check checks the types, and that only an endpoint with AllowPrivate uses plain HTTP, or is in a
// private network. Older programs recorded addresses of private networks without AllowPrivate:
// decide accepts such a record, because only the readers of new commands call Check.
func (c *ConfigWebhookAdd) Check() *Rejection {
	if wrong := needsAllowPrivate(c.URL); wrong != "" && !c.AllowPrivate {
		return &Rejection{BadField, "url", wrong}
	}
	if len(c.Types) > webhookTypesMax {
		return &Rejection{BadField, "types", "want each type once"}
	}
	for _, t := range c.Types {
		if !IsWebhookType(t) {
			return &Rejection{BadField, "types", "want types of events, login.refused:REASON, or * for all"}
		}
	}
	return nil
}

func (c *ConfigWebhookAdd) decide(d *deciding) error {
	if err := d.addSystem(SystemConfig); err != nil {
		return err
	}
	added := WebhookAdded{Types: c.Types}
	if len(added.Types) == 0 {
		added.Types = DefaultWebhookTypes()
	}
	switch {
	case d.webhook(c.Name) != nil:
		d.refuseConfig(AlreadyExists, "a webhook has this name")
	case d.configSize().Webhooks >= WebhooksMax:
		d.refuseConfig(TooMany, "the ledger has the maximum number of webhooks")
	default:
		d.accept(&added)
	}
	return nil
}

// WebhookAdded is the event that the endpoint of the command was added. Types is never empty.
type WebhookAdded struct{ Types []string }

func (e *WebhookAdded) EventType() string { return "config.webhook_added" }
func (e *WebhookAdded) Members(v Visitor) { v.Texts("types", &e.Types) }
func (e *WebhookAdded) causedBy(c CommandData) bool {
	_, ok := c.(*ConfigWebhookAdd)
	return ok
}
func (e *WebhookAdded) evolve(f *fold) {
	c := f.command.Data.(*ConfigWebhookAdd)
	f.put(WebhookKey(c.Name), &Webhook{
		Name: c.Name, URL: c.URL, Types: e.Types, AllowPrivate: c.AllowPrivate, Made: f.at,
		AddedAt: int64(f.seq), SecretAt: int64(f.seq),
	})
	f.resize(0, 1)
}

// WebhookFormerFor is the duration for which the former secret of an endpoint also signs after a
// rotation.
const WebhookFormerFor = 24 * time.Hour

// ConfigWebhookRotate replaces the secret of an endpoint (CFG-4).
type ConfigWebhookRotate struct {
	Name   string
	Secret string // sealed
	By     string
	AtOnce bool // the former secret signs no more
}

func (c *ConfigWebhookRotate) CommandType() string        { return "config.webhook_rotate" }
func (c *ConfigWebhookRotate) onBehalf() (string, string) { return "by", c.By }
func (c *ConfigWebhookRotate) Members(v Visitor) {
	v.Text("name", &c.Name, webhookNameForm)
	v.Text("secret", &c.Secret, secretForm)
	v.Text("by", &c.By, idForm.optional())
	v.Flag("atOnce", &c.AtOnce, Free)
}

func (c *ConfigWebhookRotate) decide(d *deciding) error {
	return d.changeWebhook(c.Name, func() EventData {
		if c.AtOnce {
			return &WebhookRotated{}
		}
		return &WebhookRotated{FormerUntil: d.Time.Add(WebhookFormerFor)}
	})
}

// WebhookRotated is the event that the endpoint of the command got another secret. Until
// FormerUntil its former secret signs, too; zero means that the former secret signs no delivery.
type WebhookRotated struct{ FormerUntil time.Time }

func (e *WebhookRotated) EventType() string { return "config.webhook_rotated" }
func (e *WebhookRotated) Members(v Visitor) { v.Instant("formerUntil", &e.FormerUntil, Free) }
func (e *WebhookRotated) causedBy(c CommandData) bool {
	_, ok := c.(*ConfigWebhookRotate)
	return ok
}
func (e *WebhookRotated) evolve(f *fold) {
	w := f.webhook(f.command.Data.(*ConfigWebhookRotate).Name)
	if w == nil {
		return
	}
	rotated := *w
	rotated.FormerAt, rotated.FormerUntil = 0, time.Time{}
	if !e.FormerUntil.IsZero() {
		rotated.FormerAt, rotated.FormerUntil = w.SecretAt, e.FormerUntil
	}
	rotated.SecretAt = int64(f.seq)
	f.put(WebhookKey(w.Name), &rotated)
}

// ConfigWebhookRemove removes an endpoint (CFG-5).
type ConfigWebhookRemove struct{ Name, By string }

func (c *ConfigWebhookRemove) CommandType() string        { return "config.webhook_remove" }
func (c *ConfigWebhookRemove) onBehalf() (string, string) { return "by", c.By }
func (c *ConfigWebhookRemove) Members(v Visitor) {
	v.Text("name", &c.Name, webhookNameForm)
	v.Text("by", &c.By, idForm.optional())
}

func (c *ConfigWebhookRemove) decide(d *deciding) error {
	return d.changeWebhook(c.Name, func() EventData { return &WebhookRemoved{} })
}

// WebhookRemoved is the event that the endpoint of the command was removed.
type WebhookRemoved struct{}

func (e *WebhookRemoved) EventType() string { return "config.webhook_removed" }
func (e *WebhookRemoved) Members(Visitor)   {}
func (e *WebhookRemoved) causedBy(c CommandData) bool {
	_, ok := c.(*ConfigWebhookRemove)
	return ok
}
func (e *WebhookRemoved) evolve(f *fold) {
	w := f.webhook(f.command.Data.(*ConfigWebhookRemove).Name)
	if w == nil {
		return
	}
	f.put(WebhookKey(w.Name), nil)
	f.resize(0, -1)
}
