package watermill

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"go.uber.org/goleak"

	"authledger/domain"
	"authledger/eventstore"
	"authledger/eventstore/memory"
	"authledger/eventstore/seal"
	"authledger/projections"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience is the time limit of a test for an expected message.
const patience = time.Minute

// openLedger opens a ledger in memory that is closed after the test.
func openLedger(t testing.TB) *eventstore.Ledger {
	t.Helper()
	l, _ := openClosable(t)
	return l
}

// openClosable opens a ledger in memory that the test may close earlier.
func openClosable(t testing.TB) (_ *eventstore.Ledger, end func() error) {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	master, err := seal.CreateMaster(filepath.Join(t.TempDir(), "master"))
	must(err)
	keys, err := seal.Open(t.TempDir(), master, seal.Options{Create: true})
	must(err)
	rows, err := projections.Open(t.TempDir(), projections.Options{Log: slog.New(slog.DiscardHandler)})
	must(err)
	dir := t.TempDir()
	must(eventstore.CreateHead(dir, domain.Position{}))
	l, err := eventstore.Open(context.Background(), eventstore.Options{
		Dir: dir, Manifest: eventstore.NewManifest("main", "{}"), Store: memory.New(), State: rows, Keys: keys,
		Node: "n1", DiskFreeMin: 1, Log: slog.New(slog.DiscardHandler),
	})
	must(err)
	end = sync.OnceValue(func() error {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		return errors.Join(l.Close(ctx), rows.Close(), keys.Close())
	})
	t.Cleanup(func() {
		if err := end(); err != nil {
			t.Error(err)
		}
	})
	return l, end
}

// failures publishes failed logins of a user. The tenth causes two events.
func failures(t testing.TB, p *Publisher, user string, times int) {
	t.Helper()
	var all []*message.Message
	for i := range times {
		all = append(all,
			message.NewMessage(fmt.Sprint(user, "-", i),
				fmt.Appendf(nil, `{"user":%q,"outcome":"failed","reason":"bad_credentials","ip":"192.0.2.7"}`, user)))
	}
	if err := p.Publish("login.report", all...); err != nil {
		t.Fatal(err)
	}
}

// next returns the next message of a subscription.
func next(t testing.TB, from <-chan *message.Message) *message.Message {
	t.Helper()
	select {
	case m, ok := <-from:
		if !ok {
			t.Fatal("the subscription ended, want a message")
		}
		return m
	case <-time.After(patience):
		t.Fatalf("timed out after %v: got no message, want one", patience)
		return nil
	}
}

// ended waits for the end of a subscription.
func ended(t testing.TB, from <-chan *message.Message) {
	t.Helper()
	select {
	case m, ok := <-from:
		if ok {
			t.Errorf("got message %s, want the end of the subscription", m.UUID)
		}
	case <-time.After(patience):
		t.Errorf("timed out after %v: got an open subscription, want its end", patience)
	}
}
