package render

import (
	"strings"
	"time"
)

type tokenPage struct {
	listed
	Tokens []struct {
		Name    string    `json:"name"`
		Role    string    `json:"role"`
		Source  string    `json:"source"`
		Persons []string  `json:"persons"`
		Made    time.Time `json:"made"`
		Expires time.Time `json:"expires"`
		Rate    int64     `json:"rate"`
		NKey    string    `json:"nkey"`
	} `json:"tokens"`
}

func (p Printer) showTokens(page *tokenPage) error {
	t := NewTable("name", "role", "source", "persons", "made", "expires", "rate", "nats key").
		Dropping("nats key", "persons", "made", "rate", "source")
	for _, k := range page.Tokens {
		t.AppendRow(Row{k.Name, k.Role, Text(k.Source), strings.Join(k.Persons, " "), Time(k.Made), Time(k.Expires), k.Rate, k.NKey})
	}
	return p.writeList(t, Count(len(page.Tokens), "token", "tokens"), &page.listed)
}

type webhookPage struct {
	listed
	Webhooks []struct {
		Name         string    `json:"name"`
		URL          string    `json:"url"`
		Types        []string  `json:"types"`
		AllowPrivate bool      `json:"allowPrivate"`
		Made         time.Time `json:"made"`
	} `json:"webhooks"`
}

func (p Printer) showWebhooks(page *webhookPage) error {
	t := NewTable("name", "url", "types", "private", "made").Dropping("made", "private", "types")
	for _, e := range page.Webhooks {
		t.AppendRow(Row{e.Name, Text(e.URL), strings.Join(e.Types, " "), e.AllowPrivate, Time(e.Made)})
	}
	return p.writeList(t, Count(len(page.Webhooks), "webhook", "webhooks"), &page.listed)
}
