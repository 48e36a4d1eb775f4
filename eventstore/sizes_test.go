package eventstore_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"authledger/domain"
	"authledger/eventstore"
	"authledger/eventstore/memory"
	"authledger/eventstore/wire"
)

// Parameters of the test of commit sizes.
const (
	sizesHistories      = 500
	sizesHistoriesShort = 80
	sizesCommands       = 40
	sizesTypes          = 30 // minimum number of event types in sizesHistories histories
)

// maker creates commands of few users, accounts and devices, so that the commands
// concern each other.
type maker struct{ *rand.Rand }

var words = map[string][]string{
	"user": {"alice", "bob", "carol", "Eve!"}, "owner": {"alice", "bob", "carol"}, "requester": {"alice", "bob"},
	"device": {"d1", "d2", "app"}, "replaces": {"d1"}, "attempt": {"a1", "a2"}, "code": {"c1", "c2", "c3", "c4"},
	"class": {domain.SecurityCodeCard, domain.DigitalSecurityCardPlus, domain.DigitalSecurityCardPlus,
		domain.IBKRMobile},
	"method":   {"qr", "sms_code", "portal", "challenge"},
	"purpose":  {"new", "replacement", "login", "print_online_card", "change_pin"},
	"kind":     {"temp_passcode", "online_card", "sms", "voice", "challenge", "activation_sms"},
	"platform": {"client_portal", "tws"}, "clientChannel": {"latest"}, "clientVersion": {"10"},
	"outcome": {"failed", "succeeded"}, "channel": {"phone"}, "balanceUsd": {"500000.00"},
	"reason":  {"bad_credentials", "cancelled", "unknown_user", "lost", "returned", "by_user"},
	"sharing": {"s1", "s2", "s3"}, "decision": {"approve", "reject"}, "note": {"n"}, "by": {"alice", "support"},
	"officer":    {"olga", "bob"},
	"withdrawal": {"w1", "w2", "w3", "w4", "w5"}, "account": {"U1", "U2"}, "amount": {"50000", "120000.50", "0"},
	"currency": {"USD", "EUR"}, "usdAmount": {"90000"},
	"agent": {"ann"}, "ip": {"192.0.2.7"}, "userAgent": {"x"}, "carrier": {"post"},
	"fingerprint": {strings.Repeat("0123456789abcdef", 4)},
}

func (m maker) Text(name string, at *string, f domain.Form) {
	if f.Need || m.IntN(2) == 0 {
		of := words[name]
		if len(of) == 0 {
			of = []string{name} // a member of a new command
		}
		*at = of[m.IntN(len(of))]
	}
}
func (m maker) Flag(_ string, at *bool, _ domain.Form)  { *at = m.IntN(4) == 0 }
func (m maker) Count(string, *int64, domain.Form)       {}
func (m maker) Instant(string, *time.Time, domain.Form) {}
func (m maker) Instants(string, *[]time.Time)           {}
func (m maker) Texts(string, *[]string)                 {}
func (m maker) List(string, domain.Items)               {}
func (m maker) Object(_ string, at domain.Data, _ domain.Form) {
	p := at.(*domain.Policy)
	*p = *domain.IBKRSLS()
	p.Failures = 2
	p.Zone = []string{"Asia/Tokyo", "Europe/Berlin", "America/New_York"}[m.IntN(3)]
	p.SharingReview = []string{"on_request", "always"}[m.IntN(2)]
	p.Version = fmt.Sprintf("test-%.2s-%.2s@1", strings.ToLower(p.Zone), p.SharingReview)
}

// next returns the next command. The first ones record the identity of two users and
// verify a third, because most later commands would otherwise be refused.
func (m maker) next(i int) domain.CommandData {
	switch i {
	case 0, 1:
		return &domain.IdentityRecord{User: words["requester"][i], Fingerprint: words["fingerprint"][0]}
	case 2:
		return &domain.IdentityVerify{User: words["owner"][m.IntN(3)], Agent: "ann", Channel: "phone"}
	}
	return m.data()
}

// often lists the commands that other commands depend on.
var often = []string{
	"device.activate", "device.activate", "device.activate", "code.issue", "code.issue", "code.redeem",
	"code.redeem", "device.change_pin", "device.add_user",
	"withdrawal.request", "withdrawal.request", "identity.verify", "sharing.request", "sharing.request",
	"login.report", "login.report", "withdrawal.settle", "lockout.release",
}

// data returns random data of a client command that is well formed.
func (m maker) data() domain.CommandData {
	kinds := append(slices.DeleteFunc(domain.CommandTypes(),
		func(kind string) bool { return !domain.ForClients(kind) }), often...)
	for {
		kind := kinds[m.IntN(len(kinds))]
		d := domain.NewCommandData(kind)
		d.Members(m)
		if read, wrong := wire.ReadTyped(kind, wire.AppendData(nil, d)); wrong == nil {
			return read
		}
	}
}

