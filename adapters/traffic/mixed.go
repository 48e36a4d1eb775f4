package traffic

import (
	"iter"
	"math/rand/v2"
	"strconv"
	"time"

	"authledger/domain"
)

// The shares of [Mixed] in percent; the rest is devices.
const (
	mixedLogins      = 60
	mixedCodes       = 15
	mixedWithdrawals = 15
)

// mixed is one telling of [Mixed].
type mixed struct {
	chance    *rand.Rand
	names     []string
	addresses []string
	equipped  int      // users with a card: as many, from the first
	spare     []bool   // of users: the second card is active
	codes     []uint32 // of users: the number of the live one, 0 for none
	n         uint32   // commands told
}

// Mixed tells commands of all kinds without end, in order of time from base on,
// a millisecond apart, of so many users (at least one) with an account each: 60 %
// logins, 15 % codes, 15 % withdrawals, and 10 % devices, which first of all give
// each user a card. Nearly all are accepted. It is as fast as [Bench], nearly, and
// holds as much.
func Mixed(seed uint64, users int, base time.Time) iter.Seq[domain.Command] {
	users = max(users, 1)
	names := benchNames(users)
	addresses := benchHomes()
	source := "mixed/" + strconv.FormatUint(seed, 36)
	base = base.UTC()
	return func(yield func(domain.Command) bool) {
		m := mixed{
			chance: rand.New(rand.NewPCG(seed, 0)), names: names, addresses: addresses,
			spare: make([]bool, users), codes: make([]uint32, users),
		}
		for {
			m.n++
			c := domain.Command{
				Source: source, ID: strconv.Itoa(int(m.n)), Time: base.Add(time.Duration(m.n) * benchStep),
				Caller: "bench", Backfill: true, Data: m.next(),
			}
			if !yield(c) {
				return
			}
		}
	}
}

func (m *mixed) next() domain.CommandData {
	share := m.chance.IntN(100)
	switch {
	case share < mixedLogins:
		return m.login(m.chance.IntN(len(m.names)))
	case share < mixedLogins+mixedCodes:
		return m.code(m.chance.IntN(len(m.names)))
	case share < mixedLogins+mixedCodes+mixedWithdrawals && m.equipped > 0:
		return m.withdrawal(m.chance.IntN(m.equipped))
	}
	return m.device()
}

func (m *mixed) login(user int) domain.CommandData {
	report := new(domain.LoginReport)
	benchReport(report, user, m.chance.Uint32(), m.names, m.addresses)
	return report
}

// code issues one and redeems it the next time. Most have expired by then where
// there are many users.
func (m *mixed) code(user int) domain.CommandData {
	live := m.codes[user]
	if live == 0 {
		m.codes[user] = m.n
		return &domain.CodeIssue{User: m.names[user], Code: strconv.Itoa(int(m.n)), Kind: domain.SMS}
	}
	m.codes[user] = 0
	return &domain.CodeRedeem{User: m.names[user], Code: strconv.Itoa(int(live)), Platform: domain.ClientPortal}
}

// device gives each user a card, one after the other; then it takes second cards
// into use and out of it.
func (m *mixed) device() domain.CommandData {
	if user := m.equipped; user < len(m.names) {
		m.equipped++
		return m.activate(user, "card.")
	}
	user := m.chance.IntN(len(m.names))
	m.spare[user] = !m.spare[user]
	if m.spare[user] {
		return m.activate(user, "spare.")
	}
	return &domain.DeviceDeactivate{User: m.names[user], Device: "spare." + strconv.Itoa(user), Reason: domain.ByUser}
}

func (m *mixed) activate(user int, prefix string) domain.CommandData {
	return &domain.DeviceActivate{
		User: m.names[user], Device: prefix + strconv.Itoa(user), Class: domain.DigitalSecurityCard, Method: domain.Challenge,
	}
}

func (m *mixed) withdrawal(user int) domain.CommandData {
	return &domain.WithdrawalRequest{
		Withdrawal: strconv.Itoa(int(m.n)), Account: accountOf(user * namesPer), User: m.names[user], Device: "card." + strconv.Itoa(user),
		Amount: usd(dollar + m.chance.Int64N(10_000*dollar)), Currency: "USD",
	}
}
