package projections

import (
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"

	"authledger/domain"
)

// told are the commands of a history, in order.
func (h *history) told() []domain.Command {
	var all []domain.Command
	for _, r := range h.records {
		all = append(all, r.Command)
	}
	return all
}

// playTimed plays commands with a timer that fires each deadline before the
// next command, but none that a command to come could still precede.
func playTimed(commands []domain.Command) *history {
	earliest := make([]time.Time, len(commands))
	for i := len(commands) - 1; i >= 0; i-- {
		earliest[i] = commands[i].Time
		if i+1 < len(commands) && earliest[i+1].Before(earliest[i]) {
			earliest[i] = earliest[i+1]
		}
	}
	h := newHistory()
	for i, c := range commands {
		for _, name := range h.names() {
			h.fireAll(name, earliest[i])
		}
		h.do(c)
		h.commit()
	}
	return h
}

// fireAll fires what is due on a user before an instant.
func (h *history) fireAll(name string, before time.Time) {
	for {
		u, _ := h.User(name) // of a map: it has no error
		due, ok := timed(&u)
		if !ok || !due.Before(before) {
			return
		}
		h.do(domain.NewTimerFire(domain.UserEntity(name), due))
	}
}

// Whether a timer runs shows in the log, and in no answer at any instant.
func TestTimersShowInNoAnswer(t *testing.T) {
	fired := 0
	for seed := uint64(0); seed < 30; seed += 3 { // with these, chance fires none
		c := newChance(seed, 1+int(seed%4))
		stopped := newHistory()
		c.write(stopped, 300, 9)
		running := playTimed(stopped.told())
		fired += len(running.records) - len(stopped.records)
		a, b := open(t, "/stopped", quiet(vfs.NewMem())), open(t, "/running", quiet(vfs.NewMem()))
		fold(t, a, stopped)
		fold(t, b, running)
		for range 20 {
			at, _, _ := c.question(stopped)
			user, account := c.user(), c.account()
			want := everything(require{t}, asking{a, stopped, at, nil, ListMax}, user, account)
			require{t}.Same("with the timer running", want, everything(require{t}, asking{b, running, at, nil, ListMax}, user, account))
		}
		closeAll(t, a, b)
	}
	if fired < 100 {
		t.Fatalf("the timer fired %d times", fired)
	}
}

// everything is every answer about a user and an account, but for the positions.
func everything(t require, a asking, user, account string) []any {
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
	lockout, err := a.engine.Lockout(t.Context(), a.log, user, a.at, nil)
	t.NoError(err)
	lockout.AsOf = AsOf{}
	return []any{devices.Devices, codes.Codes, sharings.Sharings, withdrawals, lockout, a.troubles(t, user).Cases}
}
