package projections

import (
	"context"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"authledger/domain"
)

// asking puts one question of each kind to an engine, and walks through the pages
// of the lists.
type asking struct {
	engine *Engine
	log    Log
	at     time.Time
	asOf   *uint64
	limit  int
}

func (a asking) devices(t require, user string) (all Devices) {
	walk(t, a.limit, func(page Page) (uint64, int, bool) {
		d, err := a.engine.Devices(t.Context(), a.log, user, a.at, a.asOf, page)
		t.NoError(err)
		others := 0
		for _, x := range d.Devices {
			if x.State != domain.Active {
				others++
			}
		}
		all.User, all.AsOf, all.Devices = d.User, d.AsOf, append(all.Devices, d.Devices...)
		if len(d.Devices) == 0 {
			return 0, others, d.More
		}
		return d.Devices[len(d.Devices)-1].Seq, others, d.More
	})
	return all
}

func (a asking) codes(t require, user string) (all Codes) {
	walk(t, a.limit, func(page Page) (last uint64, n int, more bool) {
		c, err := a.engine.Codes(t.Context(), a.log, user, a.at, a.asOf, page)
		t.NoError(err)
		all.User, all.AsOf, all.Codes = c.User, c.AsOf, append(all.Codes, c.Codes...)
		for _, x := range c.Codes {
			last = x.Seq
		}
		return last, len(c.Codes), c.More
	})
	return all
}

func (a asking) sharings(t require, user string) (all Sharings) {
	walk(t, a.limit, func(page Page) (last uint64, n int, more bool) {
		s, err := a.engine.Sharings(t.Context(), a.log, user, a.at, a.asOf, page)
		t.NoError(err)
		all.User, all.AsOf, all.Sharings = s.User, s.AsOf, append(all.Sharings, s.Sharings...)
		for _, x := range s.Sharings {
			last = x.Seq
		}
		return last, len(s.Sharings), s.More
	})
	return all
}

func (a asking) withdrawals(t require, account string) (all Withdrawals) {
	walk(t, a.limit, func(page Page) (last uint64, n int, more bool) {
		w, err := a.engine.AccountWithdrawals(t.Context(), a.log, account, a.at, a.asOf, page)
		t.NoError(err)
		earlier := all.Withdrawals
		all = *w
		all.Withdrawals, all.More = append(earlier, w.Withdrawals...), false
		for _, x := range w.Withdrawals {
			last = x.Seq
		}
		return last, len(w.Withdrawals), w.More
	})
	return all
}

func (a asking) troubles(t require, user string) Troubles {
	found, err := a.engine.Troubleshoot(t.Context(), a.log, user, a.at, a.asOf)
	t.NoError(err)
	return *found
}

// tester is what tests and properties have in common.
type tester interface {
	Helper()
	Fatal(args ...any)
	Fatalf(format string, args ...any)
	Context() context.Context
}

// require fails at once.
type require struct{ tester }

func (t require) NoError(err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (t require) Same(what string, want, got any) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Fatalf("%s (-want +got)\n%s", what, diff)
	}
}

// walk asks for page after page. Each but the last is full, and none is fuller.
func walk(t require, limit int, ask func(Page) (last uint64, n int, more bool)) {
	t.Helper()
	for after, more := uint64(0), true; more; {
		var n int
		was := after
		after, n, more = ask(Page{Limit: limit, After: was})
		if n > limit || more && n < limit || more && after <= was {
			t.Fatalf("a page of %d up to record %d after %d, more %t, limit %d", n, after, was, more, limit)
		}
	}
}

// Every query, at any instant and as of any position, is the naive answer, with
// everything due.
func TestAnswersAreTheNaiveOnes(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		c := newChance(rapid.Uint64().Draw(rt, "seed"), rapid.IntRange(1, 5).Draw(rt, "users"))
		h := newHistory()
		c.write(h, rapid.IntRange(1, 500).Draw(rt, "records"), 9)
		e, err := Open("/d", quiet(vfs.NewMem()))
		if err != nil {
			rt.Fatal(err)
		}
		defer e.Close()
		for _, commit := range h.commits {
			if err := e.Fold(commit); err != nil {
				rt.Fatal(err)
			}
		}
		for range 12 {
			at, asOf, up := c.question(h)
			checkAnswers(require{rt}, c, h, asking{e, h, at, asOf, 1 + c.IntN(6)}, up)
		}
	})
}

func checkAnswers(t require, c *chance, h *history, a asking, up uint64) {
	t.Helper()
	user, account, end := c.user(), c.account(), h.asOf(up)
	t.Same("devices", Devices{User: user, AsOf: end, Devices: h.naiveDevices(user, a.at, up)}, a.devices(t, user))
	t.Same("codes", Codes{User: user, AsOf: end, Codes: h.naiveCodes(user, a.at, up)}, a.codes(t, user))
	t.Same("sharings", Sharings{User: user, AsOf: end, Sharings: h.naiveSharings(user, a.at, up)}, a.sharings(t, user))
	t.Same("withdrawals", h.naiveWithdrawals(account, a.at, up), a.withdrawals(t, account))
	due := h.thenDue(user, a.at, up)
	u, _ := due.User(user) // of a map: it has no error
	t.Same("troubles", Troubles{User: user, AsOf: end, Cases: u.Troubles(due.Policy(), user, a.at)}, a.troubles(t, user))
}

// Who asks about the present reads no log; who asks about what is unknown gets
// the zero answer.
func TestAnswersOfThePresentReadNoLog(t *testing.T) {
	e, h := asked(t, 5)
	now := epoch
	for _, r := range h.records {
		if r.Time.After(now) {
			now = r.Time
		}
	}
	a := asking{e, nil, now, nil, ListMax}
	for _, user := range h.names() {
		a.devices(require{t}, user)
		a.codes(require{t}, user)
		a.sharings(require{t}, user)
		a.troubles(require{t}, user)
	}
	for _, account := range []string{"U0", "U1", "U2"} {
		a.withdrawals(require{t}, account)
	}
	end := h.asOf(uint64(len(h.records)))
	require{t}.Same("devices of nobody", Devices{User: "nobody", AsOf: end}, a.devices(require{t}, "nobody"))
	require{t}.Same("troubles of nobody", Troubles{User: "nobody", AsOf: end}, a.troubles(require{t}, "nobody"))
	require{t}.Same("withdrawals of none", h.naiveWithdrawals("none", now, end.Seq), a.withdrawals(require{t}, "none"))
}
