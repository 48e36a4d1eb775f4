package projections

import (
	"flag"
	"fmt"
	"testing"
	"time"

	"authledger/domain"
	"authledger/projections/logtest"
	"authledger/projections/rows"
)

// states holds the states of a few users and one account. It drops withdrawals and codes,
// because no later command of a habit names them.
type states struct {
	users   map[string]domain.User
	account domain.Account
	items   map[domain.ItemKey]domain.Item
	fold    domain.Fold
	seq     uint64
}

func newStates() *states {
	return &states{users: map[string]domain.User{}, items: map[domain.ItemKey]domain.Item{}}
}

func (s *states) Policy() *domain.Policy                                      { return ibkr }
func (s *states) User(name string) (domain.User, error)                       { return s.users[name], nil }
func (s *states) Account(string) (domain.Account, error)                      { return s.account, nil }
func (s *states) Item(k domain.ItemKey) (domain.Item, error)                  { return s.items[k], nil }
func (s *states) Clock(domain.Entity) (time.Time, error)                      { return time.Time{}, nil }
func (s *states) Withdrawals(string, time.Time) ([]*domain.Withdrawal, error) { return nil, nil }

var ibkr = domain.IBKRSLS()

// do decides a command and folds its record.
func (s *states) do(t testing.TB, at time.Time, data domain.CommandData) {
	c := domain.Command{Source: "gateway/portal", Time: at, Data: data}
	d, err := domain.Decide(s, &c)
	if err != nil || d.Status == domain.Invalid {
		t.Fatalf("%s: got %+v, %v, want a recorded verdict", data.CommandType(), d, err)
	}
	s.seq++
	changes, err := s.fold.Take(s, &domain.Record{
		Seq: s.seq, Entities: d.Entities, Command: c, Time: d.Time, Status: d.Status, Events: d.Events,
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, u := range changes.Users {
		s.users[u.Name] = u.After
	}
	if changes.Account.ID != "" {
		s.account = changes.Account.After
	}
	for _, i := range changes.Items {
		switch i.Item.(type) {
		case *domain.Withdrawal, *domain.Code: // no later command names them
		default:
			s.items[i.Key] = i.Item
		}
	}
}

// bytes returns the size of the largest row.
func (s *states) bytes() int {
	most := len(rows.Encode(nil, &accountRow{int64(s.seq), s.account, int64(s.seq), int64(s.seq)}))
	for _, u := range s.users {
		most = max(most, len(rows.Encode(nil, &userRow{int64(s.seq), u, int64(s.seq), int64(s.seq)})))
	}
	return most
}

var growth = flag.Int("growth", 200_000,
	"number of steps of the first habit in TestRowsOfUsersAndAccountsDoNotGrow")

// activate returns the activation of a device of alice.
func activate(device string) *domain.DeviceActivate {
	return &domain.DeviceActivate{User: "alice", Device: device, Class: domain.Gold, Method: domain.Portal}
}

// habits are sequences of commands that a user may repeat without a limit.
var habits = []struct {
	name  string
	part  int           // the habit has 1/part of the steps of -growth
	every time.Duration // time between two steps
	most  int           // maximum size of a row in bytes
	step  func(i int) []domain.CommandData
}{
	{"report failures", 1, 10 * time.Second, 256, func(int) []domain.CommandData {
		return []domain.CommandData{&domain.LoginReport{User: "alice", Outcome: domain.Failed, Reason: "bad_code"}}
	}},
	{"request withdrawals", 1, time.Minute, 1024, func(i int) []domain.CommandData {
		ask := &domain.WithdrawalRequest{
			Withdrawal: fmt.Sprint("w", i), Account: "U1", User: "alice", Device: "gold",
			Amount: "1000000000000", Currency: "USD",
		}
		if i == 0 {
			return []domain.CommandData{activate("gold"), ask}
		}
		return []domain.CommandData{ask}
	}},
	{"request codes", 10, 10 * time.Second, 4096, func(i int) []domain.CommandData {
		return []domain.CommandData{&domain.CodeIssue{User: "alice", Code: fmt.Sprint("c", i), Kind: domain.SMS}}
	}},
	{"begin logins", 10, 10 * time.Second, 1024, func(i int) []domain.CommandData {
		return []domain.CommandData{&domain.LoginBegin{User: "alice", Attempt: fmt.Sprint("a", i), Platform: "tws"}}
	}},
	{"lose devices", 20, 10 * time.Second, 256, func(i int) []domain.CommandData {
		device := fmt.Sprint("d", i)
		return []domain.CommandData{
			activate(device),
			&domain.DeviceDeactivate{User: "alice", Device: device, Reason: domain.Lost},
		}
	}},
	{"activate devices", 200, 10 * time.Second, 4096, func(i int) []domain.CommandData {
		return []domain.CommandData{activate(fmt.Sprint("d", i))}
	}},
	{"share a device", 20, 10 * time.Second, 512, func(i int) []domain.CommandData {
		sharing := fmt.Sprint("s", i)
		share := []domain.CommandData{
			&domain.SharingRequest{Sharing: sharing, Requester: "bob", Owner: "alice", Device: "gold"},
			&domain.SharingCancel{Sharing: sharing, By: "bob"},
		}
		if i > 0 {
			return share
		}
		const same = "0123456789abcdef0123456789abcdef"
		return append([]domain.CommandData{
			&domain.IdentityRecord{User: "alice", Fingerprint: same},
			&domain.IdentityRecord{User: "bob", Fingerprint: same},
			activate("gold"),
		}, share...)
	}},
}

// TestRowsOfUsersAndAccountsDoNotGrow checks that the rows of a user and of an account have a maximum
// size for any number of commands.
func TestRowsOfUsersAndAccountsDoNotGrow(t *testing.T) {
	for _, habit := range habits {
		t.Run(habit.name, func(t *testing.T) {
			t.Parallel()
			s, most, early, times := newStates(), 0, 0, *growth/habit.part
			if testing.Short() {
				times /= 20
			}
			for i := range times {
				for _, data := range habit.step(i) {
					s.do(t, logtest.Epoch.Add(time.Duration(i)*habit.every), data)
				}
				if i == 10 {
					early = s.bytes()
				}
				if i%997 == 0 || i == times-1 {
					most = max(most, s.bytes())
				}
			}
			t.Logf("%d bytes after 10 steps, at most %d after %d", early, most, times)
			if most > habit.most {
				t.Errorf("largest row: got %d bytes, want at most %d", most, habit.most)
			}
		})
	}
}
