package eventstore_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"authledger/domain"
	"authledger/eventstore"
	"authledger/eventstore/audit"
	"authledger/eventstore/memory"
	"authledger/eventstore/seal"
	"authledger/eventstore/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// shorter returns the number of rounds of a loop: short with -short, otherwise rounds.
func shorter(rounds, short int) int {
	if testing.Short() {
		return short
	}
	return rounds
}

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// patience is the maximum duration of a wait in a test.
const patience = time.Minute

// realm is a log in memory with the parts that a ledger is opened on.
type realm struct {
	t        testing.TB
	manifest eventstore.Manifest
	store    *memory.Store
	keys     *seal.Store
	master   seal.Master
	now      func() time.Time
	second   int // commands that must wait before a second commit is sent; 0 means 1
}

func newRealm(t testing.TB) *realm {
	t.Helper()
	master, err := seal.CreateMaster(filepath.Join(t.TempDir(), "master"))
	if err != nil {
		t.Fatal(err)
	}
	keys, err := seal.Open(t.TempDir(), master, seal.Options{Create: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { keys.Close() })
	return &realm{
		t: t, manifest: eventstore.NewManifest("main", "{}"), store: memory.New(), keys: keys, master: master,
		now: func() time.Time { return noon },
	}
}

// options returns the options of a ledger on state and store, with a separate head. Unless the field second
// is set, the ledger sends a second commit with one command, so that a few commands are in two commits.
func (r *realm) options(state eventstore.State, store eventstore.Store) eventstore.Options {
	r.t.Helper()
	dir := r.t.TempDir()
	if err := eventstore.CreateHead(dir, domain.Position{}); err != nil {
		r.t.Fatal(err)
	}
	return eventstore.Options{
		Dir: dir, Manifest: r.manifest, Store: store, State: state, Keys: r.keys, Node: "n1",
		DiskFreeMin: 1, Now: r.now, Log: slog.New(slog.DiscardHandler),
		Scrubs: []eventstore.Scrub{r.logScrub(state, store)},
	}.SecondMin(max(r.second, 1))
}

func (r *realm) open(state eventstore.State, store eventstore.Store) *eventstore.Ledger {
	r.t.Helper()
	return mustOpen(r.t, r.options(state, store))
}

func mustOpen(t testing.TB, o eventstore.Options) *eventstore.Ledger {
	t.Helper()
	l, err := eventstore.Open(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func mustClose(t testing.TB, l *eventstore.Ledger) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := l.Close(ctx); err != nil {
		t.Errorf("close: %v", err)
	}
}

// command returns a command of a gateway at noon.
func command(id string, data domain.CommandData) domain.Command {
	return domain.Command{Source: "gateway/test", ID: id, Time: noon, Caller: "test", Data: data}
}

func failure(id, user string) domain.Command {
	return command(id, &domain.LoginReport{User: user, Outcome: domain.Failed, Reason: "bad_credentials"})
}

func success(id, user string) domain.Command {
	return command(id, &domain.LoginReport{User: user, Outcome: domain.Succeeded})
}

func adopt(id string, p *domain.Policy) domain.Command {
	return command(id, &domain.PolicyAdopt{Policy: *p, By: "officer.olga"})
}

func backfilled(c domain.Command) domain.Command {
	c.Backfill = true
	return c
}

func submit(t testing.TB, l *eventstore.Ledger, c domain.Command) *eventstore.Ticket {
	t.Helper()
	ticket, err := l.Submit(context.Background(), c)
	if err != nil {
		t.Fatalf("submit %s: %v", c.ID, err)
	}
	return ticket
}

func answer(t testing.TB, ticket *eventstore.Ticket) domain.Verdict {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	v, err := ticket.Wait(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func do(t testing.TB, l *eventstore.Ledger, c domain.Command) domain.Verdict {
	t.Helper()
	return answer(t, submit(t, l, c))
}

// formatted returns the verdict as JSON.
func formatted(v domain.Verdict) string { return string(wire.AppendVerdict(nil, &v)) }

// formattedFirst returns the verdict as JSON without the mark of a duplicate.
func formattedFirst(v domain.Verdict) string {
	v.Duplicate = false
	return formatted(v)
}

// records returns the stored records without their sealed members, whose nonces are
// random.
func (r *realm) records() []string {
	r.t.Helper()
	var lines []string
	for m, err := range r.store.Join().Read(context.Background(), 1) {
		if err != nil {
			r.t.Fatal(err)
		}
		c, err := eventstore.ReadCommit(r.manifest.Realm, m)
		if err != nil {
			r.t.Fatal(err)
		}
		for i := range c.Records {
			record := c.Records[i]
			record.Personal = nil
			lines = append(lines, string(wire.AppendRecord(nil, &record)))
		}
	}
	return lines
}

// verify fails the test unless the log is intact and holds this number of records.
func (r *realm) verify(records int) {
	r.t.Helper()
	v, err := audit.Verify(context.Background(), r.manifest, r.store.Join(), domain.Position{}, newFolded(), nil)
	if err != nil {
		r.t.Errorf("verify: %v", err)
	}
	if v.Records != uint64(records) {
		r.t.Errorf("the log holds %d records, want %d", v.Records, records)
	}
}

// wantFault fails the test unless err is a fault at this stream position and record.
func wantFault(t testing.TB, err error, stream, seq uint64, text string) {
	t.Helper()
	fault, ok := errors.AsType[*eventstore.Fault](err)
	switch {
	case !ok:
		t.Errorf("%v, want a fault at position %d, record %d", err, stream, seq)
	case fault.Stream != stream || fault.Seq != seq || !strings.Contains(fault.Error(), text):
		t.Errorf("%v; want position %d, record %d, %q", fault, stream, seq, text)
	}
}

// closed waits until c is closed or receives a value.
func closed[T any](t testing.TB, what string, c <-chan T) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(patience):
		t.Fatalf("timed out after %v, want: %s", patience, what)
		panic("unreachable")
	}
}

func names(n int) []string {
	s := make([]string, n)
	for i := range s {
		s[i] = fmt.Sprintf("user%03d", i)
	}
	return s
}

func sameLines(t testing.TB, got, want []string) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%d records, want %d", len(got), len(want))
	}
	for i := range min(len(got), len(want)) {
		if !bytes.Equal([]byte(got[i]), []byte(want[i])) {
			t.Errorf("record %d\n got %s\nwant %s", i+1, got[i], want[i])
		}
	}
}
