package traffic

import (
	"iter"
	"math/rand/v2"
	"strconv"
	"time"

	"authledger/domain"
)

const (
	// benchStep lies between two commands: a thousand a second.
	benchStep = time.Millisecond
	// One user in so many is under attack: all the attempts fail, so that some
	// users get locked. Of the others' attempts a share fails, so that with
	// theirs it is about 8 in 100.
	benchAttacked = 128
	benchPerMille = 73
	// benchBlock reports are allocated together.
	benchBlock = 256
	// benchAddresses is how many addresses there are.
	benchAddresses = 4096
)

// Bench tells logins of so many users (at least one) without end, in order of
// time from base on, a millisecond apart: about 8 in 100 fail, and one user in
// 128 gets locked before long. It costs next to nothing beside what it measures;
// the names of all users are held in memory.
func Bench(seed uint64, users int, base time.Time) iter.Seq[domain.Command] {
	names := benchNames(max(users, 1))
	addresses := benchHomes()
	source := "bench/" + strconv.FormatUint(seed, 36)
	base = base.UTC()
	return func(yield func(domain.Command) bool) {
		chance := rand.NewPCG(seed, 0)
		var block []domain.LoginReport
		for n := int64(0); ; n++ {
			if len(block) == 0 {
				block = make([]domain.LoginReport, benchBlock)
			}
			report := &block[0]
			block = block[1:]
			draw := chance.Uint64()
			benchReport(report, int((draw>>32)*uint64(len(names))>>32), uint32(draw), names, addresses)
			c := domain.Command{
				Source: source, ID: strconv.FormatInt(n, 10), Time: base.Add(time.Duration(n) * benchStep),
				Caller: "bench", Backfill: true, Data: report,
			}
			if !yield(c) {
				return
			}
		}
	}
}

// benchReport fills a report of a user by 32 bits of chance.
func benchReport(report *domain.LoginReport, user int, chance uint32, names, addresses []string) {
	report.User, report.IP = names[user], addresses[user%len(addresses)]
	report.Outcome = domain.Succeeded
	attacked := user%benchAttacked == benchAttacked-1
	if attacked || uint64(chance)*perMilleAll>>32 < benchPerMille {
		report.Outcome, report.Reason = domain.Failed, badCredentials
	}
}

func benchNames(users int) []string {
	names := make([]string, users)
	for i := range names {
		names[i] = userName(i)
	}
	return names
}

func benchHomes() []string {
	addresses := make([]string, benchAddresses)
	for i := range addresses {
		addresses[i] = homeAddress(i)
	}
	return addresses
}
