package domain

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// rule is a row of a table: a description with its rule IDs, the earlier commands, the commands under
// test, and their complete answers.
type rule struct {
	says  string
	given given
	when  when
	then  then
}

type (
	some  interface{ list() []step } // one step or a sequence of steps
	given []some
	when  []some
	then  []Data // verdicts, each before its events and its result
)

// hold runs each row on a new ledger under p.
func hold(t *testing.T, p *Policy, rules []rule) {
	t.Helper()
	holdAs(t, p, outcome, rules)
}

// holdAs is hold with another view of a decision, in tables that compare more of it.
func holdAs(t *testing.T, p *Policy, view func(*Command, *Decision) then, rules []rule) {
	t.Helper()
	for _, r := range rules {
		t.Run(r.says, func(t *testing.T) {
			l := newLedger(p)
			for _, s := range flat(r.given) {
				l.do(*s(l))
			}
			var got then
			for _, s := range flat(r.when) {
				c := s(l)
				d := l.do(*c)
				got = append(got, view(c, &d)...)
			}
			if diff := cmp.Diff(r.then, got, sameOutcome); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func flat[L ~[]some](list L) []step {
	var all []step
	for _, s := range list {
		all = slices.Concat(all, s.list())
	}
	return all
}
