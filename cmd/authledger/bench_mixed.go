package main

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"time"

	"authledger/adapters/traffic"
	"authledger/domain"
	"authledger/eventstore/wire"
	"authledger/projections"
)

// mixed measures the import path with commands of all kinds.
func (b *bench) mixed(ctx context.Context) error {
	base := b.program.now().UTC().Add(-365 * 24 * time.Hour)
	next, stop := iter.Pull(traffic.Mixed(benchSeed, b.size.users, base))
	defer stop()
	if err := b.writeLines(next, b.size.mixed); err != nil {
		return err
	}
	rate, err := b.importOnce(ctx, benchMixed, b.size.mixed)
	if err != nil {
		return err
	}
	b.found(rate, "commands/s", "mixed import of %s lines, %s users and accounts: 60 %% logins, 15 %% codes, 10 %% devices, 15 %% withdrawals",
		grouped(int64(b.size.mixed)), grouped(int64(b.size.users)))
	b.atLeast(goalMixed)
	return nil
}

// The accounts whose decisions are compared.
const (
	quietAccount = "A-quiet"
	busyAccount  = "A-busy"
	benchDevice  = "d-gold" // of a class without limits
	benchHolder  = "holder"
)

// A decision is timed in rounds that take turns, so that what disturbs the one
// account's disturbs the other's.
const (
	decisionRounds = 101
	decisionsEach  = 500
)

// withdrawals measures one decision on a withdrawal, of an account with ten and
// of one with very many.
func (b *bench) withdrawals(ctx context.Context) error {
	n, err := openNode(ctx, b.options(benchWithdrawals))
	if err != nil {
		return err
	}
	now := b.program.now().UTC().Truncate(time.Second)
	in := intake{ledger: n.ledger, items: b.payouts(now), heard: allValid}
	if err := errors.Join(in.run(ctx), n.rows.Flush(ctx)); err != nil {
		return errors.Join(err, n.close())
	}
	took := map[string][]time.Duration{}
	for range decisionRounds {
		for _, account := range []string{quietAccount, busyAccount} {
			each, err := decideAgain(n.rows, account, now)
			if err != nil {
				return errors.Join(err, n.close())
			}
			took[account] = append(took[account], each)
		}
	}
	quiet, busy := percentile(took[quietAccount], 50), percentile(took[busyAccount], 50)
	b.found(float64(quiet), "ns", "a withdrawal decided, account with %d", quietPayouts)
	b.found(float64(busy), "ns", "a withdrawal decided, account with %s", grouped(int64(b.size.payouts)))
	b.found(float64(busy)/float64(quiet), "×", "the second, against the first")
	b.atMost(goalPayouts)
	return n.close()
}

// quietPayouts is how many withdrawals the small account has.
const quietPayouts = 10

// payouts are the withdrawals of both accounts, up to now: five minutes apart,
// and a day apart.
func (b *bench) payouts(now time.Time) iter.Seq[item] {
	const busyStep, quietStep = 5 * time.Minute, 24 * time.Hour
	first := now.Add(-time.Duration(b.size.payouts+1) * busyStep)
	if quiet := now.Add(-(quietPayouts + 1) * quietStep); quiet.Before(first) {
		first = quiet
	}
	return func(yield func(item) bool) {
		line := 0
		send := func(at time.Time, data domain.CommandData) bool {
			line++
			c := domain.Command{Source: "bench", ID: strconv.Itoa(line), Time: at, Caller: "bench", Backfill: true, Data: data}
			return yield(item{line: line, text: wire.AppendCommand(nil, &c)})
		}
		if !send(first, &domain.DeviceActivate{User: benchHolder, Device: benchDevice, Class: domain.Gold, Method: domain.Challenge}) {
			return
		}
		for _, a := range []struct {
			account string
			count   int
			step    time.Duration
		}{{quietAccount, quietPayouts, quietStep}, {busyAccount, b.size.payouts, busyStep}} {
			for i := range a.count {
				if !send(now.Add(-time.Duration(a.count-i)*a.step), payout(a.account, strconv.Itoa(i))) {
					return
				}
			}
		}
	}
}

func payout(account, id string) *domain.WithdrawalRequest {
	return &domain.WithdrawalRequest{
		Withdrawal: "w-" + id, Account: account, User: benchHolder, Device: benchDevice, Amount: "1250.00", Currency: "USD",
	}
}

// decideAgain decides one withdrawal after the other of an account that stays as
// it is, and tells how long one takes.
func decideAgain(rows *projections.Engine, account string, now time.Time) (time.Duration, error) {
	requests := make([]domain.Command, decisionsEach)
	for i := range requests {
		requests[i] = domain.Command{Source: "bench", ID: "new", Time: now, Data: payout(account, "new-"+strconv.Itoa(i))}
	}
	begun := time.Now()
	for i := range requests {
		d, err := domain.Decide(rows, &requests[i])
		if err != nil {
			return 0, err
		}
		if d.Status != domain.Accepted {
			return 0, fmt.Errorf("a withdrawal of %s is %s: %s", account, d.Status, d.Reason)
		}
	}
	return time.Since(begun) / decisionsEach, nil
}

// allValid hears a batch of which nothing may be invalid.
func allValid(done *batch) error {
	i := slices.IndexFunc(done.pending, func(q pending) bool { return q.verdict.Status == domain.Invalid })
	if i < 0 {
		return nil
	}
	return notInvalid(&done.pending[i].verdict)
}
