//go:build faults

package faults

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

	"authledger/adapters/natsconn"
)

const (
	intakeKills    = 50 // of the node
	intakeKillsOwn = 10 // of the NATS server, among them
	intakeKillsIn  = 15 // of a node with an embedded server
	intakeUsers    = 40 // the published login failures are of these users in turn
	intakeWithin   = 60 * time.Second
)

// intakeFault is a node, its NATS server, a gateway that publishes to the intake, and
// two webhook endpoints.
type intakeFault struct {
	t                     *testing.T
	embedded              bool
	program, dir          string
	natsAddress, nodeSeed string
	nodeKey               string
	node, server          *exec.Cmd
	swift, slow           *endpoint
}

func (f *intakeFault) run(args ...string) string {
	f.t.Helper()
	c := exec.Command(f.program, args...)
	c.Env = append(os.Environ(), "AUTHLEDGER_DATA="+f.dir) // some commands have no flag --data
	c.Stderr = os.Stderr
	out, err := c.Output()
	if err != nil {
		f.t.Fatalf("%s: %v", args, err)
	}
	return strings.TrimSpace(string(out))
}

func (f *intakeFault) start(args ...string) *exec.Cmd {
	f.t.Helper()
	c := exec.Command(f.program, append(args, "--data", f.dir, "--log-level", "error")...)
	c.Stderr = os.Stderr
	must(f.t, c.Start())
	return c
}

func (f *intakeFault) startServer() {
	f.server = f.start("nats", "serve", "--nats-listen", f.natsAddress, "--node-key", f.nodeKey)
}

func (f *intakeFault) startNode() {
	if f.embedded {
		f.node = f.start("serve", "--listen", "127.0.0.1:0", "--nats-listen", f.natsAddress)
		return
	}
	f.node = f.start("serve", "--listen", "127.0.0.1:0", "--nats-url", "nats://"+f.natsAddress, "--nats-key",
		f.nodeSeed)
}

func kill(c *exec.Cmd) {
	_ = c.Process.Signal(syscall.SIGKILL) // it may have ended
	_ = c.Wait()
}

// publish publishes commands one after another, each until it is acknowledged.
func (f *intakeFault) publish(stop <-chan struct{}) (left int, err error) {
	key, err := nats.NkeyOptionFromSeed(filepath.Join(f.dir, "gw.nk"))
	if err != nil {
		return 0, err
	}
	conn, err := nats.Connect("nats://"+f.natsAddress, key, nats.CustomInboxPrefix(natsconn.InboxPrefix("gw")),
		nats.RetryOnFailedConnect(true),
		nats.MaxReconnects(-1), nats.ReconnectWait(20*time.Millisecond), nats.ReconnectBufSize(-1),
		nats.ErrorHandler(func(*nats.Conn, *nats.Subscription, error) {}))
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
		m := intakeMessage("gw", fmt.Sprint("e-", left), "login.report", time.Now(),
			fmt.Sprintf(`{"user":"u%d","outcome":"failed","reason":"bad_credentials"}`, left%intakeUsers))
		for begun := time.Now(); ; {
			if _, err = js.PublishMsg(f.t.Context(), m); err == nil {
				break
			}
			if time.Since(begun) > intakeWithin {
				return left, fmt.Errorf("command %d: timed out: got no acknowledgement, want one: %w", left, err)
			}
			time.Sleep(10 * time.Millisecond)
		}
	}
}

// TestFaultEdge kills the node at 50 random instants, and the NATS server at some of
// them, while a gateway publishes to the intake. The node records each command once
// and in order. Each endpoint receives every event at least once, under one id, and
// the first deliveries are in order. A slow endpoint delays no other. The second run
// has an embedded server.
func TestFaultEdge(t *testing.T) {
	program := program(t)
	t.Run("own", func(t *testing.T) {
		(&intakeFault{t: t, program: program, dir: t.TempDir()}).killRepeatedly(intakeKills, intakeKillsOwn)
	})
	t.Run("embedded", func(t *testing.T) {
		(&intakeFault{t: t, program: program, dir: t.TempDir(), embedded: true}).killRepeatedly(intakeKillsIn, 0)
	})
}

