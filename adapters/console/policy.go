package console

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"authledger/domain"
)

// policyPath is the path of the page of policies.
const policyPath = workPath + "/policy"

// policyOperations are the operations whose answers the page of policies shows.
var policyOperations = []string{"policy"}

// Parameters of the page of policies: the two policies to compare. A value is the number of the
// record that adopted the policy, or the label of a preset.
const (
	leftField  = "left"
	rightField = "right"
)

// adoptionsShown is the maximum number of adopted policies on the page.
const adoptionsShown = 50

// policyBody is the body of the page of policies.
type policyBody struct {
	policyChoice
	Left, Right string // values of the compared policies
	Members     []policyMember
	IsSame      bool // the compared policies have the same members
	MayAdopt    bool
}

// policyChoice is the policies that a person can choose.
type policyChoice struct {
	Adoptions []adoption // the policy in force first
	More      bool       // the ledger has adopted more policies
	Presets   []string
}

// adoption is a policy that was in force.
type adoption struct {
	Value, Version string // Value is the number of the record, or the label of the built-in policy
	Seq            uint64 // record that adopted the policy, 0 for the policy of a new ledger
	Time           time.Time
	By             string
	Adopt          string // path of the form that adopts the policy again
}

// policyMember is a member of two policies.
type policyMember struct {
	Name, Left, Right string
	Differs           bool
}

// getPolicy shows the adopted policies, and compares two of them.
func (v *visit) getPolicy() error {
	all, err := v.policyChoice()
	if err != nil {
		return err
	}
	b := &policyBody{policyChoice: all, MayAdopt: policyAdopt.isFor(v.caller.Role)}
	query := v.r.URL.Query()
	b.Left, b.Right = query.Get(leftField), query.Get(rightField)
	if b.Right == "" {
		b.Right = b.Adoptions[0].Value
	}
	if b.Left == "" {
		b.Left = b.Adoptions[min(1, len(b.Adoptions)-1)].Value
	}
	left, err := v.policyOf(b.Left)
	if err != nil {
		return err
	}
	right, err := v.policyOf(b.Right)
	if err != nil {
		return err
	}
	b.Members, b.IsSame = comparePolicies(left, right)
	v.write(http.StatusOK, "policy", "work.policy", b)
	return nil
}

// policyChoice returns the presets, and the policies that were in force, the newest first.
func (v *visit) policyChoice() (b policyChoice, err error) {
	for _, p := range domain.Presets() {
		b.Presets = append(b.Presets, p.Version)
	}
	view, err := v.Rows.View(v.r.Context())
	if err != nil {
		return b, err
	}
	defer view.Close()
	for seq := v.moment.asOf.Seq; ; {
		at, err := view.PolicyAdopted(seq)
		if err != nil {
			return b, err
		}
		if len(b.Adoptions) == adoptionsShown {
			b.More = true
			return b, nil
		}
		a, err := v.adoptionAt(at)
		if err != nil {
			return b, err
		}
		if b.Adoptions = append(b.Adoptions, a); at == 0 {
			return b, nil
		}
		seq = at - 1
	}
}

// adoptionAt returns the policy that a record adopted, or the policy of a new ledger for 0.
func (v *visit) adoptionAt(seq uint64) (a adoption, err error) {
	if seq == 0 {
		a.Version = domain.IBKRSLS().Version
		a.Value = a.Version
		return a, nil
	}
	r, err := v.Ledger.Record(v.r.Context(), seq)
	if err != nil {
		return a, err
	}
	a = adoption{Value: strconv.FormatUint(seq, 10), Seq: seq, Time: r.Time, Version: r.Adopted().Version}
	if c, ok := r.Command.Data.(*domain.PolicyAdopt); ok {
		a.By = c.By
	}
	a.Adopt = formPath(policyAdoptName, url.Values{"base": {a.Value}})
	return a, nil
}

// policyOf returns the policy of a value of the form.
func (v *visit) policyOf(value string) (*domain.Policy, error) {
	for _, p := range domain.Presets() {
		if p.Version == value {
			return p, nil
		}
	}
	seq, err := strconv.ParseUint(value, 10, 63)
	if err != nil || seq == 0 || seq > v.moment.asOf.Seq {
		return nil, errNoObject
	}
	r, err := v.Ledger.Record(v.r.Context(), seq)
	if err != nil || r.Adopted() == nil {
		return nil, orNoObject(err)
	}
	return r.Adopted(), nil
}

// comparePolicies returns the members of two policies, in the order of their documents.
func comparePolicies(left, right *domain.Policy) (members []policyMember, isSame bool) {
	isSame = true
	others := make(map[string]string)
	for _, f := range membersOf(right) {
		others[f.Name] = f.Value
	}
	for _, f := range membersOf(left) {
		m := policyMember{Name: f.Name, Left: f.Value, Right: others[f.Name]}
		delete(others, f.Name)
		m.Differs = m.Left != m.Right
		isSame = isSame && !m.Differs
		members = append(members, m)
	}
	for _, f := range membersOf(right) {
		if value, ok := others[f.Name]; ok {
			members, isSame = append(members, policyMember{f.Name, "", value, true}), false
		}
	}
	return members, isSame
}

// membersOf returns the members of a policy, with the members of objects and lists inside of it.
func membersOf(p *domain.Policy) []fact {
	var all []fact
	p.Members(&nestedList{memberList: memberList{facts: &all}, facts: &all})
	return all
}

// nestedList collects members with those of inner objects, whose names have the name of the
// object in front.
type nestedList struct {
	memberList
	facts *[]fact
}

// Count implements [domain.Visitor]. Zero is a value of a policy.
func (l *nestedList) Count(name string, at *int64, _ domain.Form) {
	l.add(name, strconv.FormatInt(*at, 10))
}

// Flag implements [domain.Visitor].
func (l *nestedList) Flag(name string, at *bool, _ domain.Form) {
	l.add(name, strconv.FormatBool(*at))
}

// Object implements [domain.Visitor].
func (l *nestedList) Object(name string, d domain.Data, _ domain.Form) { l.inner(name, d) }

// List implements [domain.Visitor].
func (l *nestedList) List(name string, items domain.Items) {
	for i := range items.Len() {
		l.inner(name+"["+strconv.Itoa(i)+"]", items.At(i))
	}
}

func (l *nestedList) inner(name string, d domain.Data) {
	var all []fact
	d.Members(&nestedList{memberList: memberList{facts: &all}, facts: &all})
	for _, f := range all {
		*l.facts = append(*l.facts, fact{strings.TrimSuffix(name+"."+f.Name, "."), f.Value})
	}
}
