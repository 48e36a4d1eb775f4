package explain

import (
	"errors"
	"fmt"
	"slices"

	"authledger/domain"
)

// Explanation is the reason for the verdict of a record. [Given] builds states from Policy,
// Basis and Totals. Deciding the command again on these states gives the same verdict.
type Explanation struct {
	Record     *domain.Record
	Says       string // the verdict as English sentences
	Policy     *domain.Policy
	Adopted    uint64 // the record that adopted Policy, 0 if the policy is built in
	Basis      []Fact
	Totals     []Total  // of the kinds of facts that can fill several pages
	Next       uint64   // the argument after of [Explain] that returns the next page, 0 on the last page
	Calendar   *Days    // of a withdrawal that was compared with the limits (WD-4)
	Arithmetic []string // the computations as English sentences
}

// ErrNotReproducible reports a record whose verdict does not follow from the records
// before it.
var ErrNotReproducible = errors.New("verdict is not reproducible: deciding the command again on the records before it gives a different verdict")

// Explain explains the record r from the history h before it. It returns one page of the
// explanation. With after = 0 it returns the first page: all facts, but at most [pageMax]
// withdrawals. With the Next of the previous page it returns up to [pageMax] further
// withdrawals and no other facts. Explain returns [ErrNotReproducible] if the second decision
// differs from the record.
func Explain(h History, r *domain.Record, after uint64) (*Explanation, error) {
	x := explaining{policy: h.Policy(), record: r, command: r.AsDecided(), verdict: canonical(&RecordView{r}), read: newReadStates(h)}
	if err := x.decideAgain(); err != nil {
		return nil, err
	}
	totals, err := x.totals()
	if err != nil {
		return nil, err
	}
	facts, err := x.read.facts()
	if err != nil {
		return nil, err
	}
	facts = x.trim(facts, totals)
	e := &Explanation{
		Record: r, Says: describe(r), Policy: x.policy, Adopted: h.Adopted(), Totals: totals,
		Calendar: x.days(), Arithmetic: x.arithmetic(Given(x.policy, facts, totals)),
	}
	page, next, err := x.page(after)
	if err != nil {
		return nil, err
	}
	if after > 0 {
		facts = nil
	}
	e.Basis, e.Next = withPage(facts, page), next
	return e, x.read.cite(e.Basis)
}

// explaining is one explanation in progress.
type explaining struct {
	policy  *domain.Policy
	record  *domain.Record
	command domain.Command
	verdict string // canonical text of the recorded verdict
	read    *readStates
}

// decideAgain decides the command on the history, and notes the states that the decision
// reads.
func (x *explaining) decideAgain() error {
	verdict, err := x.decide(x.read)
	if err == nil && verdict != x.verdict {
		err = fmt.Errorf("record %d: %w", x.record.Seq, ErrNotReproducible)
	}
	return err
}

// decide returns the canonical text of the verdict of the command on states.
func (x *explaining) decide(s domain.States) (string, error) {
	d, err := domain.Decide(s, &x.command)
	if err != nil {
		return "", err
	}
	return canonical(&RecordView{&domain.Record{
		Seq: x.record.Seq, Entities: d.Entities, Command: x.record.Command, Time: d.Time, Late: d.Late, Policy: d.Policy,
		Status: d.Status, Reason: d.Reason, Detail: d.Detail, Result: d.Result, Events: d.Events,
	}}), nil
}

// trim removes the facts on which the verdict does not depend, except those that sought selects.
func (x *explaining) trim(facts []Fact, totals []Total) []Fact {
	isSought := x.sought()
	for i := len(facts) - 1; i >= 0; i-- {
		if isSought(&facts[i]) {
			continue
		}
		without := slices.Delete(slices.Clone(facts), i, i+1)
		if verdict, err := x.decide(Given(x.policy, without, totals)); err == nil && verdict == x.verdict {
			facts = without
		}
	}
	return facts
}

// sought returns a predicate for the facts that an explanation always lists: the facts about
// ids in the command, the withdrawals, and the kinds of facts that [command] selects.
func (x *explaining) sought() func(*Fact) bool {
	k := commands[x.command.Data.CommandType()]
	kinds := append(k.kinds(x.command.Data), withdrawalFact)
	named := map[string]bool{}
	if k.isNaming() {
		named = textsOf(x.command.Data)
	}
	return func(f *Fact) bool {
		id := f.id()
		return slices.Contains(kinds, f.Kind) || id != "" && named[id]
	}
}
