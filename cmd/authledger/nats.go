package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"

	"github.com/nats-io/nkeys"
	"github.com/spf13/cobra"

	"authledger/adapters/intake"
	"authledger/adapters/natsconn"
	"authledger/adapters/tokens"
	"authledger/cmd/internal/node"
	"authledger/eventstore/natsd"
)

// natsDir is the store directory of a separate NATS server, in --data.
const natsDir = "nats"

func newNATSCommand(p *program) *cobra.Command {
	return newGroupCommand("nats", "Create NATS keys; run a separate NATS server", newNATSKeyCommand(p), newNATSServeCommand(p))
}

func newNATSKeyCommand(p *program) *cobra.Command {
	return &cobra.Command{
		Use: "key FILE", Short: "Create a NATS key in a file and print its public part",
		Long: `Create the key of a NATS client. The command writes the seed, which is secret, to FILE.
The file must not exist, and only its owner can read it. The command prints the public
part for authledger token add --nkey.`,
		Example: `  authledger token add portal --role gateway --nkey "$(authledger nats key portal.nk)"`,
		Args:    oneArgument("file"),
		RunE: func(_ *cobra.Command, args []string) error {
			public, err := tokens.MakeKey(args[0])
			if err != nil {
				return err
			}
			_, err = fmt.Fprintln(p.out, public)
			return err
		},
	}
}

func newNATSServeCommand(p *program) *cobra.Command {
	var nodeKey string
	c := &cobra.Command{
		Use: "serve --nats-listen ADDRESS --node-key PUBLIC", Short: "Run a separate NATS server with the intake",
		Long: `Run a NATS server that stores the commands of gateways while the node is down. The
server stores the messages in nats/ in --data. It acknowledges a message after it has
synced the message to the disk.

  authledger nats serve --nats-listen 127.0.0.1:4222 --node-key "$(authledger nats key node.nk)"

The server admits clients whose key is in callers.json in --data, with the permissions of
their roles. A node on the same --data writes that file after each change of a token. The
server admits the node, which runs with --nats-url, by the key of --node-key.

The server ends with exit code 1 when its disk is full or fails. It never acknowledges a
message that it did not store.`,
		Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			p.logInfo()
			return p.serveNATS(c.Context(), nodeKey)
		},
	}
	c.Flags().StringVar(&nodeKey, "node-key", "", "public `KEY` of the node, as `authledger nats key` prints it")
	return c
}

func (p *program) serveNATS(ctx context.Context, nodeKey string) error {
	at := node.NATSOptions{Listen: p.set.NATSListen}
	callers := tokens.OpenCallers(filepath.Join(p.set.Data, node.CallersName), p.now)
	switch {
	case at.Listen == "":
		return usagef("--nats-listen is missing: give host:port, such as 127.0.0.1:4222")
	case !nkeys.IsValidPublicUserKey(nodeKey):
		return usagef("--node-key: invalid value, want the public key of the node: create one with `authledger nats key FILE`")
	}
	if err := p.natsTLS(at.Listen, &at.TLS); err != nil {
		return err
	}
	dir := filepath.Join(p.set.Data, natsDir)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("create the directory of the intake: %w", err)
	}
	lock, err := node.Lock(dir)
	if err != nil {
		return err
	}
	defer lock.Close() // closing unlocks
	server, err := node.StartIntakeServer(ctx, natsd.Config{
		Dir: dir, Guarded: true, Unsynced: p.set.AllowUnsynced, Log: p.log,
		Listen: node.Listening(at.Listen, p.set.Realm, nodeKey, at.TLS, callers, p.log),
	}, p.set.Realm, intake.Options{Tokens: callers, Log: p.log})
	if err != nil {
		return err
	}
	p.log.Info("ready", "nats", server.Addr().String())
	select {
	case <-ctx.Done():
		p.log.Info("stopping")
	case err = <-server.Failed():
		p.shutdown.Begin(nil)
		err = fmt.Errorf("the NATS server can't store messages: %w: free space or replace the disk, then start again: all acknowledged messages are stored", err)
	}
	return errors.Join(err, server.Close())
}

// natsOptions returns the options of the NATS interface of a node, nil if the settings name
// no NATS server, or a usage error.
func (p *program) natsOptions() (*node.NATSOptions, error) {
	s := &p.set
	o := &node.NATSOptions{Listen: s.NATSListen, URL: s.NATSURL, SeedFile: s.NATSKey}
	switch {
	case o.SeedFile != "" && o.URL == "":
		return nil, usagef("--nats-key is the key of this node at --nats-url: give both or neither")
	case o.Listen == "" && o.URL == "":
		return nil, nil
	case o.Listen != "" && o.URL != "":
		return nil, usagef("--nats-listen opens the embedded server and --nats-url names a separate one: give one of them")
	case o.URL != "":
		return o, p.checkNATSURL(o)
	}
	return o, p.natsTLS(o.Listen, &o.TLS)
}

// natsTLS sets the TLS configuration of --nats-listen by the same rules as for --listen.
func (p *program) natsTLS(address string, config **tls.Config) (err error) {
	switch {
	case !node.IsAddress(address):
		return usagef("--nats-listen %q: invalid value, want host:port, such as 127.0.0.1:4222", address)
	case p.set.TLSCert != "":
		*config, err = node.NewTLS(p.set.TLSCert, p.set.TLSKey, p.log)
		return err
	case !node.IsLoopback(address) && !p.set.AllowPlaintext:
		return usagef("--nats-listen %s can be reached over the network, and commands would cross it without encryption: give --tls-cert and --tls-key, or --allow-plaintext on a separate network", address)
	}
	return nil
}

func (p *program) checkNATSURL(o *node.NATSOptions) error {
	at, err := url.Parse(o.URL)
	switch {
	case err != nil || at.Host == "" || at.User != nil || (at.Scheme != "nats" && at.Scheme != "tls"):
		return usagef("--nats-url: invalid value, want tls://host:port, or nats://host:port on this machine")
	case at.Scheme == "nats" && !node.IsLoopback(at.Host) && !p.set.AllowPlaintext:
		return usagef("--nats-url: the connection to %s would not be encrypted: give tls://, or --allow-plaintext on a separate network", at.Host)
	case o.SeedFile == "":
		return usagef("--nats-url needs --nats-key, the file of this node's key: create one with `authledger nats key FILE`")
	}
	if err := natsconn.CheckSeedFile(o.SeedFile); err != nil {
		return fmt.Errorf("--nats-key: %w: give the file that `authledger nats key FILE` wrote for this node", err)
	}
	return nil
}
