package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"authledger/adapters/tokens"
	"authledger/cmd/internal/loadgen"
	"authledger/cmd/internal/node"
	"authledger/domain"
	"authledger/domain/access"
	"authledger/eventstore/wire"
)

// httpSize is the amount of work of a run over HTTP.
type httpSize struct {
	offered  time.Duration // duration of each load at a fixed rate
	each     time.Duration // duration of each load at the maximum rate
	turns    int           // alternations between HTTP and NATS in their comparison
	idle     int           // readers whose filter matches no record
	active   int           // readers of all records
	lookups  int
	users    int
	fresh    int           // users whose first commands the load sends at once
	restarts time.Duration // time limit for the start of a node
}

var (
	httpFull  = httpSize{offered: time.Minute, each: 15 * time.Second, turns: 100, idle: 1000, active: 20, lookups: 20_000, users: 100_000, fresh: 40_000, restarts: 20 * time.Second}
	httpQuick = httpSize{offered: 4 * time.Second, each: 2 * time.Second, turns: 10, idle: 1000, active: 20, lookups: 2_000, users: 10_000, fresh: 4_000, restarts: 20 * time.Second}
)

// Goals and parameters of a run over HTTP.
const (
	offeredRate     = 1000   // commands/s
	goalHTTPMedian  = 1      // ms
	goalHTTPTail    = 5      // ms, p99
	goalHTTPBatches = 30_000 // commands/s
	singlesAtOnce   = 128    // connections
	batchesAtOnce   = 16     // connections
	batchSize       = 100    // commands
	dirHTTP         = "http"
	gatewayName     = "load"
	gatewaySource   = string(access.Gateway) + "/" + gatewayName
	rateMax         = 1_000_000 // commands a second of each token, so high that it limits no measurement
)

// httpRun is a node in a process of its own, and its clients.
type httpRun struct {
	*run
	size   httpSize
	url    string
	nats   string // address of the NATS listener
	seed   string // path of the writer's NATS key
	client *http.Client
	writer string       // token of the gateway
	reader string       // token of the auditor
	tokens []extraToken // further tokens that start adds
	child  *exec.Cmd
	next   func() (domain.Command, bool)
}

// extraToken is a token of the measured node. start stores the text of the token at to.
type extraToken struct {
	name string
	role access.Role
	to   *string
}

// RunHTTP measures a node in a process of its own, over HTTP and NATS. The load and the
// node share the machine.
func RunHTTP(ctx context.Context, o Options) ([]Figure, error) {
	return inDirectory(o, func(r *run) error {
		h := &httpRun{run: r, size: httpFull}
		if o.Quick {
			h.size = httpQuick
		}
		if err := h.start(ctx); err != nil {
			return err
		}
		commands, stop := iter.Pull(loadgen.Logins(seed, h.size.users, r.Now().UTC()))
		defer stop()
		h.next = commands
		err := inOrder(ctx, h.firstCommands, h.overNATS, h.offer, h.offerToReaders, h.singles, h.freshUsers, h.batches, h.lookUps)
		return errors.Join(err, h.stop())
	})
}

// start creates a ledger with its tokens and starts a node.
func (h *httpRun) start(ctx context.Context) error {
	data := filepath.Join(h.dir, dirHTTP)
	if err := os.Mkdir(data, 0o700); err != nil {
		return err
	}
	h.seed = filepath.Join(h.dir, gatewayName+".nk")
	key, err := tokens.MakeKey(h.seed)
	if err != nil {
		return err
	}
	if err := h.addTokens(ctx, data, key); err != nil {
		return err
	}
	address, err := node.UnusedAddress()
	if err != nil {
		return err
	}
	if h.nats, err = node.UnusedAddress(); err != nil {
		return err
	}
	program, err := os.Executable()
	if err != nil {
		return err
	}
	h.url = "http://" + address
	h.client = &http.Client{Transport: &http.Transport{MaxIdleConns: 0, MaxIdleConnsPerHost: 2 * singlesAtOnce, DisableCompression: true}}
	h.child = exec.CommandContext(ctx, program, "serve", "--data", data, "--realm", h.Node.Realm, "--listen", address, "--nats-listen", h.nats, "--log-level", "warn")
	h.child.Stderr = h.Stderr
	if err := h.child.Start(); err != nil {
		return err
	}
	return h.ready(ctx)
}

// addTokens creates the ledger with the tokens of the run. The writer has a NATS key.
func (h *httpRun) addTokens(ctx context.Context, data, key string) error {
	o := h.Node
	o.Dir, o.MasterKeyFile, o.MasterKeyHex, o.NextMasterKeyHex = data, "", "", ""
	n, err := node.Open(ctx, o)
	if err != nil {
		return err
	}
	all := append([]extraToken{{gatewayName, access.Gateway, &h.writer}, {"reader", access.Auditor, &h.reader}}, h.tokens...)
	for _, t := range all {
		add := &domain.ConfigTokenAdd{Name: t.name, Role: string(t.role), Rate: rateMax}
		if t.name == gatewayName {
			add.NKey = key
		}
		*t.to, add.TokenHash = tokens.New()
		c := domain.Command{Source: "bench", ID: t.name, Time: h.Now().UTC(), Stamped: true, Caller: "bench", Data: add}
		if v, err := n.Ledger.Do(ctx, c); err != nil || v.Status != domain.Accepted {
			return errors.Join(fmt.Errorf("add the token %s: %s %s", t.name, v.Status, v.Reason), err, n.Close())
		}
	}
	return n.Close()
}

func (h *httpRun) ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, h.size.restarts)
	defer cancel()
	for {
		if _, err := h.get(ctx, "/readyz"); err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return errors.Join(fmt.Errorf("start the measured node: %w", ctx.Err()), h.stop())
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func (h *httpRun) stop() error {
	h.client.CloseIdleConnections()
	if err := h.child.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	return h.child.Wait()
}

// command returns the next command as a request body.
func (h *httpRun) command() []byte {
	c, _ := h.next() // the sequence has no end
	c.Source, c.Time = gatewaySource, h.Now().UTC()
	return wire.AppendCommand(nil, &c)
}

// get returns the body of a response with status 200.
func (h *httpRun) get(ctx context.Context, path string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, h.url+path, nil)
	if err != nil {
		return nil, err
	}
	response, err := h.client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close() // the error loses nothing, because the body was only read
	body, err := io.ReadAll(io.LimitReader(response.Body, responseBytesMax))
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("GET %s: %s", path, response.Status)
	}
	return body, err
}
