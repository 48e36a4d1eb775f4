//go:build faults

package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"authledger/adapters/natsapi"
)

const (
	edgeKills    = 50 // of the ledger's node
	edgeKillsOwn = 10 // of the NATS server, among them
	edgeKillsIn  = 15 // of a node with the server in it
	edgeUsers    = 40 // guessed at in turn
	edgeWithin   = 60 * time.Second
)

// edgeFault is a ledger, a NATS server of its own or in it, a gateway that leaves
// commands, and endpoints that are told.
type edgeFault struct {
	t                     *testing.T
	embedded              bool
	program, dir          string
	natsAddress, nodeSeed string
	nodeKey               string
	node, server          *exec.Cmd
	swift, slow           *toldEndpoint
}

func (f *edgeFault) run(args ...string) string {
	f.t.Helper()
	c := exec.Command(f.program, append(args, "--data", f.dir)...)
	c.Stderr = os.Stderr
	out, err := c.Output()
	if err != nil {
		f.t.Fatalf("%s: %v", args, err)
	}
	return strings.TrimSpace(string(out))
}

func (f *edgeFault) start(args ...string) *exec.Cmd {
	f.t.Helper()
	c := exec.Command(f.program, append(args, "--data", f.dir, "--log-level", "error")...)
	c.Stderr = os.Stderr
	must(f.t, c.Start())
	return c
}

func (f *edgeFault) startServer() {
	f.server = f.start("nats", "serve", "--nats-listen", f.natsAddress, "--node-key", f.nodeKey)
}

func (f *edgeFault) startNode() {
	if f.embedded {
		f.node = f.start("serve", "--listen", "127.0.0.1:0", "--nats-listen", f.natsAddress)
		return
	}
	f.node = f.start("serve", "--listen", "127.0.0.1:0", "--nats-url", "nats://"+f.natsAddress, "--nats-key", f.nodeSeed)
}

func kill(c *exec.Cmd) {
	_ = c.Process.Signal(syscall.SIGKILL) // it may have ended
	_ = c.Wait()
}

// leaver leaves commands one after another, each until it is acknowledged.
func (f *edgeFault) leaver(stop <-chan struct{}) (left int, err error) {
	key, err := nats.NkeyOptionFromSeed(filepath.Join(f.dir, "gw.nk"))
	if err != nil {
		return 0, err
	}
	conn, err := nats.Connect("nats://"+f.natsAddress, key, nats.CustomInboxPrefix(natsapi.InboxPrefix("gw")), nats.RetryOnFailedConnect(true),
		nats.MaxReconnects(-1), nats.ReconnectWait(20*time.Millisecond), nats.ReconnectBufSize(-1), nats.ErrorHandler(func(*nats.Conn, *nats.Subscription, error) {}))
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	js, err := jetstream.New(conn, jetstream.WithDefaultTimeout(time.Second))
	if err != nil {
		return 0, err
	}
	for ; ; left++ {
		select {
		case <-stop:
			return left, nil
		default:
		}
		m := leave("gw", fmt.Sprint("e-", left), "login.report", time.Now(), fmt.Sprintf(`{"user":"u%d","outcome":"failed","reason":"bad_credentials"}`, left%edgeUsers))
		for begun := time.Now(); ; {
			if _, err = js.PublishMsg(f.t.Context(), m); err == nil {
				break
			}
			if time.Since(begun) > edgeWithin {
				return left, fmt.Errorf("command %d is never acknowledged: %w", left, err)
			}
			time.Sleep(10 * time.Millisecond)
		}
	}
}

// TestFaultEdge kills the ledger's node at 50 random instants, and the NATS server at
// some of them, while a gateway leaves commands: each is recorded once, in order, and
// each endpoint is told every event at least once, the first time in order, under one
// id. An endpoint that is slow holds up nobody else. Then the same with the server in
// the node.
func TestFaultEdge(t *testing.T) {
	program := filepath.Join(t.TempDir(), "authledger")
	out, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput()
	if err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	t.Run("own", func(t *testing.T) {
		(&edgeFault{t: t, program: program, dir: t.TempDir()}).play(edgeKills, edgeKillsOwn)
	})
	t.Run("embedded", func(t *testing.T) {
		(&edgeFault{t: t, program: program, dir: t.TempDir(), embedded: true}).play(edgeKillsIn, 0)
	})
}

