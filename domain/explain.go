package domain

import (
	"errors"
	"fmt"
	"iter"
	"slices"
)

// History is where an explanation looks things up: the log before a record.
type History interface {
	// Records yields the records before one that name any of some entities, in
	// the order of the log.
	Records(entities []Entity, before uint64) iter.Seq2[*Record, error]
	// PolicyBefore is the one in force before a record, and the record that adopted it:
	// 0 of the built-in.
	PolicyBefore(before uint64) (p *Policy, adopted uint64, err error)
	// Held is a holder or joiners as they stood before a record, which no entity's
	// records tell, and the record that made them so; nil if there were none.
	Held(k ItemKey, before uint64) (it Item, by *Record, err error)
}

// Explanation is why a record says what it says: all that its verdict rests on,
// and no more. Deciding its command again on the states that Rests alone makes,
// under Policy, gives the same verdict (see [Given]).
type Explanation struct {
	Record     *Record
	Says       string // the verdict, for a person
	Policy     *Policy
	Adopted    uint64 // the record that adopted Policy, 0: it is built in
	Rests      []Fact
	Calendar   *Days    // of a withdrawal that was held against the limits (WD-4)
	Arithmetic []string // with which numbers, for a person
}

// ErrOtherwise reports a record whose verdict does not follow from the log
// before it.
var ErrOtherwise = errors.New("decided again from the records before it, it comes out otherwise")

// Explain explains a record of the log that h tells of.
func Explain(h History, r *Record) (*Explanation, error) {
	p, adopted, err := h.PolicyBefore(r.Seq)
	if err != nil {
		return nil, err
	}
	x := explaining{history: h, policy: p, record: r, command: r.AsDecided(), verdict: spell(&ToldRecord{r})}
	if err := x.retrace(); err != nil {
		return nil, err
	}
	facts := x.trim(x.trace.facts(&x.read, x.drawn()))
	for i := range facts {
		facts[i].Says = facts[i].say()
	}
	return &Explanation{
		Record: r, Says: r.say(), Policy: p, Adopted: adopted, Rests: facts,
		Calendar: x.days(), Arithmetic: x.arithmetic(Given(p, facts)),
	}, nil
}

// explaining is one explanation under way.
type explaining struct {
	history History
	policy  *Policy
	record  *Record
	command Command
	verdict string // that is to come out
	trace   *trace
	read    reading
}

// retrace folds the histories of all whom the decision reads. Whom it reads
// depends on what it has read: it goes on until nobody is missing.
func (x *explaining) retrace() error {
	known := x.named()
	for {
		again, err := x.decideOn(known)
		if err != nil {
			return err
		}
		missing := slices.DeleteFunc(slices.Clone(x.read.entities), func(e Entity) bool { return slices.Contains(known, e) })
		switch {
		case len(missing) > 0:
			known = append(known, missing...)
		case again != x.verdict:
			return fmt.Errorf("record %d: %w", x.record.Seq, ErrOtherwise)
		default:
			return nil
		}
	}
}

// decideOn decides the command again on the histories of some entities.
func (x *explaining) decideOn(known []Entity) (verdict string, err error) {
	x.trace = newTrace(x.policy, &x.command)
	for r, err := range x.history.Records(known, x.record.Seq) {
		if err != nil {
			return "", err
		}
		if err := x.trace.take(r); err != nil {
			return "", err
		}
	}
	x.read = reading{trace: x.trace, history: x.history, before: x.record.Seq}
	return x.decided(&x.read)
}

// decided is how the command is answered on some states.
func (x *explaining) decided(s States) (string, error) {
	d, err := Decide(s, &x.command)
	if err != nil {
		return "", err
	}
	return spell(&ToldRecord{&Record{
		Seq: x.record.Seq, Entities: d.Entities, Command: x.record.Command, Time: d.Time, Late: d.Late, Policy: d.Policy,
		Status: d.Status, Reason: d.Reason, Detail: d.Detail, Result: d.Result, Events: d.Events,
	}}), nil
}

// named are the entities of the record and those of the users whom its command
// names.
func (x *explaining) named() []Entity {
	all := slices.Clone(x.record.Entities)
	if c, ok := x.command.Data.(namesUsers); ok {
		for _, n := range c.names() {
			if e := UserEntity(n.text); n.text != "" && !slices.Contains(all, e) {
				all = append(all, e)
			}
		}
	}
	return all
}

// trim leaves out what the verdict does not rest on: without it the same comes
// out. What a person would look for stays.
func (x *explaining) trim(facts []Fact) []Fact {
	stays := staying(&x.command)
	for i := len(facts) - 1; i >= 0; i-- {
		if stays(&facts[i]) {
			continue
		}
		without := slices.Delete(slices.Clone(facts), i, i+1)
		if again, err := x.decided(Given(x.policy, without)); err == nil && again == x.verdict {
			facts = without
		}
	}
	return facts
}
