package queries

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"authledger/domain"
	"authledger/projections/logtest"
)

// querier sends each query for one instant and position, and joins the pages of the lists.
type querier struct {
	queries *Queries
	at      time.Time
	asOf    *uint64
	limit   int // of a page
}

func (a querier) devices(t require, user string) (all Devices) {
	walk(t, a.limit, func(page Page) (uint64, int, bool) {
		d, err := a.queries.Devices(t.Context(), user, a.at, a.asOf, page)
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

func (a querier) codes(t require, user string) (all Codes) {
	walk(t, a.limit, func(page Page) (last uint64, n int, more bool) {
		c, err := a.queries.Codes(t.Context(), user, a.at, a.asOf, page)
		t.NoError(err)
		all.User, all.AsOf, all.Codes = c.User, c.AsOf, append(all.Codes, c.Codes...)
		for _, x := range c.Codes {
			last = x.Seq
		}
		return last, len(c.Codes), c.More
	})
	return all
}

func (a querier) sharings(t require, user string) (all Sharings) {
	walk(t, a.limit, func(page Page) (last uint64, n int, more bool) {
		s, err := a.queries.Sharings(t.Context(), user, a.at, a.asOf, page)
		t.NoError(err)
		all.User, all.AsOf, all.Sharings = s.User, s.AsOf, append(all.Sharings, s.Sharings...)
		for _, x := range s.Sharings {
			last = x.Seq
		}
		return last, len(s.Sharings), s.More
	})
	return all
}

func (a querier) withdrawals(t require, account string) (all Withdrawals) {
	walk(t, a.limit, func(page Page) (last uint64, n int, more bool) {
		w, err := a.queries.Withdrawals(t.Context(), account, a.at, a.asOf, page)
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

func (a querier) troubles(t require, user string) Troubles {
	found, err := a.queries.Troubleshoot(t.Context(), user, a.at, a.asOf)
	t.NoError(err)
	return *found
}

// tester has the methods of [testing.T] that [rapid.T] has too.
type tester interface {
	Helper()
	Fatal(args ...any)
	Fatalf(format string, args ...any)
	Context() context.Context
}

// require ends the test at the first failure.
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

// walk reads all pages, and checks that each page but the last has limit entries.
func walk(t require, limit int, ask func(Page) (last uint64, n int, more bool)) {
	t.Helper()
	for after, more := uint64(0), true; more; {
		var n int
		was := after
		after, n, more = ask(Page{Limit: limit, After: was})
		if n > limit || more && n < limit || more && after <= was {
			t.Fatalf("page: got %d entries up to record %d after %d, more %t, want %d entries", n, after, was,
				more, limit)
		}
	}
}

// At any instant and position, each query returns what the reference fold returns with every
// deadline applied.
func TestAnswersEqualReferenceFold(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		c := logtest.NewGenerator(rapid.Uint64().Draw(rt, "seed"), rapid.IntRange(1, 5).Draw(rt, "users"))
		h := newRefLog()
		c.Write(h.History, rapid.IntRange(1, 500).Draw(rt, "records"), 9)
		q, closeRows := open(require{rt}, h)
		defer closeRows()
		for range 12 {
			at, asOf, up := question(c, h)
			checkAnswers(require{rt}, c, h, querier{q, at, asOf, 1 + c.IntN(6)}, up)
		}
	})
}

func checkAnswers(t require, c *logtest.Generator, h *refLog, a querier, up uint64) {
	t.Helper()
	user, account, end := c.User(), c.Account(), h.asOf(up)
	t.Same("devices", Devices{User: user, AsOf: end, Devices: h.refDevices(user, a.at, up)}, a.devices(t, user))
	t.Same("codes", Codes{User: user, AsOf: end, Codes: h.refCodes(user, a.at, up)}, a.codes(t, user))
	t.Same("sharings", Sharings{User: user, AsOf: end, Sharings: h.refSharings(user, a.at, up)},
		a.sharings(t, user))
	t.Same("withdrawals", h.refWithdrawals(account, a.at, up), a.withdrawals(t, account))
	due := h.stateDueAt(user, a.at, up)
	u, _ := due.User(user) // a state in memory has no error
	t.Same("troubles", Troubles{User: user, AsOf: end, Cases: u.Troubles(due.Policy(), user, a.at)},
		a.troubles(t, user))
}

// Queries about the present read no record of the log. An unknown name has the zero answer
//
func TestPresentReadsNoLog(t *testing.T) {
	q, h := openHistory(t, 5)
	q.log = nil
	now := logtest.Epoch
	for _, r := range h.Records {
		if r.Time.After(now) {
			now = r.Time
		}
	}
	a := querier{q, now, nil, ListMax}
	for _, user := range h.Names() {
		a.devices(require{t}, user)
		a.codes(require{t}, user)
		a.sharings(require{t}, user)
		a.troubles(require{t}, user)
	}
	for _, account := range []string{"U0", "U1", "U2"} {
		a.withdrawals(require{t}, account)
	}
	end := h.asOf(uint64(len(h.Records)))
	require{t}.Same("devices of an unknown user", Devices{User: "unknown", AsOf: end},
		a.devices(require{t}, "unknown"))
	require{t}.Same("troubles of an unknown user", Troubles{User: "unknown", AsOf: end},
		a.troubles(require{t}, "unknown"))
	require{t}.Same("withdrawals of an unknown account", h.refWithdrawals("unknown", now, end.Seq),
		a.withdrawals(require{t}, "unknown"))
}
