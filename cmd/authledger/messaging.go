package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net/url"

	"authledger/access"
	"authledger/adapters/httpapi"
	"authledger/adapters/natsapi"
	"authledger/domain"
	"authledger/eventstore/natsd"
)

// natsOptions say how a node is reached over NATS: through the server that it
// embeds, or through one that is a process of its own.
type natsOptions struct {
	listen   string // host:port, "" for this process alone
	url      string // of a server elsewhere, "" for the embedded one
	seedFile string // of the node's key there
	tls      *tls.Config
	tokens   *access.Tokens
	serve    natsapi.Interface // nil for the letters alone
	observe  natsapi.Observer

	letterBytes int64 // 0 for as many as there may be
}

// natsListening lets in who holds the key of a token, to what the token's role may, and
// the holder of nodeKey to everything; nil where nobody is let in.
func natsListening(address, realm, nodeKey string, config *tls.Config, tokens *access.Tokens, log *slog.Logger) *natsd.Listening {
	if address == "" {
		return nil
	}
	return &natsd.Listening{
		Address: address, TLS: config,
		Crossing: natsd.Crossing{Asked: natsapi.Asked(realm), Heard: natsapi.Heard(realm)},
		Admit: func(key string) (permit natsd.Permit, ok bool) {
			if nodeKey != "" && key == nodeKey {
				return natsd.Permit{Node: true}, true
			}
			caller, err := tokens.Holder(key)
			if err != nil {
				if !errors.Is(err, access.ErrNoToken) && !errors.Is(err, access.ErrExpired) {
					log.Error("the tokens can't be read, nobody is let in", "cause", err)
				}
				return permit, false
			}
			permit.Publish, permit.Subscribe = natsapi.Permits(realm, caller)
			return permit, true
		},
	}
}

// embedded is whether the node's own server is the one that others come to.
func (o *natsOptions) embedded() bool { return o != nil && o.url == "" }

func (d *disk) listening() *natsd.Listening {
	if o := d.options.nats; o.embedded() {
		return natsListening(o.listen, d.options.realm, "", o.tls, o.tokens, d.options.log)
	}
	return nil
}

// connect opens the node's side of NATS, before the ledger, whose timers wait for
// what lies in the intake.
func (d *disk) connect() (*natsapi.Edge, error) {
	o := d.options.nats
	if o == nil {
		return nil, nil
	}
	at := natsapi.Server{Conns: d.server, User: natsd.NodeUser}
	if !o.embedded() {
		at = natsapi.Server{URL: o.url, SeedFile: o.seedFile}
	}
	return natsapi.Connect(natsapi.Options{
		Realm: d.options.realm, Server: at, Tokens: o.tokens, Serve: o.serve, Version: buildVersion(), Log: d.options.log, Observe: o.observe,
		LetterBytes: o.letterBytes,
	})
}

// letIn opens the embedded server to others, once the node's own connections stand:
// from then on commands can be left, also while the ledger is being opened.
func (n *node) letIn(ctx context.Context) error {
	if n.options.nats.embedded() {
		if err := n.messages.MakeStreams(ctx); err != nil {
			return err
		}
	}
	return n.server.Listen()
}

// natsAddress is where others come to the embedded server, "" if they don't.
func (n *node) natsAddress() string {
	if at := n.server.Addr(); at != nil {
		return at.String()
	}
	return ""
}

// intake is the node's, nil if it has none.
func (n *node) intake() *httpapi.Intake {
	if n.messages == nil {
		return nil
	}
	return &httpapi.Intake{Letters: shownLetters{n.messages.Letters(n.ledger)}, Warnings: n.messages.Warnings}
}

// shownLetters are letters as the interface over HTTP shows them.
type shownLetters struct{ *natsapi.Letters }

func (s shownLetters) List(ctx context.Context, after uint64, limit int) (any, error) {
	page, err := s.Letters.List(ctx, after, limit)
	return page, shownError(err)
}

func (s shownLetters) Show(ctx context.Context, position uint64) (any, error) {
	letter, err := s.Letters.Show(ctx, position)
	return letter, shownError(err)
}

func (s shownLetters) Retry(ctx context.Context, position uint64) (domain.Verdict, error) {
	v, err := s.Letters.Retry(ctx, position)
	return v, shownError(err)
}

func (s shownLetters) Drop(ctx context.Context, position uint64) error {
	return shownError(s.Letters.Drop(ctx, position))
}

func shownError(err error) error {
	if errors.Is(err, natsapi.ErrAway) {
		return httpapi.ErrLettersAway
	}
	return err
}

// natsOptions are those of a node that serves others, nil if it is not to be reached
// over NATS, or why it must not.
func (p *program) natsOptions(where *edgeOptions) (*natsOptions, error) {
	s := &p.set
	o := &natsOptions{listen: s.natsListen, url: s.natsURL, seedFile: s.natsKey, tokens: access.OpenTokens(where.tokens, p.now)}
	switch {
	case o.seedFile != "" && o.url == "":
		return nil, usagef("--nats-key is the key with which this node comes to --nats-url: give both, or neither")
	case o.listen == "" && o.url == "":
		return nil, nil
	case o.listen != "" && o.url != "":
		return nil, usagef("--nats-listen opens the embedded server, --nats-url names another: give one of them")
	case o.url != "":
		return o, p.checkNATSURL(o)
	}
	return o, p.natsTLS(o.listen, &o.tls)
}

// natsTLS is how --nats-listen is encrypted: like --listen.
func (p *program) natsTLS(address string, config **tls.Config) (err error) {
	switch {
	case !isAddress(address):
		return usagef("--nats-listen %q: want host:port, such as 127.0.0.1:4222", address)
	case p.set.tlsCert != "":
		*config, err = newTLS(p.set.tlsCert, p.set.tlsKey, p.log)
		return err
	case !isLoopback(address) && !p.set.allowPlaintext:
		return usagef("--nats-listen %s is reached over the network, and commands would cross it in the clear: give --tls-cert and --tls-key, or --allow-plaintext on a network of its own", address)
	}
	return nil
}

func (p *program) checkNATSURL(o *natsOptions) error {
	at, err := url.Parse(o.url)
	switch {
	case err != nil || at.Host == "" || at.User != nil || (at.Scheme != "nats" && at.Scheme != "tls"):
		return usagef("--nats-url: want tls://host:port, or nats://host:port on this machine")
	case at.Scheme == "nats" && !isLoopback(at.Host) && !p.set.allowPlaintext:
		return usagef("--nats-url: %s is reached in the clear: take tls://, or --allow-plaintext on a network of its own", at.Host)
	case o.seedFile == "":
		return usagef("--nats-url needs --nats-key, the file of this node's key: make one with `authledger nats key FILE`")
	}
	if err := natsapi.CheckSeedFile(o.seedFile); err != nil {
		return fmt.Errorf("--nats-key: %w: give the file that `authledger nats key FILE` wrote for this node", err)
	}
	return nil
}
