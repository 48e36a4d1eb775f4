package main

import (
	"cmp"
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

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"authledger/adapters/httpapi"
)

// Bounds of asking a node.
const (
	healthWithin   = 5 * time.Second
	healthBytesMax = 64 << 10
)

func newHealthCommand(p *program) *cobra.Command {
	return &cobra.Command{
		Use: "health", Short: "ask a node how it is doing; exit code 1 unless it is ready",
		Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error { return p.health(c.Context()) },
	}
}

func (p *program) health(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, healthWithin)
	defer cancel()
	url := strings.TrimSuffix(cmp.Or(p.set.server, p.ownURL()), "/")
	if _, err := get(ctx, url+"/healthz"); err != nil {
		return fmt.Errorf("no node answers: start one with `authledger serve`, or name its address with --server: %w", err)
	}
	body, err := get(ctx, url+"/readyz")
	var r httpapi.Readiness
	if wrong := json.Unmarshal(body, &r); wrong != nil {
		return errors.Join(fmt.Errorf("%s answers like no node of a ledger: name another address with --server: %w", url, wrong), err)
	}
	if err := p.answer(r, func() table.Writer { return readinessTable(url, r) }); err != nil {
		return err
	}
	if !r.Ready {
		return fmt.Errorf("%s is not ready: %s", url, strings.Join(r.Problems, "; "))
	}
	return nil
}

// ownURL is where a node with these settings answers this machine.
func (p *program) ownURL() string {
	host, port, err := net.SplitHostPort(p.set.listen)
	scheme := "http://"
	if p.set.tlsCert != "" {
		scheme = "https://"
	}
	if ip, wrong := netip.ParseAddr(host); err == nil && (host == "" || wrong == nil && ip.IsUnspecified()) {
		return scheme + "127.0.0.1:" + port
	}
	return scheme + p.set.listen
}

func readinessTable(url string, r httpapi.Readiness) table.Writer {
	t := newTable()
	t.AppendRow(table.Row{"node", url})
	t.AppendRow(table.Row{"ready", r.Ready})
	for _, problem := range r.Problems {
		t.AppendRow(table.Row{"problem", problem})
	}
	for _, warning := range r.Warnings {
		t.AppendRow(table.Row{"warning", warning})
	}
	t.AppendRow(table.Row{"seq", r.Seq})
	t.AppendRow(table.Row{"queued", r.Queued})
	t.AppendRow(table.Row{"scrubbed", r.Scrubbed})
	return t
}

// probe asks a node how it is doing. Its certificate names it as others know it, so
// on this machine it isn't judged: nothing secret is sent.
func probe(to *url.URL) *http.Client {
	if !isLoopback(to.Host) {
		return http.DefaultClient
	}
	return loopback
}

var loopback = &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, DisableKeepAlives: true}}

// get returns the body also of an answer that is an error.
func get(ctx context.Context, address string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	answer, err := probe(request.URL).Do(request)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close() // only read from
	body, err := io.ReadAll(io.LimitReader(answer.Body, healthBytesMax))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", address, err)
	}
	if answer.StatusCode != http.StatusOK {
		return body, fmt.Errorf("%s: %s", address, answer.Status)
	}
	return body, nil
}