func (f *intakeFault) killRepeatedly(kills, killsOwn int) {
	t, chance := f.t, faultChance(f.t)
	f.natsAddress = freeAddress(t)
	f.nodeSeed = filepath.Join(f.dir, "node.nk")
	f.nodeKey = f.run("nats", "key", f.nodeSeed)
	f.run("token", "add", "gw", "--role", "gateway", "--nkey",
		f.run("nats", "key", filepath.Join(f.dir, "gw.nk")))
	wrongs := rand.New(rand.NewPCG(chance.Uint64(), 2))
	// each costs the first pause of the schedule
	f.swift = newEndpoint(0, func() bool { return wrongs.IntN(2000) == 0 })
	f.slow = newEndpoint(100*time.Millisecond, func() bool { return false })
	defer f.swift.Close()
	defer f.slow.Close()
	if !f.embedded {
		f.startServer()
		defer func() { kill(f.server) }()
	}
	f.startNode()
	defer func() { kill(f.node) }()
	f.run("webhook", "add", "swift", f.swift.URL, "--allow-private", "--type", "login.failed", "--type",
		"lockout.started")
	f.run("webhook", "add", "slow", f.slow.URL, "--allow-private", "--type", "lockout.started")
	stop, done := make(chan struct{}), make(chan error, 1)
	left := 0
	go func() {
		var err error
		left, err = f.publish(stop)
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
	if !f.embedded && f.swift.redeliveries()+f.slow.redeliveries() <= 0 {
		t.Errorf("interrupted deliveries: got %d, want at least 1", f.swift.redeliveries()+f.slow.redeliveries())
		return
	}
	swift, receivedSwift, _ := f.swift.firstDeliveries()
	slow, receivedSlow, _ := f.slow.firstDeliveries()
	announce("edge: %d SIGKILLs of the node, %d of the NATS server (embedded: %t): %d commands published and "+
		"recorded, 0 twice or out of order; endpoints received %d and %d events, %d of them twice, 0 missing or "+
		"out of order",
		kills, killsOwn, f.embedded, left, len(swift), len(slow), receivedSwift+receivedSlow-len(swift)-len(slow))
}

// check waits until both endpoints have received everything, and stops the node to
// read the log.
func (f *intakeFault) check(left int) {
	locked := min(max(left-9*intakeUsers, 0), intakeUsers) // at the tenth failure of each user (LOCK-1)
	var swift, slow []string
	for clientVerdict := time.Now(); ; { // the time limit begins again with each delivery
		before := len(swift) + len(slow)
		swift, _, _ = f.swift.firstDeliveries()
		slow, _, _ = f.slow.firstDeliveries()
		if len(swift)+len(slow) > before {
			clientVerdict = time.Now()
		}
		if len(swift) >= left+locked && len(slow) >= locked || time.Since(clientVerdict) > intakeWithin {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	must(f.t, f.node.Process.Signal(syscall.SIGTERM))
	if err := f.node.Wait(); err != nil {
		f.t.Errorf("end of the node: got %v, want exit code 0", err)
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
				f.t.Fatalf("record %d: got command %s, want e-%d", r.Seq, r.Command.ID, reports)
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
		f.t.Errorf("records: got %d, want the %d published commands", reports, left)
	}
	swift, _, badSwift := f.swift.firstDeliveries()
	slow, _, badSlow := f.slow.firstDeliveries()
	if badSwift+badSlow != "" {
		f.t.Errorf("ids of redeliveries: got %s %s, want the first ids", badSwift, badSlow)
	}
	if fmt.Sprint(swift) != fmt.Sprint(want.swift) {
		f.t.Errorf("fast endpoint: got %d events, want %d, %v", len(swift), len(want.swift),
			firstDifference(swift, want.swift))
	}
	if fmt.Sprint(slow) != fmt.Sprint(want.slow) {
		f.t.Errorf("slow endpoint: got %d events, want %d, %v", len(slow), len(want.slow),
			firstDifference(slow, want.slow))
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

// intakeMessage returns a command as a message of the intake.
func intakeMessage(caller, id, kind string, at time.Time, data string) *nats.Msg {
	return &nats.Msg{Subject: natsconn.IntakeSubject(realmDefault, caller), Data: []byte(data),
		Header: nats.Header{
			"ce-specversion": {"1.0"}, "ce-id": {id}, "ce-source": {"gateway/" + caller}, "ce-type": {kind},
			"ce-time": {at.UTC().Format(time.RFC3339Nano)},
		}}
}