// scenario returns a history of commands of every kind, all backfills, with duplicates
// and with times after deadlines.
func (m maker) scenario() []domain.Command {
	all := make([]domain.Command, 0, sizesCommands)
	at := noon.AddDate(-1, 0, 0)
	for i := range sizesCommands {
		at = at.Add([]time.Duration{0, time.Second, time.Minute, -time.Minute}[m.IntN(4)])
		if m.IntN(12) == 0 {
			at = at.Add([]time.Duration{time.Hour, 26 * time.Hour, 15 * 24 * time.Hour}[m.IntN(3)])
		}
		c := backfilled(command(fmt.Sprint(i), m.next(i)))
		c.Time = at
		if i > 0 && m.IntN(8) == 0 {
			before := all[m.IntN(i)]
			c.Data = before.Data
			if m.IntN(2) == 0 {
				c = before
			}
		}
		all = append(all, c)
	}
	return all
}

// batched is a State that delays the first command of a batch until the whole batch is
// queued, so that the batch is one commit.
type batched struct {
	*folded
	mu    sync.Mutex
	first string
	whole chan struct{}
}

func (s *batched) Command(source, id string) (uint64, domain.Hash, bool, error) {
	s.mu.Lock()
	first, whole := s.first, s.whole
	s.mu.Unlock()
	if id == first {
		<-whole
	}
	return s.folded.Command(source, id)
}

func (s *batched) hold(first string) (open func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	whole := make(chan struct{})
	s.first, s.whole = first, whole
	return func() { close(whole) }
}

// runScenario submits a scenario in batches of the sizes that size returns, and opens a new
// ledger after the batches for which restart returns true. It returns the verdicts.
func runScenario(t *testing.T, r *realm, scenario []domain.Command, size func() int,
	restart func() bool) (answers []string) {
	t.Helper()
	state := &batched{folded: newFolded()}
	l := r.open(state, r.store)
	var tickets []*eventstore.Ticket
	settle := func() {
		for _, ticket := range tickets {
			answers = append(answers, formatted(answer(t, ticket)))
		}
		tickets = nil
		mustClose(t, l)
	}
	for len(scenario) > 0 {
		n := min(size(), len(scenario))
		open := state.hold(scenario[0].ID)
		for _, c := range scenario[:n] {
			tickets = append(tickets, submit(t, l, c))
		}
		open()
		if n%2 == 1 { // otherwise the next batch could find the command in flight
			answer(t, tickets[len(tickets)-1])
		}
		scenario = scenario[n:]
		if restart() {
			settle()
			state = &batched{folded: newFolded()}
			l = r.open(state, r.store)
		}
	}
	settle()
	return answers
}

// TestSequencer_CommitSizesAndRestarts checks that verdicts and log do not depend on the
// sizes of commits and on restarts, because a command is decided on the records before
// it (WD-8, A-16).
func TestSequencer_CommitSizesAndRestarts(t *testing.T) {
	seed := rand.Uint64()
	base, histories := newRealm(t), shorter(sizesHistories, sizesHistoriesShort)
	seen, commits, restarts := map[string]int{}, 0, 0
	for i := range histories {
		m := maker{rand.New(rand.NewPCG(seed, uint64(i)))}
		scenario := m.scenario()
		one, many := *base, *base
		one.store, many.store = memory.New(), memory.New()
		many.second = []int{1, eventstore.SecondMin}[i%2]
		want := runScenario(t, &one, scenario, func() int { return 1 }, func() bool { return false })
		sizes := []int{1, 2, 3, 3, 4, 5, 7, 9, 16, eventstore.CommitRecordsMax}
		got := runScenario(t, &many, scenario, func() int { return sizes[m.IntN(len(sizes))] }, func() bool {
			again := m.IntN(8) == 0
			if again {
				restarts++
			}
			return again
		})
		for i := range want {
			if got[i] != want[i] {
				t.Errorf("command %d in commits: got %s, want %s as one by one", i, got[i], want[i])
			}
		}
		sameLines(t, many.records(), one.records())
		many.verify(len(one.records()))
		for _, c := range commitsOf(t, &many) {
			commits++
			for _, r := range c.Records {
				for _, e := range r.Events {
					seen[e.Data.EventType()]++
				}
			}
		}
		if t.Failed() {
			t.Fatalf("history %d of seed %d: got differences, want none", i, seed)
		}
	}
	t.Logf("%d histories of %d commands, %d commits, %d restarts, %d types of events, seed %d", histories,
		sizesCommands, commits, restarts, len(seen), seed)
	if histories == sizesHistories && len(seen) < sizesTypes {
		t.Errorf("event types in the histories: got %d of %d, want at least %d", len(seen),
			len(domain.EventTypes()), sizesTypes)
	}
}
