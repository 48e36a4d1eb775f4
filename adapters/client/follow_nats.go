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

// followNATS asks for page after page, each of which waits at the node for a record
// that is to come. The whole is one reading.
func (c *Client) followNATS(ctx context.Context, f Filter, yield func(Record, error) bool) {
	p := pages{client: c, filter: f, seen: f.After, limit: recordsPage, begun: time.Now()}
	for {
		page, err := p.next(ctx)
		if err != nil {
			yield(Record{}, fmt.Errorf("follow the records behind %d: %w", p.seen, err))
			return
		}
		for _, r := range page {
			if !yield(r, nil) {
				return
			}
		}
	}
}

// pages are records that are followed.
type pages struct {
	client  *Client
	filter  Filter
	seen    uint64 // record up to which all were looked at
	limit   int
	reading string // what the node calls it
	begun   time.Time
	reached bool
	failed  int
}

// next returns the records that come next, perhaps none.
func (p *pages) next(ctx context.Context) ([]Record, error) {
	values := p.filter.values()
	values.Set("after", strconv.FormatUint(p.seen, 10))
	values.Set("limit", strconv.Itoa(p.limit))
	if p.reached { // the first answer is whether the node is there, however little it records
		values.Set("atLeast", strconv.FormatUint(p.seen+1, 10))
	}
	if p.reading != "" {
		values.Set("reading", p.reading)
	}
	asked := time.Now()
	a, _, err := p.client.once(ctx, &question{method: http.MethodGet, path: "/v1/records", values: values, most: recordsPage * recordMax})
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil: // away, or nothing has come
		return nil, p.wait(ctx, time.Since(asked), err)
	case a.status == http.StatusRequestEntityTooLarge && p.limit > 1:
		p.limit /= 2
		return nil, nil
	case a.status == http.StatusBadRequest && p.reading != "":
		p.reading = "" // it was long ago: begin another
		return nil, nil
	case a.status != http.StatusOK:
		return nil, a.problem()
	}
	p.reached, p.failed = true, 0
	if reading := a.header.Get("Reading"); reading != "" {
		p.reading = reading
	}
	page, err := readPage(a.body, p.seen)
	if err != nil {
		return nil, err
	}
	end, err := strconv.ParseUint(a.header.Get("As-Of"), 10, 64)
	if err != nil {
		return nil, fmt.Errorf("without its end: %w", ErrAnswer)
	}
	if len(page) == p.limit {
		end = page[len(page)-1].Seq
	}
	p.seen = max(p.seen, end)
	return page, nil
}

// waitedItself is how long a node takes at least that has waited for a record, as it
// was asked to.
const waitedItself = time.Second

// wait waits before it is asked again. The first answer must come within Patience.
func (p *pages) wait(ctx context.Context, took time.Duration, err error) error {
	p.failed++
	switch {
	case isDistrust(err):
		return err
	case errors.Is(err, nats.ErrConnectionClosed), !p.reached && time.Since(p.begun) > p.client.options.Patience:
		return fmt.Errorf("%w: %w", ErrUnknown, err)
	}
	if took >= waitedItself {
		p.failed = 0
		return nil
	}
	if !sleep(ctx, backoff(p.failed)) {
		return ctx.Err()
	}
	return nil
}
