package domain

import (
	"slices"
	"strings"
	"time"

	"authledger/domain/calendar"
)

// Fact is one thing that a verdict rests on: a part of a state, and the record
// that last set it.
type Fact struct {
	Seq   uint64
	At    time.Time // effective time of that record
	Of    Entity    // whose state it is a part of; "" for the realm
	Kind  string
	State Data
	Says  string
}

func (f *Fact) Members(v Visitor) {
	seq := int64(f.Seq)
	v.Count("seq", &seq, Need)
	v.Instant("at", &f.At, Need)
	v.Text("of", (*string)(&f.Of), Free)
	v.Text("kind", &f.Kind, Need)
	v.Text("says", &f.Says, Need)
	v.Object("state", f.State, Need)
}

// facts are the parts of all that a decision read, and the withdrawals drawn.
func (t *trace) facts(read *reading, drawn []*Withdrawal) (all []Fact) {
	for _, e := range read.entities {
		all = append(all, t.entity(e)...)
	}
	for _, k := range read.items {
		all = append(all, t.itemFact(k, all)...)
	}
	for _, w := range drawn {
		k := withdrawalKey(read.account(), w.ID)
		all = slices.DeleteFunc(all, func(f Fact) bool {
			other, ok := f.State.(*FactWithdrawal)
			return ok && other.ID == w.ID
		})
		all = append(all, t.itemFact(k, nil)...)
	}
	return all
}

// entity is the facts of one entity.
func (t *trace) entity(e Entity) (all []Fact) {
	for _, p := range clockPart(t.Folded, e) {
		all = append(all, t.fact(e, p, t.parts[e][p.id()]))
	}
	if id, ok := e.Account(); ok {
		a := t.accounts[id]
		for _, p := range zonePart(&a) {
			all = append(all, t.fact(e, p, t.parts[e][p.id()]))
		}
	}
	name, ok := e.User()
	if !ok {
		return all
	}
	u := t.users[name]
	for i, p := range failureParts(&u) {
		all = append(all, t.fact(e, p, t.runs[e][i]))
	}
	for _, p := range userParts(&u) {
		all = append(all, t.fact(e, p, t.parts[e][p.id()]))
	}
	for i := range u.Devices {
		d := &u.Devices[i]
		all = append(all, t.fact(e, part{deviceFact, d.ID, d}, t.origin[deviceKey(name, d.ID)]))
	}
	for i := range u.Codes {
		c := &u.Codes[i]
		all = append(all, t.fact(e, part{codeFact, c.ID, c}, t.origin[codeKey(name, c.ID)]))
	}
	return all
}

func (t *trace) fact(e Entity, p part, m mark) Fact {
	return Fact{Seq: m.seq, At: m.at, Of: e, Kind: p.kind, State: p.state}
}

// itemFact is the fact of an item that was read, none if there is none or its
// user's state has it among the facts that stand already.
func (t *trace) itemFact(k ItemKey, stand []Fact) []Fact {
	p, of := part{}, UserEntity(k.Owner)
	switch it := t.items[k].(type) {
	case *Device:
		p = part{deviceFact, it.ID, it}
	case *Code:
		p = part{oldCodeFact, it.ID, it}
	case *Sharing:
		p, of = part{sharingFact, it.ID, it}, ""
	case *Holder:
		p, of = part{holderFact, k.ID, &FactHolders{Device: k.ID, Users: []string{it.User}}}, ""
	case *Joiners:
		p = part{joinersFact, k.ID, &FactHolders{Device: k.ID, Through: k.Owner, Users: it.Users}}
	case *Policy:
		p, of = part{labelFact, it.Version, it}, ""
	case *Withdrawal:
		zone := location(t.accounts[k.Owner].Zone)
		p, of = part{withdrawalFact, it.ID, &FactWithdrawal{*it, calendar.DateOf(it.Time, zone).String()}}, AccountEntity(k.Owner)
	default:
		return nil
	}
	for i := range stand {
		if s := &stand[i]; s.Of == of && s.name() == p.name && strings.HasSuffix(p.kind, s.Kind) {
			return nil
		}
	}
	return []Fact{t.fact(of, p, t.origin[k])}
}

// name is the id of what a fact is about, "" if it has none.
func (f *Fact) name() string {
	switch s := f.State.(type) {
	case *Device:
		return s.ID
	case *Code:
		return s.ID
	case *Attempt:
		return s.ID
	case *Share:
		return s.ID
	case *Sharing:
		return s.ID
	case *FactHolders:
		return s.Device
	case *FactWithdrawal:
		return s.ID
	case *Policy:
		return s.Version
	}
	return ""
}

// staying tells which facts stay, whether or not another verdict would come out
// without them: what the command names, and what its rule looks at first.
func staying(c *Command) func(*Fact) bool {
	kinds := []string{withdrawalFact}
	named := textsOf(c.Data)
	switch data := c.Data.(type) {
	case loginCommand:
		kinds, named = append(kinds, failureFact, lockFact), nil
	case *LockoutRelease, *DeviceResetPIN:
		kinds = append(kinds, verificationFact, lockFact)
	case *CodeIssue:
		kinds = append(kinds, issuing[data.Kind]...)
	case *SharingRequest, *SharingReview:
		kinds = append(kinds, fingerprintFact)
	}
	return func(f *Fact) bool { return slices.Contains(kinds, f.Kind) || f.name() != "" && named[f.name()] }
}

// issuing is what the rule of a kind of code looks at (CODE-2, CODE-4, CODE-5).
var issuing = map[string][]string{
	TempPasscode: {verificationFact, codeFact},
	OnlineCard:   {codeFact},
	Voice:        {smsFact},
}
