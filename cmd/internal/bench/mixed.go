package bench

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"time"

	"authledger/cmd/internal/ingest"
	"authledger/cmd/internal/loadgen"
	"authledger/cmd/internal/node"
	"authledger/cmd/internal/render"
	"authledger/domain"
	"authledger/eventstore/wire"
	"authledger/projections"
)

// mixed measures the import of commands of all kinds.
func (b *run) mixed(ctx context.Context) error {
	base := b.Now().UTC().Add(-365 * 24 * time.Hour)
	next, stop := iter.Pull(loadgen.Mixed(seed, b.size.users, base))
	defer stop()
	if err := b.writeLines(next, b.size.mixed); err != nil {
		return err
	}
	rate, err := b.importOnce(ctx, dirMixed, b.size.mixed)
	if err != nil {
		return err
	}
	b.found(rate, "commands/s", "mixed import of %s lines, %s users and accounts: 60 %% logins, 15 %% codes, 10 %% devices, 15 %% withdrawals",
		render.Grouped(int64(b.size.mixed)), render.Grouped(int64(b.size.users)))
	b.atLeast(goalMixed)
	return nil
}

// The accounts that withdrawals compares.
const (
	quietAccount = "A-quiet"
	busyAccount  = "A-busy"
	deviceID     = "d-gold" // of a class without limits
	holderName   = "holder"
)

// decisionsEach is the number of decisions in one account in one round.
const decisionsEach = 500

// withdrawals measures one decision on a withdrawal, in an account with ten withdrawals and
// in an account with many. It alternates between the accounts in rounds, so that a disturbance
// affects both.
func (b *run) withdrawals(ctx context.Context) error {
	n, err := node.Open(ctx, b.options(dirWithdrawals))
	if err != nil {
		return err
	}
	now := b.Now().UTC().Truncate(time.Second)
	in := ingest.Pipeline{Ledger: n.Ledger, Items: b.payouts(now), Report: allValid}
	if err := errors.Join(in.Run(ctx), n.Rows.Flush(ctx)); err != nil {
		return errors.Join(err, n.Close())
	}
	took := map[string][]time.Duration{}
	for range b.size.rounds {
		for _, account := range []string{quietAccount, busyAccount} {
			each, err := decideRepeatedly(n.Rows, account, now)
			if err != nil {
				return errors.Join(err, n.Close())
			}
			took[account] = append(took[account], each)
		}
	}
	quiet, busy := percentile(took[quietAccount], 50), percentile(took[busyAccount], 50)
	b.found(float64(quiet), "ns", "decision on a withdrawal, account with %d withdrawals", quietPayouts)
	b.found(float64(busy), "ns", "decision on a withdrawal, account with %s withdrawals", render.Grouped(int64(b.size.payouts)))
	b.found(float64(busy)/float64(quiet), "×", "decision in the account with more withdrawals, divided by the other")
	b.atMost(goalPayouts)
	return n.Close()
}

// quietPayouts is the number of withdrawals of the quiet account.
const quietPayouts = 10

// payouts returns the withdrawals of both accounts up to now: 5 minutes apart in the
// busy account, one day apart in the quiet one.
func (b *run) payouts(now time.Time) iter.Seq[ingest.Item] {
	const busyStep, quietStep = 5 * time.Minute, 24 * time.Hour
	first := now.Add(-time.Duration(b.size.payouts+1) * busyStep)
	if quiet := now.Add(-(quietPayouts + 1) * quietStep); quiet.Before(first) {
		first = quiet
	}
	return func(yield func(ingest.Item) bool) {
		line := 0
		send := func(at time.Time, data domain.CommandData) bool {
			line++
			c := domain.Command{Source: "bench", ID: strconv.Itoa(line), Time: at, Caller: "bench", Backfill: true, Data: data}
			return yield(ingest.Item{Line: line, Text: wire.AppendCommand(nil, &c)})
		}
		if !send(first, &domain.DeviceActivate{User: holderName, Device: deviceID, Class: domain.Gold, Method: domain.Challenge}) {
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
		Withdrawal: "w-" + id, Account: account, User: holderName, Device: deviceID, Amount: "1250.00", Currency: "USD",
	}
}

// decideRepeatedly decides withdrawals of an account without recording them, and
// returns the duration of one decision.
func decideRepeatedly(rows *projections.Engine, account string, now time.Time) (time.Duration, error) {
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

// allValid returns an error if a command of the batch is invalid.
func allValid(done *ingest.Batch) error {
	i := slices.IndexFunc(done.Pending, func(q ingest.Pending) bool { return q.Verdict.Status == domain.Invalid })
	if i < 0 {
		return nil
	}
	return notInvalid(&done.Pending[i].Verdict)
}
