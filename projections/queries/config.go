package queries

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"authledger/domain"
)

// Tokens is a page of the tokens of the realm, by name. It has no token and no hash.
type Tokens struct {
	Tokens []Token
	Part
}

// Token is a token that is not revoked. It can have expired.
type Token struct {
	Name, Role, Source string
	Persons            []string
	Made, Expires      time.Time
	Rate               int64
	NKey               string // public
}

func (t *Tokens) Members(v domain.Visitor) {
	v.List("tokens", domain.List(&t.Tokens))
	t.Part.Members(v)
}

func (t *Token) Members(v domain.Visitor) {
	v.Text("name", &t.Name, domain.Need)
	v.Text("role", &t.Role, domain.Need)
	v.Text("source", &t.Source, domain.Need)
	v.Texts("persons", &t.Persons)
	v.Instant("made", &t.Made, domain.Need)
	v.Instant("expires", &t.Expires, domain.Need)
	v.Count("rate", &t.Rate, domain.Need)
	v.Text("nkey", &t.NKey, domain.Free)
}

// Webhooks is a page of the webhook endpoints of the realm, by name. It has no secret.
type Webhooks struct {
	Webhooks []Webhook
	Part
}

// Webhook is an endpoint that receives events.
type Webhook struct {
	Name, URL    string
	Types        []string
	AllowPrivate bool
	Made         time.Time
	FormerUntil  time.Time // end of the former secret, zero without a former secret
}

func (w *Webhooks) Members(v domain.Visitor) {
	v.List("webhooks", domain.List(&w.Webhooks))
	w.Part.Members(v)
}

func (w *Webhook) Members(v domain.Visitor) {
	v.Text("name", &w.Name, domain.Need)
	v.Text("url", &w.URL, domain.Need)
	v.Texts("types", &w.Types)
	v.Flag("allowPrivate", &w.AllowPrivate, domain.Free)
	v.Instant("made", &w.Made, domain.Need)
	v.Instant("formerUntil", &w.FormerUntil, domain.Free)
}

// Tokens returns one page of the tokens, in the order of their names without regard to case. The
// rows hold the present tokens only, so there is no answer for the past.
func (q *Queries) Tokens(ctx context.Context, page Page) (*Tokens, error) {
	list := new(Tokens)
	part, err := q.realmItems(ctx, domain.TokenItem, &page, func(it domain.Item) string {
		t := it.(*domain.Token)
		list.Tokens = append(list.Tokens, Token{t.Name, t.Role, t.Source, t.Persons, t.Made, t.Expires, t.Rate, t.NKey})
		return domain.TokenKey(t.Name).ID
	})
	if err != nil {
		return nil, fmt.Errorf("list the tokens: %w", err)
	}
	list.Part = part
	return list, nil
}

// Webhooks returns one page of the endpoints, in the order of their names. The rows hold the
// present endpoints only, so there is no answer for the past.
func (q *Queries) Webhooks(ctx context.Context, page Page) (*Webhooks, error) {
	list := new(Webhooks)
	part, err := q.realmItems(ctx, domain.WebhookItem, &page, func(it domain.Item) string {
		w := it.(*domain.Webhook)
		list.Webhooks = append(list.Webhooks, Webhook{w.Name, w.URL, w.Types, w.AllowPrivate, w.Made, w.FormerUntil})
		return w.Name
	})
	if err != nil {
		return nil, fmt.Errorf("list the webhooks: %w", err)
	}
	list.Part = part
	return list, nil
}

// realmItems calls add for each item of a kind on the page. The result of add is the id of the item.
func (q *Queries) realmItems(ctx context.Context, kind domain.ItemKind, page *Page, add func(domain.Item) (id string)) (part Part, err error) {
	if bytes.IndexByte(page.After, 0) >= 0 {
		return part, ErrPosition
	}
	v, err := q.rows.View(ctx)
	if err != nil {
		return part, err
	}
	defer v.Close()
	if part.AsOf, err = endOf(v); err != nil {
		return part, err
	}
	last, n := "", 0
	for it := range v.RealmItems(kind, string(page.After)) {
		if n == page.limit() {
			part.More, part.Next = true, page.next([]byte(last))
			break
		}
		last = add(it)
		n++
	}
	return part, v.Err()
}
