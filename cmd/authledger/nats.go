package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/nats-io/nkeys"
	"github.com/spf13/cobra"

	"authledger/access"
	"authledger/adapters/natsapi"
	"authledger/eventstore/natsd"
)

// natsDir is where a NATS server of its own keeps the intake, in --data.
const natsDir = "nats"

func newNATSCommand(p *program) *cobra.Command {
	return newGroupCommand("nats", "keys for NATS, and a NATS server of its own for the intake", newNATSKeyCommand(p), newNATSServeCommand(p))
}

func newNATSKeyCommand(p *program) *cobra.Command {
	return &cobra.Command{
		Use: "key FILE", Short: "make a key: its seed goes to the file, its public part is printed",
		Long: `Make the key with which somebody connects over NATS. The seed is written to the
file, which must not be there yet and which only its owner can read; nobody else
ever needs it. The public part is printed, for token add --nkey.`,
		Example: `  authledger token add portal --role gateway --nkey "$(authledger nats key portal.nk)"`,
		Args:    oneArgument("file"),
		RunE: func(_ *cobra.Command, args []string) error {
			public, err := access.MakeKey(args[0])
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
		Use: "serve --nats-listen ADDRESS --node-key PUBLIC", Short: "the server of the intake, as a process of its own",
		Long: `Run a NATS server that keeps what gateways leave while the ledger is down, in
nats/ in --data, synced before it is acknowledged. It lets in the holders of the
keys in tokens.json in --data, to what their roles may, and the ledger, whose
node runs with --nats-url and the key that --node-key names.

It ends with exit code 1 when its disk is full or fails: what it can't keep it
doesn't acknowledge.`,
		Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			p.talkative()
			return p.serveNATS(c.Context(), nodeKey)
		},
	}
	c.Flags().StringVar(&nodeKey, "node-key", "", "public `KEY` of the ledger's node, as `nats key` has printed it")
	return c
}

func (p *program) serveNATS(ctx context.Context, nodeKey string) error {
	at := natsOptions{listen: p.set.natsListen, tokens: access.OpenTokens(filepath.Join(p.set.data, tokensName), p.now)}
	switch {
	case at.listen == "":
		return usagef("give --nats-listen, such as 127.0.0.1:4222")
	case !nkeys.IsValidPublicUserKey(nodeKey):
		return usagef("--node-key: want the public key of the ledger's node: make one with `authledger nats key FILE`")
	}
	if err := p.natsTLS(at.listen, &at.tls); err != nil {
		return err
	}
	dir := filepath.Join(p.set.data, natsDir)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("make the directory of the intake: %w", err)
	}
	lock, err := lockDir(dir)
	if err != nil {
		return err
	}
	defer lock.Close() // and thereby unlocked
	server, err := startNATS(ctx, natsd.Config{
		Dir: dir, Unsynced: p.set.allowUnsynced, Log: p.log,
		Listen: natsListening(at.listen, p.set.realm, nodeKey, at.tls, at.tokens, p.log),
	}, p.set.realm)
	if err != nil {
		return err
	}
	defer server.Close()
	p.log.Info("ready", "nats", server.Addr().String())
	select {
	case <-ctx.Done():
		p.log.Info("stopping")
		return nil
	case err := <-server.Failed():
		return fmt.Errorf("nothing more can be kept: %w: make space or look at the disk, then start again: what was acknowledged is there", err)
	}
}

// startNATS starts a server that keeps an intake, also before the ledger has come to
// it for the first time.
func startNATS(ctx context.Context, config natsd.Config, realm string) (*natsd.Server, error) {
	server, err := natsd.Start(ctx, config)
	if err != nil {
		return nil, err
	}
	own, err := natsapi.Connect(natsapi.Options{Realm: realm, Server: natsapi.Server{Conns: server, User: natsd.NodeUser}, Log: config.Log})
	if err == nil {
		err = errors.Join(own.MakeStreams(ctx), own.Close())
	}
	if err == nil {
		err = server.Listen()
	}
	if err != nil {
		server.Close()
		return nil, err
	}
	return server, nil
}
