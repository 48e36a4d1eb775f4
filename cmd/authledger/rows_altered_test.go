package main

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2"

	"authledger/cmd/internal/node"
	"authledger/cmd/internal/nodetest"
	"authledger/domain"
	"authledger/eventstore"
	"authledger/projections"
	"authledger/projections/rows"
)

func alteredNode(dir string) node.Options {
	return node.Options{
		Dir: dir, Realm: realmDefault, Name: nodeDefault, Log: slog.New(slog.DiscardHandler),
		ScrubRows: true, ScrubRecords: 1_000_000, Pseudonymous: true,
	}
}

// writeAllTables writes a ledger whose rows are in every table.
func writeAllTables(t *testing.T) string {
	dir := t.TempDir()
	n, err := node.Open(t.Context(), alteredNode(dir))
	if err != nil {
		t.Fatal(err)
	}
	policy := *domain.IBKRSLS()
	policy.Version = "altered@1"
	commands := []domain.CommandData{&domain.PolicyAdopt{Policy: policy, By: "officer"}}
	for _, user := range []string{"alice1", "bobby1"} {
		commands = append(commands,
			&domain.DeviceActivate{User: user, Device: "d-" + user, Class: domain.IBKRMobile, Method: domain.QR},
			&domain.WithdrawalRequest{Withdrawal: "w-" + user, Account: "U1" + user, User: user, Device: "d-" + user,
				Amount: "10", Currency: "USD"},
			&domain.WithdrawalSettle{Withdrawal: "w-" + user, Account: "U1" + user},
			&domain.LoginBegin{User: user, Attempt: "a-" + user, Platform: "tws", IP: "192.0.2.7"},
			&domain.PersonHold{User: user, Case: "L-" + user, By: "officer"},
			&domain.LoginReport{User: "former" + user, Outcome: domain.Succeeded, Platform: "tws"},
			&domain.PersonForget{User: "former" + user, Case: "C-" + user, By: "officer"},
		)
		for range 17 {
			commands = append(commands,
				&domain.LoginReport{User: user, Outcome: domain.Failed, Reason: "bad_credentials", Platform: "tws"})
		}
	}
	for i, data := range commands {
		v, err := n.Ledger.Do(t.Context(),
			domain.Command{Source: "test", ID: fmt.Sprint("c-", i), Time: time.Now(), Caller: "test", Data: data})
		if err != nil || v.Status == domain.Invalid {
			t.Fatalf("command %d, %T: got %+v, %v, want a recorded verdict", i, data, v, err)
		}
	}
	wantTables := len(n.Rows.Versions()) - 1 // without the layout of the states
	if err := n.Close(); err != nil {
		t.Fatal(err)
	}
	db := openRows(t, dir)
	tables := tablesOf(t, db)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if len(tables) != wantTables {
		t.Fatalf("tables with rows: got %q, want %d, one for each projection", tables, wantTables)
	}
	return dir
}

// tablesOf returns the first bytes of the keys of all tables that have rows, except the table of
// the checkpoint.
func tablesOf(t *testing.T, db *pebble.DB) (tables []byte) {
	t.Helper()
	it, err := db.NewIter(nil)
	if err != nil {
		t.Fatal(err)
	}
	for ok := it.First(); ok; ok = it.SeekGE([]byte{it.Key()[0] + 1}) {
		if table := it.Key()[0]; table != rows.CheckpointTable {
			tables = append(tables, table)
		}
	}
	if err := it.Close(); err != nil {
		t.Fatal(err)
	}
	return tables
}

// openRows opens the Pebble directory of a ledger's rows.
func openRows(t *testing.T, dir string) *pebble.DB {
	t.Helper()
	current, err := os.ReadFile(filepath.Join(dir, node.ProjectionsDir, "CURRENT"))
	if err != nil {
		t.Fatal(err)
	}
	db, err := pebble.Open(filepath.Join(dir, node.ProjectionsDir, strings.TrimSpace(string(current))),
		&pebble.Options{DisableWAL: true, ErrorIfNotExists: true, Logger: quietPebble{}})
	if err != nil {
		t.Fatal(err)
	}
	return db
}

type quietPebble struct{}

func (quietPebble) Infof(string, ...any)  {}
func (quietPebble) Errorf(string, ...any) {}
func (quietPebble) Fatalf(format string, args ...any) {
	panic(fmt.Sprintf(format, args...))
}

