package projections

import "authledger/domain"

// policies holds each adopted policy, by the record that adopted it. An answer about the
// past uses the policy that was in force then.
var policies = &Projection{Name: "policies", Version: 1, Table: 'p', Fold: foldPolicies}

func foldPolicies(t *Table, s *Step) error {
	if p := s.Record.Adopted(); p != nil {
		t.Put(t.Key().Number(s.Record.Seq), p)
	}
	return nil
}

// builtIn is the policy in force before the first adopted one.
var builtIn = domain.IBKRSLS()

// Policy returns the policy in force after the record at seq, compiled.
func (v View) Policy(seq uint64) (*domain.Policy, error) {
	p := new(domain.Policy)
	_, found, err := v.Last(policies.key(), policies.key().Number(seq+1), p)
	switch {
	case err != nil:
		return nil, err
	case !found:
		return builtIn, nil
	}
	return p.Compiled(), nil
}

// PolicyAdopted returns the record that adopted the policy in force after the record at
// seq, 0 for the built-in policy.
func (v View) PolicyAdopted(seq uint64) (uint64, error) {
	k, found, err := v.Last(policies.key(), policies.key().Number(seq+1), nil)
	if err != nil || !found {
		return 0, err
	}
	adopted, _, err := k[1:].CutNumber()
	return adopted, err
}
