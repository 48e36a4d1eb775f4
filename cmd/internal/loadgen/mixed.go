package loadgen

import (
	"iter"
	"math/rand/v2"
	"strconv"
	"time"

	"authledger/domain"
)

// The shares of [Mixed] in percent. The other commands are about devices.
const (
	mixedLogins      = 60
	mixedCodes       = 15
	mixedWithdrawals = 15
)

// mixed is one iteration of [Mixed].
type mixed struct {
	chance    *rand.Rand
	names     []string
	addresses []string
	withCard  int      // the first withCard users have a card
	spare     []bool   // by user: the second card is active
	codes     []uint32 // by user: the number of the open code, 0 for none
	n         uint32   // commands generated so far
}

// Mixed generates commands of all kinds without end, for at least one user with one
// account each. They are in order of time, from base on, at intervals of 1 ms: 60 %
// logins, 15 % codes, 15 % withdrawals and 10 % devices. The device commands first
// give each user a card. The ledger accepts nearly all commands. Mixed is nearly as
// fast as [Logins] and uses as much memory.
func Mixed(seed uint64, users int, base time.Time) iter.Seq[domain.Command] {
	users = max(users, 1)
	names := UserNames(users)
	addresses := userAddresses()
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
				Source: source, ID: strconv.Itoa(int(m.n)), Time: base.Add(time.Duration(m.n) * commandInterval),
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
	case share < mixedLogins+mixedCodes+mixedWithdrawals && m.withCard > 0:
		return m.withdrawal(m.chance.IntN(m.withCard))
	}
	return m.device()
}

func (m *mixed) login(user int) domain.CommandData {
	report := new(domain.LoginReport)
	fillReport(report, user, m.chance.Uint32(), m.names, m.addresses)
	return report
}

// code issues a code, and redeems it at the next call for the user. With many users
// most codes have expired by then.
func (m *mixed) code(user int) domain.CommandData {
	live := m.codes[user]
	if live == 0 {
		m.codes[user] = m.n
		return &domain.CodeIssue{User: m.names[user], Code: strconv.Itoa(int(m.n)), Kind: domain.SMS}
	}
	m.codes[user] = 0
	return &domain.CodeRedeem{User: m.names[user], Code: strconv.Itoa(int(live)), Platform: domain.ClientPortal}
}

// device activates a card for each user in turn. Then it activates and deactivates
// second cards.
func (m *mixed) device() domain.CommandData {
	if user := m.withCard; user < len(m.names) {
		m.withCard++
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
		Withdrawal: strconv.Itoa(int(m.n)), Account: accountOf(user * groupSize), User: m.names[user], Device: "card." + strconv.Itoa(user),
		Amount: usd(dollar + m.chance.Int64N(10_000*dollar)), Currency: "USD",
	}
}
