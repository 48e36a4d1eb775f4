package client

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/nats-io/nats.go"
)

// followNATS requests one page after another. After the first request, the node answers
// when the next record exists, or with an error if no record is added in time. All pages
// belong to one read session.
func (c *Client) followNATS(ctx context.Context, f Filter, yield func(Record, error) bool) {
	p := pages{client: c, filter: f, seen: f.After, limit: recordsPage, begun: time.Now()}
	for {
		page, err := p.next(ctx)
		if err != nil {
			yield(Record{}, fmt.Errorf("follow the records after %d: %w", p.seen, err))
			return
		}
		for _, r := range page {
			if !yield(r, nil) {
				return
			}
		}
	}
}

// pages requests the pages of a follower.
type pages struct {
	client  *Client
	filter  Filter
	seen    uint64 // number of the last record that the node has compared with the filter
	limit   int
	session string // number of the read session; "" before the node has opened one
	begun   time.Time
	reached bool
	failed  int
}

// next returns the next page, which may be empty.
func (p *pages) next(ctx context.Context) ([]Record, error) {
	values := p.filter.values()
	values.Set("after", strconv.FormatUint(p.seen, 10))
	values.Set("limit", strconv.Itoa(p.limit))
	if p.reached { // the first request does not wait, and shows that the node is reachable
		values.Set("atLeast", strconv.FormatUint(p.seen+1, 10))
	}
	if p.session != "" {
		values.Set("readSession", p.session)
	}
	asked := time.Now()
	a, _, err := p.client.once(ctx, &question{method: http.MethodGet, path: "/v1/records", values: values, most: recordsPage * recordMax})
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil: // the node is not reachable, or no record was added in time
		return nil, p.wait(ctx, time.Since(asked), err)
	case a.status == http.StatusRequestEntityTooLarge && p.limit > 1:
		p.limit /= 2
		return nil, nil
	case a.status == http.StatusBadRequest && p.session != "":
		p.session = "" // the session has expired: open another one
		return nil, nil
	case a.status != http.StatusOK:
		return nil, a.problem()
	}
	p.reached, p.failed = true, 0
	if session := a.header.Get("Read-Session"); session != "" {
		p.session = session
	}
	page, err := readPage(a.body, p.seen)
	if err != nil {
		return nil, err
	}
	end, err := strconv.ParseUint(a.header.Get("As-Of"), 10, 64)
	if err != nil {
		return nil, fmt.Errorf("missing header As-Of: %w", ErrAnswer)
	}
	if len(page) == p.limit {
		end = page[len(page)-1].Seq
	}
	p.seen = max(p.seen, end)
	return page, nil
}

// longPollMin is the minimum duration of a request that needs no backoff. The node has
// probably waited for a record, so the client may send the next request at once.
const longPollMin = time.Second

// wait waits before the next request. The first answer must arrive within the time of
// [Options.Patience].
func (p *pages) wait(ctx context.Context, took time.Duration, err error) error {
	p.failed++
	switch {
	case isDistrust(err):
		return err
	case errors.Is(err, nats.ErrConnectionClosed), !p.reached && time.Since(p.begun) > p.client.options.Patience:
		return fmt.Errorf("%w: %w", ErrUnknown, err)
	}
	if took >= longPollMin {
		p.failed = 0
		return nil
	}
	if !wait(ctx, backoff(p.failed)) {
		return ctx.Err()
	}
	return nil
}