func (f *edgeFault) play(kills, killsOwn int) {
	t, chance := f.t, faultChance(f.t)
	f.natsAddress = freeAddress(t)
	f.nodeSeed = filepath.Join(f.dir, "node.nk")
	f.nodeKey = f.run("nats", "key", f.nodeSeed)
	f.run("token", "add", "gw", "--role", "gateway", "--nkey", f.run("nats", "key", filepath.Join(f.dir, "gw.nk")))
	wrongs := rand.New(rand.NewPCG(chance.Uint64(), 2))
	f.swift = newToldEndpoint(0, func() bool { return wrongs.IntN(2000) == 0 }) // each costs the first pause of the schedule
	f.slow = newToldEndpoint(100*time.Millisecond, func() bool { return false })
	defer f.swift.Close()
	defer f.slow.Close()
	if !f.embedded {
		f.startServer()
		defer func() { kill(f.server) }()
	}
	f.startNode()
	defer func() { kill(f.node) }()
	f.run("webhook", "add", "swift", f.swift.URL, "--allow-private", "--type", "login.failed", "--type", "lockout.started")
	f.run("webhook", "add", "slow", f.slow.URL, "--allow-private", "--type", "lockout.started")
	stop, done := make(chan struct{}), make(chan error, 1)
	left := 0
	go func() {
		var err error
		left, err = f.leaver(stop)
		done <- err
	}()
	for i := range kills {
		time.Sleep(time.Duration(50+chance.IntN(450)) * time.Millisecond)
		kill(f.node)
		if killsOwn > 0 && i%(kills/killsOwn) == 0 {
			kill(f.server)
			f.startServer()
		}
		f.startNode()
	}
	close(stop)
	must(t, <-done)
	if f.check(left); t.Failed() {
		return
	}
	if !f.embedded && f.swift.again()+f.slow.again() <= 0 {
		t.Error("no kill fell on a delivery: this says nothing of crashes")
		return
	}
	swift, toldSwift, _ := f.swift.firsts()
	slow, toldSlow, _ := f.slow.firsts()
	announce("edge: %d SIGKILLs of the node, %d of the NATS server (embedded: %t): %d commands were left and recorded, 0 twice or out of order; endpoints told %d and %d events, %d deliveries twice, 0 missing or out of order",
		kills, killsOwn, f.embedded, left, len(swift), len(slow), toldSwift+toldSlow-len(swift)-len(slow))
}

// check waits until everybody has heard everything, and stops the node to read the log.
func (f *edgeFault) check(left int) {
	locked := min(max(left-9*edgeUsers, 0), edgeUsers) // at the tenth failure of each (LOCK-1)
	var swift, slow []string
	for heard := time.Now(); ; { // however many were left: who hears more of them is not late
		before := len(swift) + len(slow)
		swift, _, _ = f.swift.firsts()
		slow, _, _ = f.slow.firsts()
		if len(swift)+len(slow) > before {
			heard = time.Now()
		}
		if len(swift) >= left+locked && len(slow) >= locked || time.Since(heard) > edgeWithin {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	must(f.t, f.node.Process.Signal(syscall.SIGTERM))
	if err := f.node.Wait(); err != nil {
		f.t.Errorf("the node ends with %v", err)
	}
	var want struct{ swift, slow []string }
	records, reports := bufio.NewScanner(bytes.NewReader([]byte(f.run("replay")))), 0
	records.Buffer(nil, 1<<20)
	for records.Scan() {
		var r struct {
			Seq     uint64
			Command struct{ Source, ID string }
			Events  []struct{ Type string }
		}
		must(f.t, json.Unmarshal(records.Bytes(), &r))
		if r.Command.Source == "gateway/gw" {
			if r.Command.ID != fmt.Sprint("e-", reports) {
				f.t.Fatalf("record %d is of %s, want e-%d", r.Seq, r.Command.ID, reports)
			}
			reports++
		}
		for i, e := range r.Events {
			at := fmt.Sprint(r.Seq, ".", i)
			if e.Type == "login.failed" || e.Type == "lockout.started" {
				want.swift = append(want.swift, at)
			}
			if e.Type == "lockout.started" {
				want.slow = append(want.slow, at)
			}
		}
	}
	if reports != left {
		f.t.Errorf("%d commands were left, %d are recorded", left, reports)
	}
	swift, _, badSwift := f.swift.firsts()
	slow, _, badSlow := f.slow.firsts()
	if badSwift+badSlow != "" {
		f.t.Errorf("ids: %s %s", badSwift, badSlow)
	}
	if fmt.Sprint(swift) != fmt.Sprint(want.swift) {
		f.t.Errorf("the swift endpoint: %d of %d events, %v", len(swift), len(want.swift), firstDifference(swift, want.swift))
	}
	if fmt.Sprint(slow) != fmt.Sprint(want.slow) {
		f.t.Errorf("the slow endpoint: %d of %d events, %v", len(slow), len(want.slow), firstDifference(slow, want.slow))
	}
}

func firstDifference(got, want []string) string {
	for i := range want {
		if i >= len(got) || got[i] != want[i] {
			return fmt.Sprintf("differs at %d: want %s", i, want[i])
		}
	}
	return "more than wanted"
}

func freeAddress(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer l.Close()
	return l.Addr().String()
}