// rowsOf reads the keys and the values of a table.
func rowsOf(t *testing.T, db *pebble.DB, table byte) (keys, values [][]byte) {
	t.Helper()
	it, err := db.NewIter(&pebble.IterOptions{LowerBound: []byte{table}, UpperBound: []byte{table + 1}})
	if err != nil {
		t.Fatal(err)
	}
	for ok := it.First(); ok; ok = it.Next() {
		keys, values = append(keys, bytes.Clone(it.Key())), append(values, bytes.Clone(it.Value()))
	}
	if err := it.Close(); err != nil {
		t.Fatal(err)
	}
	return keys, values
}

// alterRows changes rows of a table, and returns the key of the first changed row. It returns nil if
// the table does not permit the change.
type alterRows func(t *testing.T, db *pebble.DB, table byte) []byte

func deleteRow(t *testing.T, db *pebble.DB, table byte) []byte {
	keys, _ := rowsOf(t, db, table)
	if len(keys) == 0 {
		t.Fatalf("table %c: got no rows, want at least 1", table)
	}
	if err := db.Delete(keys[0], pebble.NoSync); err != nil {
		t.Fatal(err)
	}
	return keys[0]
}

// swapRows swaps the values of two rows, so that both rows still decode.
func swapRows(t *testing.T, db *pebble.DB, table byte) []byte {
	keys, values := rowsOf(t, db, table)
	for i := range keys {
		if bytes.Equal(values[0], values[i]) {
			continue
		}
		err := errors.Join(db.Set(keys[0], values[i], pebble.NoSync), db.Set(keys[i], values[0], pebble.NoSync))
		if err != nil {
			t.Fatal(err)
		}
		return keys[0]
	}
	return nil
}

func addRow(t *testing.T, db *pebble.DB, table byte) []byte {
	keys, values := rowsOf(t, db, table)
	more := append(bytes.Clone(keys[len(keys)-1]), 0)
	if err := db.Set(more, values[len(keys)-1], pebble.NoSync); err != nil {
		t.Fatal(err)
	}
	return more
}

// TestScrubStopsTheNodeOnAlteredRows checks that the scrub finds and names an altered row of every
// table, and that the node then stops with exit code 3.
func TestScrubStopsTheNodeOnAlteredRows(t *testing.T) {
	t.Parallel()
	intact := writeAllTables(t)
	db := openRows(t, intact)
	tables := tablesOf(t, db)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	ways := map[string]alterRows{"deleted": deleteRow, "swapped": swapRows, "added": addRow}
	for _, table := range tables {
		for how, alter := range ways {
			t.Run(fmt.Sprintf("%c %s", table, how), func(t *testing.T) {
				t.Parallel()
				dir := t.TempDir()
				if err := nodetest.CopyDirectory(dir, intact); err != nil {
					t.Fatal(err)
				}
				db := openRows(t, dir)
				k := alter(t, db, table)
				if err := errors.Join(db.Flush(), db.Close()); err != nil {
					t.Fatal(err)
				}
				if k != nil {
					wantAlteredRowFound(t, dir, k)
				}
			})
		}
	}
}

func wantAlteredRowFound(t *testing.T, dir string, k []byte) {
	n, err := node.Open(t.Context(), alteredNode(dir))
	if err != nil {
		wantAltered(t, err, k) // the row was read at start
		return
	}
	if n.Rows.Damage() != nil { // the start has quarantined and rebuilt the rows
		if err := n.Close(); err != nil {
			t.Fatal(err)
		}
		return
	}
	select {
	case <-n.Ledger.Failed():
	case <-time.After(5 * time.Minute):
		t.Fatal("timed out after 5 minutes: got no altered row from the scrub, want one")
	}
	err = n.Ledger.Err()
	closed := n.Close()
	wantAltered(t, err, k)
	if code := exitCode(closed); code != exitFault {
		t.Errorf("close the node: got exit code %d of %v, want %d", code, closed, exitFault)
	}
}

func wantAltered(t *testing.T, err error, k []byte) {
	t.Helper()
	var fault *eventstore.Fault
	if errors.Is(err, projections.ErrDamaged) {
		return
	}
	named := fmt.Sprintf("row %q", k[1:])
	if !errors.As(err, &fault) || !strings.Contains(err.Error(), named) ||
		!strings.Contains(err.Error(), "authledger rebuild") {
		t.Errorf("got %v, want a fault that contains %s and `authledger rebuild`", err, named)
	}
}

// TestScrubFindsNoDifferenceInSoundRows checks that a complete round of the scrub finds no difference
// in intact rows.
func TestScrubFindsNoDifferenceInSoundRows(t *testing.T) {
	n, err := node.Open(t.Context(), alteredNode(writeAllTables(t)))
	if err != nil {
		t.Fatal(err)
	}
	for n.Ledger.Health().Compared == 0 && n.Ledger.Err() == nil {
		runtime.Gosched()
	}
	if err := n.Close(); err != nil {
		t.Fatal(err)
	}
}
