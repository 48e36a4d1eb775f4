package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"sync"
	"time"

	"authledger/adapters/client"
	"authledger/cmd/internal/node"
	"authledger/cmd/internal/render"
	"authledger/cmd/internal/settings"
	"authledger/eventstore"
)

// localURL is the URL of a request to the socket in the data directory. The client
// does not resolve the host, because its transport connects to the socket.
const localURL = "http://localhost"

// reach returns a client of the node that answers the command: the node that the settings name,
// or the node that runs on the data directory. It returns nil if this process has to open the
// data directory itself. The client retries a request for at most --timeout.
//
// A node that starts or stops between reach and the opening of the directory holds the lock of
// the directory, so the command fails with [node.ErrInUse] and changes nothing.
func (p *program) reach() (*client.Client, error) {
	if p.target.server != "" {
		return p.clientOf(p.target)
	}
	if !p.hasNode() {
		return nil, nil
	}
	if err := p.checkSocketFlags(); err != nil {
		return nil, err
	}
	return client.New(client.Options{
		URL: localURL, Patience: p.set.Timeout, Transport: p.localTransport(),
		Retrying: p.reportRetry("the node that runs on " + p.set.Data),
	})
}

// hasNode reports whether a node runs on the data directory and answers at its socket.
func (p *program) hasNode() bool {
	conn, err := node.DialLocal(p.set.Data)
	if err != nil {
		return false // no node, or its socket belongs to another user, who also owns the directory
	}
	conn.Close() // nothing was sent
	return true
}

func (p *program) localTransport() *http.Transport {
	return &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) { return node.DialLocal(p.set.Data) }}
}

// checkSocketFlags returns a usage error for a flag that says how to open the data directory,
// because the running node has opened it with its own settings. It accepts --realm with the realm
// of the ledger.
func (p *program) checkSocketFlags() error {
	why := "a node runs on " + p.set.Data + " with its own settings"
	for _, name := range ledgerSettings {
		if name != "realm" {
			if err := p.checkUnused(p.command, []string{name}, why); err != nil {
				return err
			}
		}
	}
	if p.set.Origin("realm") == settings.ByDefault {
		return nil
	}
	m, exists, err := eventstore.ReadManifest(p.set.Data)
	if err == nil && exists && m.Realm != p.set.Realm {
		err = fmt.Errorf("%s holds the ledger of realm %q, not of %q: give --realm %s", p.set.Data, m.Realm, p.set.Realm, m.Realm)
	}
	return err
}

// clientOf returns a client of a node over HTTP. The client retries a request for at most
// --timeout.
func (p *program) clientOf(t target) (*client.Client, error) {
	if at, err := url.Parse(t.server); err == nil && at.Scheme != "http" && at.Scheme != "https" {
		return nil, usagef("--server: want the node's https://host:port, or http://host:port on this machine")
	}
	c, err := client.New(client.Options{
		URL: t.server, Token: t.token, AllowPlaintext: p.set.AllowPlaintext || t.allowPlaintext,
		Patience: p.set.Timeout, Retrying: p.reportRetry(t.server),
	})
	switch {
	case errors.Is(err, client.ErrPlaintext):
		return nil, usagef("--server: %w, or give --allow-plaintext if you trust the network", err)
	case err != nil:
		return nil, usagef("--server: %w", err)
	}
	return c, nil
}

// reportAfter is the duration of retries after which a command reports them.
const reportAfter = time.Second

// reportRetry returns a function that reports one time that the client retries its requests to
// the named node. It reports no retries that end within [reportAfter].
func (p *program) reportRetry(name string) func(client.Retry) {
	var report sync.Once
	begun := time.Now()
	return func(r client.Retry) {
		if time.Since(begun)+r.Wait < reportAfter || r.Until.Sub(begun) <= reportAfter {
			return
		}
		report.Do(func() {
			cause := r.Cause
			if sent := (*url.Error)(nil); errors.As(cause, &sent) {
				cause = sent.Err // without the URL of the request
			}
			p.warn("no answer from %s: %s: retrying until %s, change this with --timeout",
				name, render.Printable(cause.Error()), r.Until.UTC().Format(time.RFC3339))
		})
	}
}

// isRemote reports whether the command sends its request, with a token, to the node that
// --server or a context names.
func (p *program) isRemote() bool { return p.target.server != "" }

// nodeError adds to the error of a node how to set a token, if the node rejected the token.
func (p *program) nodeError(err error) error {
	refused := (*client.Problem)(nil)
	if !errors.As(err, &refused) || refused.Status != http.StatusUnauthorized {
		return err
	}
	if p.set.Context != "" || p.set.From("server") == "" {
		return fmt.Errorf("%w: store a token that `authledger token add` printed with `authledger context add NAME --replace`", err)
	}
	return fmt.Errorf("%w: set %s to a token that `authledger token add` printed", err, settings.TokenVariable)
}

// decodeAnswer decodes the answer of a node.
func decodeAnswer(answer []byte, into any) error {
	if err := json.Unmarshal(answer, into); err != nil {
		return fmt.Errorf("decode the answer of the node: %w", err)
	}
	return nil
}

// explainInUse returns a usage error for a command that needs the data directory for itself while
// a node runs on it. It returns other errors unchanged.
func (p *program) explainInUse(err error) error {
	if !errors.Is(err, node.ErrInUse) || p.command == nil || !usesLedger(p.command) || !p.hasNode() {
		return err
	}
	return usagef("`%s` can't go through the node that runs on %s: stop the node, then run the command again", commandWords(p.command), p.set.Data)
}
