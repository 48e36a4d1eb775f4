package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"authledger/adapters/client"
	"authledger/adapters/natsapi"
	"authledger/domain"
)

// lettersThere are the letters of a node.
type lettersThere struct{ node *client.Client }

func (l lettersThere) List(ctx context.Context, after uint64, limit int) (page natsapi.LetterPage, err error) {
	values := url.Values{"limit": {strconv.Itoa(limit)}}
	if after > 0 {
		values.Set("after", strconv.FormatUint(after, 10))
	}
	return page, l.ask(ctx, http.MethodGet, "/v1/letters", values, &page)
}

func (l lettersThere) Show(ctx context.Context, position uint64) (*natsapi.Letter, error) {
	letter := new(natsapi.Letter)
	return letter, l.ask(ctx, http.MethodGet, letterPath(position), nil, letter)
}

func (l lettersThere) Retry(ctx context.Context, position uint64) (verdict []byte, invalid bool, err error) {
	v, err := l.node.Verdict(ctx, letterPath(position)+"/retry")
	if err != nil {
		return nil, false, toldBy(err)
	}
	return v.JSON, v.Status == domain.Invalid, nil
}

func (l lettersThere) Drop(ctx context.Context, position uint64) error {
	return l.ask(ctx, http.MethodPost, letterPath(position)+"/drop", nil, new(struct{ Dropped uint64 }))
}

func letterPath(position uint64) string { return "/v1/letters/" + strconv.FormatUint(position, 10) }

func (l lettersThere) ask(ctx context.Context, method, path string, values url.Values, into any) error {
	body, err := l.node.Ask(ctx, method, path, values)
	if err != nil {
		return toldBy(err)
	}
	if err := json.Unmarshal(body, into); err != nil {
		return fmt.Errorf("read the answer of the node: %w", err)
	}
	return nil
}
