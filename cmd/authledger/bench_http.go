package main

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"authledger/access"
	"authledger/adapters/traffic"
	"authledger/domain"
	"authledger/eventstore/wire"
)

// httpSize is how much a bench over HTTP does.
type httpSize struct {
	offered  time.Duration // of each offered load
	each     time.Duration // of each load that is as high as it goes
	turns    int           // of one command after another, for each transport
	idle     int           // readers of records that hear nothing
	active   int           // readers that hear everything
	lookups  int
	users    int
	restarts time.Duration // how long a node may take to answer
}

var (
	httpFull  = httpSize{offered: time.Minute, each: 15 * time.Second, turns: 100, idle: 1000, active: 20, lookups: 20_000, users: 100_000, restarts: 20 * time.Second}
	httpQuick = httpSize{offered: 4 * time.Second, each: 2 * time.Second, turns: 10, idle: 1000, active: 20, lookups: 2_000, users: 10_000, restarts: 20 * time.Second}
)

// Goals and shapes of the bench over HTTP (issue 4, architecture "Scale").
const (
	offeredRate     = 1000   // commands/s
	goalHTTPMedian  = 1      // ms
	goalHTTPTail    = 5      // ms, p99
	goalHTTPBatches = 30_000 // commands/s
	singlesAtOnce   = 128    // connections
	batchesAtOnce   = 16     // connections
	batchSize       = 100    // commands
	benchHTTP       = "http"
	benchGateway    = "load"
	benchSource     = string(access.Gateway) + "/" + benchGateway
	benchRateMax    = 1_000_000 // of its credential, a second: it must not be what is measured
)

// httpBench is a node in a process of its own, and a client of it.
type httpBench struct {
	*bench
	size   httpSize
	url    string
	nats   string // address
	seed   string // path of the writer's key there
	client *http.Client
	writer string // tokens
	reader string
	node   *exec.Cmd
	next   func() (domain.Command, bool)
}

// runHTTP measures the edge: what the machine does then, it does for the node and
// for the load alike.
func (b *bench) runHTTP(ctx context.Context, parent string, size httpSize) (err error) {
	if b.dir, err = os.MkdirTemp(parent, "authledger-bench-"); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(b.dir)) }()
	h := &httpBench{bench: b, size: size}
	if err := h.start(ctx); err != nil {
		return err
	}
	commands, stop := iter.Pull(traffic.Bench(benchSeed, size.users, b.program.now().UTC()))
	defer stop()
	h.next = commands
	for _, measure := range []func(context.Context) error{h.acquaint, h.overNATS, h.offer, h.offerToReaders, h.singles, h.batches, h.lookUps} {
		if err := measure(ctx); err != nil {
			return errors.Join(err, h.stop())
		}
	}
	if err := h.stop(); err != nil {
		return err
	}
	return b.report()
}

// start makes a ledger with two tokens, and a node of it.
func (h *httpBench) start(ctx context.Context) error {
	data := filepath.Join(h.dir, benchHTTP)
	if err := os.Mkdir(data, 0o700); err != nil {
		return err
	}
	tokens := access.OpenTokens(filepath.Join(data, tokensName), h.program.now)
	h.seed = filepath.Join(h.dir, benchGateway+".nk")
	key, err := access.MakeKey(h.seed)
	if err != nil {
		return err
	}
	for _, t := range []struct {
		spec access.Spec
		to   *string
	}{
		{access.Spec{Name: benchGateway, Role: access.Gateway, Rate: benchRateMax, NKey: key}, &h.writer},
		{access.Spec{Name: "reader", Role: access.Auditor, Rate: benchRateMax}, &h.reader},
	} {
		if *t.to, err = tokens.Add(t.spec); err != nil {
			return err
		}
	}
	address, err := unusedAddress()
	if err != nil {
		return err
	}
	if h.nats, err = unusedAddress(); err != nil {
		return err
	}
	program, err := os.Executable()
	if err != nil {
		return err
	}
	h.url = "http://" + address
	h.client = &http.Client{Transport: &http.Transport{MaxIdleConns: 0, MaxIdleConnsPerHost: 2 * singlesAtOnce, DisableCompression: true}}
	h.node = exec.CommandContext(ctx, program, "serve", "--data", data, "--listen", address, "--nats-listen", h.nats, "--log-level", "warn")
	h.node.Stderr = h.program.errs
	if err := h.node.Start(); err != nil {
		return err
	}
	return h.ready(ctx)
}

func (h *httpBench) ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, h.size.restarts)
	defer cancel()
	for {
		if _, err := get(ctx, h.url+"/readyz"); err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return errors.Join(fmt.Errorf("the node to measure does not start: %w", ctx.Err()), h.stop())
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func (h *httpBench) stop() error {
	h.client.CloseIdleConnections()
	if err := h.node.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	return h.node.Wait()
}

// command is the next one, as it is sent.
func (h *httpBench) command() []byte {
	c, _ := h.next() // it has no end
	c.Source, c.Time = benchSource, h.program.now().UTC()
	return wire.AppendCommand(nil, &c)
}
