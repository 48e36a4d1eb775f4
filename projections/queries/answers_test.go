package queries

import (
	"context"
	"slices"
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
	oldest  bool
}

// testPage returns a page whose next is the position itself.
func testPage(limit int, oldest bool, next string) Page {
	p := Page{Limit: limit, Oldest: oldest, Next: func(position []byte) string { return string(position) }}
	if next != "" {
		p.After = []byte(next)
	}
	return p
}

func (a querier) devices(t require, user string) (all Devices) {
	walk(t, a, func(page Page) (int, Part) {
		d, err := a.queries.Devices(t.Context(), user, a.at, a.asOf, page)
		t.NoError(err)
		others := 0
		for _, x := range d.Devices {
			if x.State != domain.Active {
				others++
			}
		}
		all.User, all.AsOf, all.Devices = d.User, d.AsOf, append(all.Devices, d.Devices...)
		return others, d.Part
	})
	return all
}

func (a querier) codes(t require, user string) (all Codes) {
	walk(t, a, func(page Page) (int, Part) {
		c, err := a.queries.Codes(t.Context(), user, a.at, a.asOf, page)
		t.NoError(err)
		all.User, all.AsOf, all.Codes = c.User, c.AsOf, append(all.Codes, c.Codes...)
		return len(c.Codes), c.Part
	})
	return all
}

func (a querier) sharings(t require, user string) (all Sharings) {
	walk(t, a, func(page Page) (int, Part) {
		s, err := a.queries.Sharings(t.Context(), user, a.at, a.asOf, page)
		t.NoError(err)
		all.User, all.AsOf, all.Sharings = s.User, s.AsOf, append(all.Sharings, s.Sharings...)
		return len(s.Sharings), s.Part
	})
	return all
}

func (a querier) withdrawals(t require, account string) (all Withdrawals) {
	walk(t, a, func(page Page) (int, Part) {
		w, err := a.queries.Withdrawals(t.Context(), account, a.at, a.asOf, page)
		t.NoError(err)
		earlier := all.Withdrawals
		all = *w
		all.Withdrawals, all.More = append(earlier, w.Withdrawals...), false
		all.Next = ""
		return len(w.Withdrawals), w.Part
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
func walk(t require, a querier, ask func(Page) (n int, part Part)) {
	t.Helper()
	for next, more := "", true; more; {
		n, part := ask(testPage(a.limit, a.oldest, next))
		if next, more = part.Next, part.More; n > a.limit || more && n < a.limit || more != (next != "") {
			t.Fatalf("page: got %d entries, more %t and next %q, want %d entries or the last page", n, more, next,
				a.limit)
		}
	}
}

// inOrder reverses items that are in ascending order, unless the querier asks for the oldest first.
func inOrder[E any](a querier, items []E) []E {
	if !a.oldest {
		slices.Reverse(items)
	}
	return items
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
			checkAnswers(require{rt}, c, h, querier{q, at, asOf, 1 + c.IntN(6), c.IntN(2) == 0}, up)
		}
	})
}

func checkAnswers(t require, c *logtest.Generator, h *refLog, a querier, up uint64) {
	t.Helper()
	user, account, end := c.User(), c.Account(), Part{AsOf: h.asOf(up)}
	devices := devicesInOrder(a, h.refDevices(user, a.at, up))
	t.Same("devices", Devices{User: user, Part: end, Devices: devices}, a.devices(t, user))
	codes := inOrder(a, h.refCodes(user, a.at, up))
	t.Same("codes", Codes{User: user, Part: end, Codes: codes}, a.codes(t, user))
	t.Same("sharings", Sharings{User: user, Part: end, Sharings: inOrder(a, h.refSharings(user, a.at, up))},
		a.sharings(t, user))
	w := h.refWithdrawals(account, a.at, up)
	w.Withdrawals = inOrder(a, w.Withdrawals)
	t.Same("withdrawals", w, a.withdrawals(t, account))
	due := h.stateDueAt(user, a.at, up)
	u, _ := due.User(user) // a state in memory has no error
	t.Same("troubles", Troubles{User: user, AsOf: end.AsOf, Cases: u.Troubles(due.Policy(), user, a.at)},
		a.troubles(t, user))
}

// devicesInOrder is inOrder for the devices after the active ones.
func devicesInOrder(a querier, all []Device) []Device {
	active := slices.IndexFunc(all, func(d Device) bool { return d.State != domain.Active })
	if active < 0 {
		return all
	}
	return append(all[:active:active], inOrder(a, all[active:])...)
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
	a := querier{q, now, nil, ListMax, false}
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
	require{t}.Same("devices of an unknown user", Devices{User: "unknown", Part: Part{AsOf: end}},
		a.devices(require{t}, "unknown"))
	require{t}.Same("troubles of an unknown user", Troubles{User: "unknown", AsOf: end},
		a.troubles(require{t}, "unknown"))
	require{t}.Same("withdrawals of an unknown account", h.refWithdrawals("unknown", now, end.Seq),
		a.withdrawals(require{t}, "unknown"))
}
