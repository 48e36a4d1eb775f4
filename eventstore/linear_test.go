package eventstore_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"authledger/domain"
	"authledger/eventstore"
	"authledger/eventstore/memory"
)

// Size of one history of concurrent withdrawals.
const (
	linearHistories      = 10
	linearHistoriesShort = 4
	linearClients        = 16
	linearSources        = 3
	linearAccounts       = 40
	linearEach           = 40      // withdrawals of each client
	linearLimit          = 200_000 // USD a day, the limit of the only card
)

// withdrawalInput is one withdrawal that a client requests, the input of the checker.
type withdrawalInput struct {
	account string
	usd     int64
}

type outcome int

const (
	notKnown outcome = iota
	approved
	refused
)

// windowSum is the specification: the state of an account is the sum of the approved
// amounts. A withdrawal of unknown outcome ends at the end of time, so that the checker
// may place it after all others, where it has no effect.
var windowSum = porcupine.Model{
	Partition: func(history []porcupine.Operation) [][]porcupine.Operation {
		byAccount := map[string][]porcupine.Operation{}
		for _, o := range history {
			account := o.Input.(withdrawalInput).account
			byAccount[account] = append(byAccount[account], o)
		}
		var parts [][]porcupine.Operation
		for _, part := range byAccount {
			parts = append(parts, part)
		}
		return parts
	},
	Init: func() any { return int64(0) },
	Step: func(state, input, output any) (bool, any) {
		sum, usd := state.(int64), input.(withdrawalInput).usd
		fits := sum+usd <= linearLimit
		if fits {
			sum += usd
		}
		return output == notKnown || fits == (output == approved), sum
	},
}

// clients run one history on the ledgers, each withdrawal on a random ledger.
type clients struct {
	ledgers []*eventstore.Ledger
	tries   int // maximum number of sends of one withdrawal
	mu      sync.Mutex
	history []porcupine.Operation
	clock   atomic.Int64
	errs    []error
}

func (c *clients) run(seed uint64) {
	var all sync.WaitGroup
	for client := range linearClients {
		all.Go(func() {
			chance := rand.New(rand.NewPCG(seed, uint64(client)))
			for i := range linearEach {
				c.request(chance, client, fmt.Sprintf("w%d-%d", client, i))
			}
		})
	}
	all.Wait()
}

// request sends a withdrawal until its client knows the outcome, or has no tries left.
func (c *clients) request(chance *rand.Rand, client int, withdrawal string) {
	in := withdrawalInput{fmt.Sprint("U", chance.IntN(linearAccounts)), 1000 * (1 + chance.Int64N(40))}
	o := porcupine.Operation{ClientId: client, Input: in, Call: c.clock.Add(1)}
	out, tries := notKnown, 1+chance.IntN(c.tries)
	for try := range tries {
		id := withdrawal
		if try > 0 && chance.IntN(2) == 0 {
			id += "-again"
		}
		request := &domain.WithdrawalRequest{Withdrawal: withdrawal, Account: in.account, User: "alice",
			Device: "card", Amount: fmt.Sprint(in.usd), Currency: "USD"}
		send := command(id, request)
		send.Source = fmt.Sprint("gateway/", client%linearSources)
		got := c.send(chance, send)
		if out != notKnown && got != notKnown && got != out {
			c.fail(fmt.Errorf("verdict on %s: got %d, want %d as before", withdrawal, got, out))
		}
		out = max(out, got)
	}
	o.Output, o.Return = out, c.clock.Add(1)
	if out == notKnown {
		o.Return = math.MaxInt64
	}
	c.mu.Lock()
	c.history = append(c.history, o)
	c.mu.Unlock()
}

// send stops waiting in one of eight cases. The outcome is then unknown.
func (c *clients) send(chance *rand.Rand, send domain.Command) outcome {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	impatient := chance.IntN(8) == 0
	t, err := c.ledgers[chance.IntN(len(c.ledgers))].Submit(ctx, send)
	if err != nil {
		c.fail(err)
		return notKnown
	}
	if impatient {
		cancel()
	}
	switch v, err := t.Wait(ctx); {
	case err != nil && impatient && errors.Is(err, context.Canceled):
	case err != nil:
		c.fail(err)
	case v.Status == domain.Accepted:
		return approved
	case v.Reason == domain.DailyLimit:
		return refused
	default:
		c.fail(errors.New(formatted(v)))
	}
	return notKnown
}

func (c *clients) fail(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.errs = append(c.errs, err)
}

func (c *clients) count(what outcome) (n int) {
	for _, o := range c.history {
		if o.Output == what {
			n++
		}
	}
	return n
}

