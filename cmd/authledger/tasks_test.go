package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"authledger/cmd/internal/node"
	"authledger/domain"
)

// serveLocal opens a node on a directory, with its socket.
func serveLocal(t *testing.T, dir string) (n *node.Node, stop func()) {
	t.Helper()
	where := node.ServerOptions{Listen: "127.0.0.1:0", Log: slog.New(slog.DiscardHandler), Now: time.Now}
	e, err := node.StartServer(where)
	if err != nil {
		t.Fatal(err)
	}
	o := alteredNode(dir)
	o.ScrubRows, o.Locked = false, e.ListenLocal
	if n, err = node.Open(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	e.ServeNode(n)
	return n, func() {
		mustDo(t, e.Shutdown())
		mustDo(t, n.Close())
	}
}

// runLocal runs a command on a data directory.
func runLocal(t *testing.T, dir string, args ...string) (code int, out, errs string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	getenv := func(string) string { return "" }
	code = run(t.Context(), append(args, "--data", dir), strings.NewReader(""), &stdout, &stderr, getenv)
	return code, stdout.String(), stderr.String()
}

// A running node finds a row that was changed while the node was stopped. `rebuild` replaces the
// rows for the next start, after which `verify` finds no fault.
func TestVerifyOfRunningNodeFindsAlteredRow(t *testing.T) {
	dir := writeAllTables(t)
	db := openRows(t, dir)
	deleteRow(t, db, 'l')
	mustDo(t, db.Flush())
	mustDo(t, db.Close())

	_, stop := serveLocal(t, dir)
	code, _, errs := runLocal(t, dir, "verify")
	if code != exitFault || !strings.Contains(errs, "the log is intact, but the projections differ from it") {
		t.Errorf("verify: got exit code %d and %q, want %d and the difference", code, errs, exitFault)
	}
	code, _, errs = runLocal(t, dir, "rebuild")
	if code != exitDone || !strings.Contains(errs, "the node opens the new projections at its next start") {
		t.Errorf("rebuild: got exit code %d and %q, want %d", code, errs, exitDone)
	}
	stop()

	_, stop = serveLocal(t, dir)
	if code, _, errs := runLocal(t, dir, "verify"); code != exitDone {
		t.Errorf("verify after the rebuild: got exit code %d and %q, want %d", code, errs, exitDone)
	}
	stop()
	if code, _, errs := runLocal(t, dir, "verify"); code != exitDone {
		t.Errorf("verify of the stopped node: got exit code %d and %q, want %d", code, errs, exitDone)
	}
}

// While a node decides commands, `verify` ends at a record that the log had at its start or that
// was recorded since, and `rebuild` misses no record.
func TestVerifyBesideTraffic(t *testing.T) {
	dir := writeAllTables(t)
	n, stop := serveLocal(t, dir)
	done := make(chan struct{})
	var traffic sync.WaitGroup
	traffic.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-done:
				return
			default:
			}
			user := fmt.Sprint("user", i%50)
			report := domain.LoginReport{User: user, Outcome: domain.Failed, Reason: "bad_credentials"}
			v, err := n.Ledger.Do(t.Context(), domain.Command{
				Source: "traffic", ID: fmt.Sprint("t-", i), Time: time.Now(), Caller: "traffic", Data: &report,
			})
			if err != nil || v.Status == domain.Invalid {
				t.Errorf("command %d: %+v, %v", i, v, err)
				return
			}
		}
	})
	for range 5 {
		from := n.Rows.Position().Seq
		code, out, errs := runLocal(t, dir, "verify", "--json")
		var v node.Verified
		err := json.Unmarshal([]byte(out), &v)
		if code != exitDone || err != nil || v.End.Seq < from || v.Records != v.End.Seq {
			t.Errorf("verify: got exit code %d, %s %s, want a position of at least %d", code, out, errs, from)
		}
	}
	if code, _, errs := runLocal(t, dir, "rebuild"); code != exitDone {
		t.Errorf("rebuild: got exit code %d and %q, want %d", code, errs, exitDone)
	}
	close(done)
	traffic.Wait()
	last := n.Rows.Position().Seq
	stop()
	code, out, errs := runLocal(t, dir, "verify", "--json")
	if want := fmt.Sprintf(`"records":%d,`, last); code != exitDone || !strings.Contains(out, want) {
		t.Errorf("verify of the stopped node: got exit code %d, %s %s, want %s", code, out, errs, want)
	}
}
