//go:build faults

package faults

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"authledger/domain"
)

// withdrawal is a request of a client, and its known outcome.
type withdrawal struct {
	data         domain.WithdrawalRequest
	usd          int64
	client       int
	call, answer int64 // on one clock for all clients
	status       string
	seq          uint64
}

// desk contains the clients of one history.
type desk struct {
	mu    sync.Mutex
	asked []*withdrawal
	clock atomic.Int64
	wrong error
}

// serve runs all clients against a node until each has finished or the node has
// ended.
func (d *desk) serve(c *withdrawNode, seed uint64, history int) {
	var all sync.WaitGroup
	for client := range withdrawClients {
		all.Go(func() {
			chance := rand.New(rand.NewPCG(seed, uint64(client)))
			for i := range withdrawEach {
				w := newWithdrawal(chance, history, client, i)
				d.mu.Lock()
				d.asked = append(d.asked, w)
				d.mu.Unlock()
				patience := withdrawTimeout
				if chance.IntN(10) == 0 {
					patience = time.Millisecond
				}
				w.call = d.clock.Add(1)
				d.ask(c, w, "", patience)
				if isGone(c.gone) {
					return
				}
			}
		})
	}
	all.Wait()
}

func isGone(gone <-chan struct{}) bool {
	select {
	case <-gone:
		return true
	default:
		return false
	}
}

func newWithdrawal(chance *rand.Rand, history, client, i int) *withdrawal {
	usd := 20_000 * (1 + chance.Int64N(8))
	return &withdrawal{usd: usd, client: client, data: domain.WithdrawalRequest{
		Withdrawal: fmt.Sprintf("w%d-%d", client, i),
		Account:    fmt.Sprintf("h%d-%d", history, chance.IntN(withdrawAccounts)),
		User:       "alice", Device: "app", Amount: strconv.FormatInt(usd, 10), Currency: "USD",
	}}
}

// ask requests a withdrawal and records the response, which MUST equal an earlier
// one. A text in again gives the command another id.
func (d *desk) ask(c *withdrawNode, w *withdrawal, again string, within time.Duration) {
	send := withdrawCommand(w, again)
	v, known := c.ask(&send, within)
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case !known:
	case v.Status == "invalid" || v.Status == "refused" && v.Reason != string(domain.DailyLimit):
		d.wrong = fmt.Errorf("%s of %s: got %s %s, want accepted or %s", w.data.Withdrawal, w.data.Account,
			v.Status, v.Reason, domain.DailyLimit)
	case w.status != "" && (w.status != v.Status || w.seq != v.Seq):
		d.wrong = fmt.Errorf("%s of %s: got %s at %d, want %s at %d as before", w.data.Withdrawal, w.data.Account,
			v.Status, v.Seq, w.status, w.seq)
	default:
		w.status, w.seq, w.answer = v.Status, v.Seq, d.clock.Add(1)
	}
}

func withdrawCommand(w *withdrawal, again string) domain.Command {
	data := w.data
	return domain.Command{
		Source: fmt.Sprint("gateway/", w.client%withdrawSources), ID: data.Account + "-" + data.Withdrawal + again,
		Time: time.Now().UTC(), Data: &data,
	}
}

// resend repeats two of three requests whose outcome is unknown.
func (d *desk) resend(c *withdrawNode, chance *rand.Rand) {
	var all sync.WaitGroup
	for _, w := range d.asked {
		if w.status == "" && chance.IntN(3) > 0 {
			all.Go(func() { d.ask(c, w, "-again", withdrawTimeout) })
		}
	}
	all.Wait()
}