// runClients runs a history on the log of r, through one ledger for each store.
func runClients(t *testing.T, r *realm, seed uint64, tries int, stores ...eventstore.Store) *clients {
	t.Helper()
	first := r.open(newFolded(), r.store.Join())
	do(t, first, activate("card", "alice", "card"))
	mustClose(t, first)
	c := &clients{tries: tries}
	for i, store := range stores {
		o := r.options(newFolded(), store)
		o.Node = fmt.Sprint("n", i)
		c.ledgers = append(c.ledgers, mustOpen(t, o))
	}
	c.run(seed)
	return c
}

// legal reports whether a sequential order of the withdrawals explains all verdicts.
func (c *clients) legal(t *testing.T) bool {
	t.Helper()
	result := porcupine.CheckOperationsTimeout(windowSum, c.history, patience)
	if result == porcupine.Unknown {
		t.Errorf("timed out after %v: got no result of the check of the history, want one", patience)
	}
	return result == porcupine.Ok
}

// TestWithdrawal_Linearizable checks that the verdicts on concurrent withdrawals,
// through one or two nodes, are those of a sequential order, and that no account exceeds
// its limit (WD-8).
func TestWithdrawal_Linearizable(t *testing.T) {
	seed := rand.Uint64()
	base, histories := newRealm(t), shorter(linearHistories, linearHistoriesShort)
	for _, nodes := range []int{1, 2} {
		operations, refusals, unknowns := 0, 0, 0
		for i := range histories {
			r := *base
			r.second = []int{1, eventstore.SecondMin}[i%2]
			r.store = memory.New()
			stores := []eventstore.Store{r.store}
			if nodes == 2 {
				stores = append(stores, r.store.Join())
			}
			c := runClients(t, &r, seed+uint64(i), 2, stores...)
			for _, l := range c.ledgers {
				mustClose(t, l)
			}
			if len(c.errs) > 0 {
				t.Fatalf("seed %d: got error %v, want none", seed+uint64(i), c.errs[0])
			}
			if !c.legal(t) {
				t.Errorf("seed %d, %d nodes: got verdicts that no sequential order explains", seed+uint64(i), nodes)
			}
			overLimit(t, &r)
			operations, refusals, unknowns = operations+len(c.history), refusals+c.count(refused),
				unknowns+c.count(notKnown)
		}
		t.Logf("%d nodes: %d histories, %d withdrawals, %d refused, %d of unknown outcome, seed %d", nodes,
			histories, operations, refusals, unknowns, seed)
		if refusals < operations/4 || refusals > operations*3/4 || unknowns == 0 {
			t.Errorf("%d withdrawals: got %d refused and %d unknown, want a quarter to three quarters and at least 1",
				operations, refusals, unknowns)
		}
	}
}

// overLimit verifies the log and adds up the approved amounts.
func overLimit(t *testing.T, r *realm) {
	t.Helper()
	sums, records := map[string]int64{}, 0
	for _, c := range commitsOf(t, r) {
		records += len(c.Records)
		for i := range c.Records {
			request, ok := c.Records[i].Command.Data.(*domain.WithdrawalRequest)
			if !ok || c.Records[i].Status != domain.Accepted {
				continue
			}
			var usd int64
			fmt.Sscan(request.Amount, &usd)
			if sums[request.Account] += usd; sums[request.Account] > linearLimit {
				t.Errorf("record %d: got %d USD approved of account %s, want at most %d", c.Records[i].Seq,
					sums[request.Account], request.Account, linearLimit)
			}
		}
	}
	r.verify(records)
}

// TestWithdrawal_NoFence checks that the checker detects two nodes without a fence, which approve more
// than the limit. A node that reads a foreign commit stops, so no client sends again, and a node that
// stops early approves too little: the test tries histories until the checker detects one.
func TestWithdrawal_NoFence(t *testing.T) {
	const histories = 100
	base := newRealm(t)
	for seed := range uint64(histories) {
		if !unfencedHistory(t, base, seed).legal(t) {
			t.Logf("detected in history %d", seed+1)
			return
		}
	}
	t.Errorf("two nodes without a fence: got no account over its limit in %d histories, want one", histories)
}

// unfencedHistory returns the approvals of two nodes without a fence. Without the other verdicts, the
// checker finds a fault only if an account is over its limit.
func unfencedHistory(t *testing.T, base *realm, seed uint64) *clients {
	t.Helper()
	r := *base
	r.store = memory.New()
	raw := r.store.Join()
	c := runClients(t, &r, seed, 1, &unfenced{Store: r.store, raw: raw},
		&unfenced{Store: r.store.Join(), raw: raw})
	for _, l := range c.ledgers {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		l.Close(ctx) // the state of each node differs from the log, so the error is ignored
		cancel()
	}
	c.history = slices.DeleteFunc(c.history, func(o porcupine.Operation) bool { return o.Output != approved })
	return c
}
