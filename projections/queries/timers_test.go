package queries

import (
	"testing"
	"time"

	"authledger/domain"
	"authledger/projections/logtest"
)

// commands returns the commands of a history, in order.
func (h *refLog) commands() []domain.Command {
	var all []domain.Command
	for _, r := range h.Records {
		all = append(all, r.Command)
	}
	return all
}

// runWithTimer decides commands, and fires each deadline before the next command. It does not
// fire a deadline that a later command may precede.
func runWithTimer(commands []domain.Command) *refLog {
	earliest := make([]time.Time, len(commands))
	for i := len(commands) - 1; i >= 0; i-- {
		earliest[i] = commands[i].Time
		if i+1 < len(commands) && earliest[i+1].Before(earliest[i]) {
			earliest[i] = earliest[i+1]
		}
	}
	h := newRefLog()
	for i, c := range commands {
		for _, name := range h.Names() {
			h.fireAll(name, earliest[i])
		}
		h.Do(c)
		h.Commit()
	}
	return h
}

// fireAll fires the deadlines of a user before an instant.
func (h *refLog) fireAll(name string, before time.Time) {
	for {
		u, _ := h.User(name) // a state in memory has no error
		due, ok := logtest.TimerDeadline(&u)
		if !ok || !due.Before(before) {
			return
		}
		h.Do(domain.NewTimerFire(domain.UserEntity(name), due))
	}
}

// A timer changes the log, and no answer at any instant.
func TestTimerChangesNoAnswer(t *testing.T) {
	fired := 0
	for seed := uint64(0); seed < 30; seed += 3 { // the generator fires no timer for these seeds
		c := logtest.NewGenerator(seed, 1+int(seed%4))
		stopped := newRefLog()
		c.Write(stopped.History, 300, 9)
		running := runWithTimer(stopped.commands())
		fired += len(running.Records) - len(stopped.Records)
		a, b := openTest(t, stopped), openTest(t, running)
		for range 20 {
			at, _, _ := question(c, stopped)
			user, account := c.User(), c.Account()
			want := everything(require{t}, querier{a, at, nil, ListMax, true}, user, account)
			got := everything(require{t}, querier{b, at, nil, ListMax, true}, user, account)
			require{t}.Same("answers with a timer", want, got)
		}
	}
	if fired < 100 {
		t.Fatalf("fired timers: got %d, want at least 100", fired)
	}
}

// everything returns each answer about a user and an account, without the positions.
func everything(t require, a querier, user, account string) []any {
	devices, codes, sharings := a.devices(t, user), a.codes(t, user), a.sharings(t, user)
	for i := range devices.Devices {
		devices.Devices[i].Seq = 0
	}
	for i := range codes.Codes {
		codes.Codes[i].Seq = 0
	}
	for i := range sharings.Sharings {
		sharings.Sharings[i].Seq = 0
	}
	withdrawals := a.withdrawals(t, account)
	for i := range withdrawals.Withdrawals {
		withdrawals.Withdrawals[i].Seq = 0
	}
	withdrawals.AsOf = AsOf{}
	lockout, err := a.queries.Lockout(t.Context(), user, a.at, nil)
	t.NoError(err)
	lockout.AsOf = AsOf{}
	return []any{devices.Devices, codes.Codes, sharings.Sharings, withdrawals, lockout,
		a.troubles(t, user).Cases}
}
