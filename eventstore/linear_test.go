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

// How large one history of concurrent withdrawals is.
const (
	linearHistories = 20
	linearClients   = 16
	linearSources   = 3
	linearAccounts  = 40
	linearEach      = 40      // withdrawals of a client
	linearLimit     = 200_000 // USD a day, of the card that authenticates all
)

// asking is one withdrawal, and what came of it as its client knows.
type asking struct {
	account string
	usd     int64
}

type outcome int

const (
	notKnown outcome = iota
	approved
	refused
)

// windowSum is the specification: an account is the sum that was approved. What
// nobody knows the outcome of ends at the end of time; there it may have been
// decided after all else, which is as good as never.
var windowSum = porcupine.Model{
	Partition: func(history []porcupine.Operation) [][]porcupine.Operation {
		byAccount := map[string][]porcupine.Operation{}
		for _, o := range history {
			account := o.Input.(asking).account
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
		sum, usd := state.(int64), input.(asking).usd
		fits := sum+usd <= linearLimit
		if fits {
			sum += usd
		}
		return output == notKnown || fits == (output == approved), sum
	},
}

// clients play one history on the ledgers, each withdrawal through any of them.
type clients struct {
	ledgers []*eventstore.Ledger
	tries   int // sends of one withdrawal, at most
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
				c.ask(chance, client, fmt.Sprintf("w%d-%d", client, i))
			}
		})
	}
	all.Wait()
}

// ask sends a withdrawal until its client knows what came of it, or gives up.
func (c *clients) ask(chance *rand.Rand, client int, withdrawal string) {
	in := asking{fmt.Sprint("U", chance.IntN(linearAccounts)), 1000 * (1 + chance.Int64N(40))}
	o := porcupine.Operation{ClientId: client, Input: in, Call: c.clock.Add(1)}
	out, tries := notKnown, 1+chance.IntN(c.tries)
	for try := range tries {
		id := withdrawal
		if try > 0 && chance.IntN(2) == 0 {
			id += "-again"
		}
		request := &domain.WithdrawalRequest{Withdrawal: withdrawal, Account: in.account, User: "alice", Device: "card", Amount: fmt.Sprint(in.usd), Currency: "USD"}
		send := command(id, request)
		send.Source = fmt.Sprint("gateway/", client%linearSources)
		got := c.send(chance, send)
		if out != notKnown && got != notKnown && got != out {
			c.fail(fmt.Errorf("two answers to %s: %d and %d", withdrawal, out, got))
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

// send gives up waiting one time in eight: the outcome is unknown then.
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
		c.fail(errors.New(told(v)))
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

// played is a history on the log of r through a ledger a store.
func played(t *testing.T, r *realm, seed uint64, tries int, stores ...eventstore.Store) *clients {
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

// legal reports whether some order of the withdrawals explains all answers.
func (c *clients) legal(t *testing.T) bool {
	t.Helper()
	result := porcupine.CheckOperationsTimeout(windowSum, c.history, patience)
	if result == porcupine.Unknown {
		t.Error("whether the history is legal could not be found out in time")
	}
	return result == porcupine.Ok
}

// However many withdraw at once, through one node or two: the answers are those
// of some order of one after the other, and no account is over its limit (WD-8).
func TestWithdrawalsAreLinearizable(t *testing.T) {
	seed := rand.Uint64()
	base := newRealm(t)
	for _, nodes := range []int{1, 2} {
		operations, refusals, unknowns := 0, 0, 0
		for i := range linearHistories {
			r := *base
			r.store = memory.New()
			stores := []eventstore.Store{r.store}
			if nodes == 2 {
				stores = append(stores, r.store.Join())
			}
			c := played(t, &r, seed+uint64(i), 2, stores...)
			for _, l := range c.ledgers {
				mustClose(t, l)
			}
			if len(c.errs) > 0 {
				t.Fatalf("seed %d: %v", seed+uint64(i), c.errs[0])
			}
			if !c.legal(t) {
				t.Errorf("seed %d, %d nodes: no order explains the answers", seed+uint64(i), nodes)
			}
			overLimit(t, &r)
			operations, refusals, unknowns = operations+len(c.history), refusals+c.count(refused), unknowns+c.count(notKnown)
		}
		t.Logf("%d nodes: %d histories, %d withdrawals, %d refused, %d of unknown outcome, seed %d", nodes, linearHistories, operations, refusals, unknowns, seed)
		if refusals < operations/4 || refusals > operations*3/4 || unknowns == 0 {
			t.Errorf("%d of %d refused, %d unknown: that proves little", refusals, operations, unknowns)
		}
	}
}

// overLimit adds up what the log approved, and proves it.
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
				t.Errorf("record %d takes %s to %d USD", c.Records[i].Seq, request.Account, sums[request.Account])
			}
		}
	}
	r.verify(records)
}

// Without the fence two nodes approve more than the limit, and the checker says
// so. Nobody asks twice: a node that reads what it did not write stops.
func TestTwoNodesNeedTheFenceToBeLinearizable(t *testing.T) {
	base := newRealm(t)
	for seed := range uint64(3) {
		r := *base
		r.store = memory.New()
		raw := r.store.Join()
		c := played(t, &r, seed, 1, &unfenced{Store: r.store, raw: raw}, &unfenced{Store: r.store.Join(), raw: raw})
		for _, l := range c.ledgers {
			ctx, cancel := context.WithTimeout(context.Background(), time.Second)
			l.Close(ctx) // each is at odds with the log: how it ends is no matter
			cancel()
		}
		c.history = slices.DeleteFunc(c.history, func(o porcupine.Operation) bool { return o.Output == notKnown })
		if c.legal(t) {
			t.Errorf("seed %d: two nodes without a fence, and no account over its limit among %d answers", seed, len(c.history))
		}
	}
}
