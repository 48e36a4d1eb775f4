//go:build faults

package faults

import (
	"context"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"authledger/cmd/internal/node"
	"authledger/domain"
	"authledger/eventstore"
)

const (
	withdrawHistories = 50
	withdrawClients   = 16
	withdrawSources   = 3
	withdrawAccounts  = 8
	withdrawEach      = 12
	// USD, the limit of an app for one day and for five days, so that midnight does not change the result
	withdrawLimit   = 1_000_000
	withdrawKillMax = 60 * time.Millisecond
	withdrawTimeout = 30 * time.Second
	withdrawSame    = 64
)

// linearizable reports whether some order of the requests explains all known
// outcomes. A request with an unknown outcome ends after all others, which is
// equivalent to no decision.
func (d *desk) linearizable() error {
	var history []porcupine.Operation
	for _, w := range d.asked {
		o := porcupine.Operation{ClientId: w.client, Input: w, Output: w.status, Call: w.call, Return: w.answer}
		if w.status == "" {
			o.Return = math.MaxInt64
		}
		history = append(history, o)
	}
	if result := porcupine.CheckOperationsTimeout(accountModel, history, 2*time.Minute); result != porcupine.Ok {
		return fmt.Errorf("no order of the requests explains the responses: %s", result)
	}
	return d.wrong
}

// accountModel is the approved sum of an account, with its limit.
var accountModel = porcupine.Model{
	Partition: func(history []porcupine.Operation) (parts [][]porcupine.Operation) {
		of := map[string][]porcupine.Operation{}
		for _, o := range history {
			account := o.Input.(*withdrawal).data.Account
			of[account] = append(of[account], o)
		}
		for _, part := range of {
			parts = append(parts, part)
		}
		return parts
	},
	Init: func() any { return int64(0) },
	Step: func(state, input, output any) (bool, any) {
		sum, usd := state.(int64), input.(*withdrawal).usd
		fits := sum+usd <= withdrawLimit
		if fits {
			sum += usd
		}
		return output == "" || fits == (output == string(domain.Accepted)), sum
	},
}

// TestFaultWithdrawals kills the node repeatedly during concurrent withdrawals, and
// lets the clients repeat requests. No account exceeds its limit, and some order
// explains all responses (WD-8).
func TestFaultWithdrawals(t *testing.T) {
	chance, dir, begun := faultChance(t), filepath.Join(t.TempDir(), "data"), time.Now()
	c := openWithdrawNode(t, dir)
	activateApp(t, c)
	operations, refusals, unknowns := 0, 0, 0
	requested := map[string]*withdrawal{}
	for history := range withdrawHistories {
		d := &desk{}
		timer := time.AfterFunc(time.Duration(chance.Int64N(int64(withdrawKillMax))), c.kill)
		d.serve(c, chance.Uint64(), history)
		timer.Stop()
		c.killed(t)
		c = openWithdrawNode(t, dir)
		d.resend(c, chance)
		if err := d.linearizable(); err != nil {
			t.Fatalf("history %d: %v", history, err)
		}
		for _, w := range d.asked {
			operations++
			requested[w.data.Account+"/"+w.data.Withdrawal] = w
			switch w.status {
			case "":
				unknowns++
			case string(domain.Refused):
				refusals++
			}
		}
	}
	c.killed(t)
	must(t,
		withFaultNode(dir,
			func(ctx context.Context, n *node.Node) error { return checkLimits(ctx, n.Ledger, requested) }))
	_, err := verifyDir(dir)
	must(t, err)
	announce("withdrawals: %d histories, %d kills, %d withdrawals, %d refused, %d of unknown outcome, "+
		"linearizable, %v",
		withdrawHistories, withdrawHistories+1, operations, refusals, unknowns,
		time.Since(begun).Round(time.Second))
}

func activateApp(t *testing.T, c *withdrawNode) {
	t.Helper()
	send := domain.Command{Source: "gateway/0", ID: "app", Time: time.Now().UTC(),
		Data: &domain.DeviceActivate{User: "alice", Device: "app", Class: domain.IBKRMobile, Method: "qr"}}
	if v, known := c.ask(&send, withdrawTimeout); !known || v.Status != string(domain.Accepted) {
		t.Fatalf("activate the device: got %+v, want accepted", v)
	}
}

// checkLimits checks the log: no account exceeds its limit at any record, no request
// is recorded twice, and each response names its record.
func checkLimits(ctx context.Context, l *eventstore.Ledger, history map[string]*withdrawal) error {
	sums, at := map[string]int64{}, map[string]*domain.Record{}
	for r, err := range l.Records(ctx, 1, 0, false) {
		if err != nil {
			return err
		}
		request, ok := r.Command.Data.(*domain.WithdrawalRequest)
		if !ok {
			continue
		}
		name := request.Account + "/" + request.Withdrawal
		if at[name] != nil {
			return fmt.Errorf("%s: got records %d and %d, want one", name, at[name].Seq, r.Seq)
		}
		kept := *r
		at[name] = &kept
		if r.Status == domain.Accepted {
			usd, err := strconv.ParseInt(request.Amount, 10, 64)
			if sums[request.Account] += usd; err != nil || sums[request.Account] > withdrawLimit {
				return fmt.Errorf("record %d: got %d USD approved of %s, want at most %d: %w", r.Seq,
					sums[request.Account], request.Account, withdrawLimit, errors.Join(err, errWrongAnswer))
			}
		}
	}
	for name, w := range history {
		if r := at[name]; w.status != "" && (r == nil || r.Seq != w.seq || string(r.Status) != w.status) {
			return fmt.Errorf("the client received %s as %s at %d, which is not in the log: %w", name, w.status,
				w.seq, errLost)
		}
	}
	return nil
}

// TestFaultSameWithdrawal sends one withdrawal 64 times concurrently, each time as
// another command, and again after a kill. The ledger must approve one command, and every
// response must report that verdict (WD-9, A-16).
func TestFaultSameWithdrawal(t *testing.T) {
	chance, dir := faultChance(t), filepath.Join(t.TempDir(), "data")
	c := openWithdrawNode(t, dir)
	activateApp(t, c)
	w := newWithdrawal(chance, 0, 0, 0)
	history := &desk{}
	send := func(round int) {
		var all sync.WaitGroup
		for i := range withdrawSame {
			all.Go(func() { history.ask(c, w, fmt.Sprintf("-%d-%d", round, i), withdrawTimeout) })
		}
		all.Wait()
	}
	timer := time.AfterFunc(time.Duration(chance.Int64N(int64(5*time.Millisecond))), c.kill)
	send(1)
	timer.Stop()
	c.killed(t)
	c = openWithdrawNode(t, dir)
	send(2)
	c.killed(t)
	must(t, history.wrong)
	if answers := history.clock.Load(); w.status != string(domain.Accepted) || answers < withdrawSame {
		t.Fatalf("got %d responses and status %q, want at least %d and accepted", answers, w.status, withdrawSame)
	}
	must(t, withFaultNode(dir, func(ctx context.Context, n *node.Node) error {
		return checkLimits(ctx, n.Ledger, map[string]*withdrawal{w.data.Account + "/" + w.data.Withdrawal: w})
	}))
	announce("one withdrawal: sent %d times, %d answers, all the same, one record", 2*withdrawSame,
		history.clock.Load())
}
