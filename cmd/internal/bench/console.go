package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"time"

	"authledger/cmd/internal/ingest"
	"authledger/cmd/internal/loadgen"
	"authledger/cmd/internal/node"
	"authledger/cmd/internal/render"
	"authledger/domain"
	"authledger/projections/queries"
)

// consoleSize is the amount of work of a run of the console.
type consoleSize struct {
	users int
	days  int // generated traffic before now
	views int // of each page
}

var (
	consoleFull  = consoleSize{users: 100_000, days: 4, views: 200}
	consoleQuick = consoleSize{users: 500, days: 1, views: 20}
)

// goalPage is the maximum time of a page, in milliseconds (p95).
const goalPage = 100

// consoleRun is a node in this process, which requires no credentials.
type consoleRun struct {
	*run
	size   consoleSize
	server *node.Server
	node   *node.Node
}

// RunConsole measures the time from the request of each page of the console to its last byte.
func RunConsole(ctx context.Context, o Options) ([]Figure, error) {
	return inDirectory(o, func(r *run) error {
		c := &consoleRun{run: r, size: consoleFull}
		if o.Quick {
			c.size = consoleQuick
		}
		return c.measure(ctx)
	})
}

// measure fills a node with generated days, and requests each page.
func (c *consoleRun) measure(ctx context.Context) (err error) {
	c.server, err = node.StartServer(node.ServerOptions{Listen: "127.0.0.1:0", Log: c.Log, Now: c.Now})
	if err != nil {
		return err
	}
	o := c.options("console")
	o.Observe = c.server.Metrics.Observer()
	if c.node, err = node.Open(ctx, o); err != nil {
		return errors.Join(err, c.server.Shutdown())
	}
	defer func() { err = errors.Join(err, c.server.Shutdown(), c.node.Close()) }()
	c.server.ServeNode(c.node)
	in := ingest.Pipeline{Ledger: c.node.Ledger, Items: c.days(), Report: allValid}
	if err := errors.Join(in.Run(ctx), c.node.Rows.Flush(ctx)); err != nil {
		return err
	}
	c.found(float64(c.node.Rows.Position().Seq), "records", "records of %s users in the log of the console",
		render.Grouped(int64(c.size.users)))
	all, err := c.pages(ctx)
	if err != nil {
		return err
	}
	for _, page := range all {
		if err := c.view(ctx, page.name, page.path); err != nil {
			return err
		}
	}
	return nil
}

// days returns the commands of the generated days, each as an item.
func (c *consoleRun) days() iter.Seq[ingest.Item] {
	return func(yield func(ingest.Item) bool) {
		line := 0
		for command := range loadgen.Brokerage(seed, c.Now(), c.size.users, c.size.days) {
			line++
			if !yield(ingest.Item{Line: line, Commands: []domain.Command{command}}) {
				return
			}
		}
	}
}

// consolePage is a page that the run requests.
type consolePage struct{ name, path string }

// pages returns the pages, with a locked user and with the scenarios of the generated days.
func (c *consoleRun) pages(ctx context.Context) ([]consolePage, error) {
	locked, err := c.node.Queries.Lockouts(ctx, c.Now(), nil, queries.Page{Limit: 1})
	if err != nil || len(locked.Lockouts) == 0 {
		return nil, errors.Join(err, errors.New("the generated days have no locked user"))
	}
	user, last := "/users/"+locked.Lockouts[0].User, c.node.Rows.Position().Seq
	return []consolePage{
		{"overview", "/"},
		{"locked user", user},
		{"locked user in the past", fmt.Sprint(user, "?asOf=", last-1)},
		{"user with a shared device", "/users/" + loadgen.Borrower},
		{"account", "/accounts/" + loadgen.LimitedAccount},
		{"record with the reason of its verdict", fmt.Sprint("/records/", last)},
		{"records", "/records"},
		{"records, a filter that no record matches", "/records?reason=none"},
		{"integrity", "/integrity"},
		{"work", "/work"},
	}, nil
}

// view measures a page.
func (c *consoleRun) view(ctx context.Context, name, path string) error {
	var took []time.Duration
	for range c.size.views {
		begun := time.Now()
		if err := fetch(ctx, c.server.URL()+path); err != nil {
			return err
		}
		took = append(took, time.Since(begun))
	}
	c.found(milliseconds(percentile(took, 50)), "ms", "page: %s, p50", name)
	c.found(milliseconds(percentile(took, 95)), "ms", "page: %s, p95", name)
	c.atMost(goalPage)
	return nil
}

// fetch reads a page. A status other than 200 is an error.
func fetch(ctx context.Context, url string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close() // the error loses nothing, because the body was only read
	if _, err := io.Copy(io.Discard, answer.Body); err != nil {
		return err
	}
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", request.URL.Path, answer.Status)
	}
	return nil
}
