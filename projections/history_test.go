package projections

import (
	"context"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"time"

	"authledger/domain"
)

// epoch is when every history begins.
var epoch = time.Date(2026, 3, 2, 15, 0, 0, 0, time.UTC)

// history is a log in memory, decided by the rules, and the states it folds to.
type history struct {
	policy  *domain.Policy
	users   map[string]domain.User
	clocks  map[domain.Entity]time.Time
	records []domain.Record
	commits []*domain.Commit
	pending int // records at the end that no commit has yet
}

func newHistory() *history {
	return &history{policy: domain.IBKRSLS(), users: map[string]domain.User{}, clocks: map[domain.Entity]time.Time{}}
}

func (h *history) Policy() *domain.Policy                   { return h.policy }
func (h *history) User(name string) (domain.User, error)    { return h.users[name], nil }
func (h *history) Clock(e domain.Entity) (time.Time, error) { return h.clocks[e], nil }
func (h *history) Record(_ context.Context, seq uint64) (domain.Record, error) {
	return h.records[seq-1], nil
}

// do decides a command and appends its record, unless it is invalid.
func (h *history) do(c domain.Command) domain.Decision {
	d, err := domain.Decide(h, &c)
	if err != nil {
		panic(err) // the states above have none
	}
	if d.Status == domain.Invalid {
		return d
	}
	r := domain.Record{
		Seq: uint64(len(h.records)) + 1, Entities: d.Entities, Command: c, Time: d.Time, Late: d.Late, Policy: d.Policy,
		Status: d.Status, Reason: d.Reason, Detail: d.Detail, Result: d.Result, Events: d.Events,
	}
	binary.BigEndian.PutUint64(r.Content[:], r.Seq^0xC0FFEE)
	h.records = append(h.records, r)
	h.pending++
	for _, e := range r.Entities {
		h.clocks[e] = r.Time
		if name, ok := e.User(); ok {
			h.users[name] = h.users[name].Fold(&r)
		}
	}
	if p := r.Adopted(); p != nil {
		h.policy = p
	}
	return d
}

// commit closes a commit over the records that have none yet.
func (h *history) commit() {
	if h.pending == 0 {
		return
	}
	n := len(h.records) - h.pending
	c := &domain.Commit{
		First: uint64(n) + 1, Stream: uint64(len(h.commits)) + 1, Rules: domain.Rules, Node: "test",
		Time: epoch.Add(time.Duration(len(h.commits)) * time.Second), Records: h.records[n:len(h.records):len(h.records)],
	}
	if last := len(h.commits) - 1; last >= 0 {
		c.Prev = h.commits[last].Hash
	}
	binary.BigEndian.PutUint64(c.Hash[:], c.Stream*0x9E3779B97F4A7C15)
	h.commits = append(h.commits, c)
	h.pending = 0
}

// chance makes histories: every kind of command, few users, and times that
// mostly go on but repeat, go back and jump over locks and windows.
type chance struct {
	*rand.Rand
	users int
	now   time.Time
	ids   int
}

func newChance(seed uint64, users int) *chance {
	return &chance{Rand: rand.New(rand.NewPCG(seed, 1)), users: users, now: epoch}
}

func pick[T any](c *chance, of ...T) T { return of[c.IntN(len(of))] }

func (c *chance) user() string { return fmt.Sprintf("user%d", c.IntN(c.users)) }

func (c *chance) attempt() string { return fmt.Sprintf("a-%d", c.IntN(4)) }

func (c *chance) time() time.Time {
	c.now = c.now.Add(pick(c, 0, 0, time.Nanosecond, time.Second, time.Minute, 5*time.Minute, time.Hour, 24*time.Hour, -time.Minute))
	return c.now
}

func (c *chance) command() domain.Command {
	c.ids++
	return domain.Command{
		Source: pick(c, "gateway/portal", "gateway/tws", "import/2023"), ID: fmt.Sprintf("e-%d", c.ids), Caller: "test",
		Time: c.time(), Backfill: c.IntN(6) == 0, Data: c.data(),
		Bucket: domain.SourceEntity(c.IntN(3)),
	}
}

func (c *chance) data() domain.CommandData {
	failure := pick(c, "bad_credentials", "bad_credentials", "bad_code", "cancelled")
	switch c.IntN(16) {
	case 0, 1:
		return &domain.LoginBegin{User: c.user(), Attempt: c.attempt(), Platform: "tws"}
	case 2:
		return &domain.LoginFinish{User: c.user(), Attempt: c.attempt(), Outcome: domain.Failed, Reason: failure}
	case 3:
		return &domain.LoginFinish{User: c.user(), Attempt: c.attempt(), Outcome: domain.Succeeded}
	case 4:
		return &domain.LoginReport{User: c.user(), Outcome: domain.Succeeded}
	case 5:
		return &domain.LoginReport{User: "Not A Name", Outcome: domain.Succeeded}
	case 6:
		return &domain.LoginReport{User: c.user(), Outcome: domain.Failed, Reason: domain.UnknownUser}
	case 7:
		return &domain.IdentityVerify{User: c.user(), Agent: "agent", Channel: "phone"}
	case 8:
		return &domain.LockoutRelease{User: c.user(), Agent: "agent"}
	case 9:
		return c.policyOrFingerprint()
	}
	return &domain.LoginReport{User: c.user(), Outcome: domain.Failed, Reason: failure}
}

func (c *chance) policyOrFingerprint() domain.CommandData {
	if c.IntN(4) > 0 {
		return &domain.IdentityRecord{User: c.user(), Fingerprint: "0123456789abcdef0123456789abcdef"}
	}
	p := *domain.IBKRSLS()
	p.Version = fmt.Sprintf("test@%d", 1+c.IntN(9))
	p.Failures = pick[int64](c, 1, 2, 3, 10)
	p.DurationSeconds = pick[int64](c, 0, 1, 3600, 24*3600)
	p.RefusalsExtend = c.IntN(2) == 0
	return &domain.PolicyAdopt{Policy: p, By: "officer"}
}

// write appends n records or more, in commits of at most commitMax.
func (c *chance) write(h *history, n, commitMax int) {
	for end := len(h.records) + n; len(h.records) < end; {
		for range 1 + c.IntN(commitMax) {
			c.fireOne(h)
			h.do(c.command())
		}
		h.commit()
	}
}

// fireOne lets the timer record what is due on one user, if anything is.
func (c *chance) fireOne(h *history) {
	name := c.user()
	u := h.users[name]
	if due, ok := timed(&u); ok && !due.After(c.now) && c.IntN(2) == 0 {
		h.do(domain.NewTimerFire(domain.UserEntity(name), due))
	}
}
