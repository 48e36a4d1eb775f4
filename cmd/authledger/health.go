package main

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"authledger/adapters/httpapi"
	"authledger/cmd/internal/node"
	"authledger/cmd/internal/render"
)

// Limits of a health request.
const (
	healthWithin   = 5 * time.Second
	healthBytesMax = 64 << 10
)

func newHealthCommand(p *program) *cobra.Command {
	return &cobra.Command{
		Use: "health", Short: "Check whether a node is ready; exit code 1 if not",
		Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error { return p.health(c.Context()) },
	}
}

func (p *program) health(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, healthWithin)
	defer cancel()
	at, err := p.healthTarget()
	if err != nil {
		return err
	}
	if body, err := at.get(ctx, "/healthz"); err != nil && len(body) == 0 {
		return fmt.Errorf("no node answers at %s: start one with `authledger serve`, or name another one with --server or --data: %w", at.name, err)
	}
	body, err := at.get(ctx, "/readyz")
	var r httpapi.Readiness
	if wrong := json.Unmarshal(body, &r); wrong != nil {
		return errors.Join(fmt.Errorf("%s is not a node of authledger: name another address with --server: %w", at.name, wrong), err)
	}
	if err := p.answer(r, func() *render.Table { return readinessTable(at.name, r) }); err != nil {
		return err
	}
	if !r.Ready {
		return fmt.Errorf("%s is not ready: %s", at.name, strings.Join(r.Problems, "; "))
	}
	return nil
}

// probed is a node whose health a command requests.
type probed struct {
	name   string // for messages
	url    string
	client *http.Client // nil for [probe]
}

// healthTarget returns the node that the settings name: --server, a context, --listen, or the
// node that runs on the data directory. Without any of them and without a node on the default
// data directory, it is the node at the default address.
func (p *program) healthTarget() (probed, error) {
	at := probed{url: strings.TrimSuffix(p.target.server, "/")}
	switch local := p.chosenBy != "listen" && !p.isRemote(); {
	case local && p.hasNode():
		return probed{node.SocketPath(p.set.Data), localURL, &http.Client{Transport: p.localTransport()}}, nil
	case local && p.chosenBy == "data" && p.set.From("data") == "--data":
		return at, fmt.Errorf("no node runs on %s: start one with `authledger serve --data %[1]s`", p.set.Data)
	case !p.isRemote():
		at.url = p.ownURL()
	}
	at.name = at.url
	if parsed, err := url.Parse(at.url); err != nil || parsed.User != nil {
		return at, usagef("--server: want a URL without a user name and a password")
	}
	return at, nil
}

// ownURL returns the URL of a node with these settings for requests from the same machine.
func (p *program) ownURL() string {
	host, port, err := net.SplitHostPort(p.set.Listen)
	scheme := "http://"
	if p.set.TLSCert != "" {
		scheme = "https://"
	}
	if ip, wrong := netip.ParseAddr(host); err == nil && (host == "" || wrong == nil && ip.IsUnspecified()) {
		return scheme + "127.0.0.1:" + port
	}
	return scheme + p.set.Listen
}

func readinessTable(url string, r httpapi.Readiness) *render.Table {
	t := render.NewTable()
	t.AppendRow(render.Row{"node", url})
	t.AppendRow(render.Row{"ready", r.Ready})
	for _, problem := range r.Problems {
		t.AppendRow(render.Row{"problem", problem})
	}
	for _, warning := range r.Warnings {
		t.AppendRow(render.Row{"warning", warning})
	}
	t.AppendRow(render.Row{"seq", r.Seq})
	t.AppendRow(render.Row{"queued", r.Queued})
	t.AppendRow(render.Row{"scrubbed", r.Scrubbed})
	t.AppendRow(render.Row{"scrub rounds", r.Rounds})
	t.AppendRow(render.Row{"row comparisons", r.Compared})
	if v := r.Verification; v != nil {
		t.AppendRow(render.Row{"verification", fmt.Sprintf("%s, record %d, %s", v.Result, v.Seq, v.Time.UTC().Format(time.RFC3339))})
	}
	return t
}

// probe returns the client of health requests. The certificate of a node names the node as
// other machines know it, so requests to a loopback address don't verify the certificate.
// Health requests contain no secret.
func probe(to *url.URL) *http.Client {
	if !node.IsLoopback(to.Host) {
		return http.DefaultClient
	}
	return loopback
}

var loopback = &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, DisableKeepAlives: true}}

// get returns the body of the answer to a path. If the status is not 200, it returns the body and
// an error.
func (at *probed) get(ctx context.Context, path string) ([]byte, error) {
	return getWith(ctx, at.client, at.url+path)
}

func get(ctx context.Context, address string) ([]byte, error) { return getWith(ctx, nil, address) }

func getWith(ctx context.Context, client *http.Client, address string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	if client == nil {
		client = probe(request.URL)
	}
	answer, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close() // the error loses nothing, because the body was only read
	body, err := io.ReadAll(io.LimitReader(answer.Body, healthBytesMax))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", address, err)
	}
	if answer.StatusCode != http.StatusOK {
		return body, fmt.Errorf("%s: %s", address, answer.Status)
	}
	return body, nil
}
