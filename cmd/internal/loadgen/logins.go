package loadgen

import (
	"iter"
	"math/rand/v2"
	"strconv"
	"time"

	"authledger/domain"
)

const (
	// commandInterval is the interval between two commands: 1000 commands a second.
	commandInterval = time.Millisecond
	// One user in attackedEvery is attacked: every attempt fails, so that some users are
	// locked out. Of the other users' attempts failedPerMille in 1000 fail. Together
	// about 8 in 100 attempts fail.
	attackedEvery  = 128
	failedPerMille = 73
	// reportBlock is the number of reports in one allocation.
	reportBlock = 256
	// addressCount is the number of different addresses.
	addressCount = 4096
)

// Logins generates an endless sequence of reported logins of the given number of users, at least
// one. The logins are in order of time, from base on, at intervals of 1 ms. About 8 in 100 fail, and one user in 128
// is soon locked out. Logins is much faster than a ledger. It holds the names of all
// users in memory.
func Logins(seed uint64, users int, base time.Time) iter.Seq[domain.Command] {
	names := UserNames(max(users, 1))
	addresses := userAddresses()
	source := "bench/" + strconv.FormatUint(seed, 36)
	base = base.UTC()
	return func(yield func(domain.Command) bool) {
		chance := rand.NewPCG(seed, 0)
		var block []domain.LoginReport
		for n := int64(0); ; n++ {
			if len(block) == 0 {
				block = make([]domain.LoginReport, reportBlock)
			}
			report := &block[0]
			block = block[1:]
			draw := chance.Uint64()
			fillReport(report, int((draw>>32)*uint64(len(names))>>32), uint32(draw), names, addresses)
			c := domain.Command{
				Source: source, ID: strconv.FormatInt(n, 10), Time: base.Add(time.Duration(n) * commandInterval),
				Caller: "bench", Backfill: true, Data: report,
			}
			if !yield(c) {
				return
			}
		}
	}
}

// fillReport fills a report of a user from 32 random bits.
func fillReport(report *domain.LoginReport, user int, chance uint32, names, addresses []string) {
	report.User, report.IP = names[user], addresses[user%len(addresses)]
	report.Outcome = domain.Succeeded
	attacked := user%attackedEvery == attackedEvery-1
	if attacked || uint64(chance)*perMilleAll>>32 < failedPerMille {
		report.Outcome, report.Reason = domain.Failed, badCredentials
	}
}

// UserNames returns the names of the users of [Logins] and [Mixed], in the order of their numbers.
func UserNames(users int) []string {
	names := make([]string, users)
	for i := range names {
		names[i] = userName(i)
	}
	return names
}

func userAddresses() []string {
	addresses := make([]string, addressCount)
	for i := range addresses {
		addresses[i] = addressOf(i)
	}
	return addresses
}
