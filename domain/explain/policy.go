package explain

import "authledger/domain"

var policyCommands = []commandKind{
	command[*domain.PolicyAdopt]{text: func(_ *domain.Record, c *domain.PolicyAdopt) string {
		return person(c.By) + " requested the adoption of the policy " + c.Policy.Version
	}},
}

var policyEvents = []eventKind{
	event[*domain.PolicyAdopted]{text: func(*domain.Event, *domain.PolicyAdopted, string) string {
		return "the policy applies from the next record on"
	}},
}

var policyFactKinds = []factKind{
	fact[*domain.Policy]{
		name: labelFact, empty: func() domain.Data { return new(domain.Policy) },
		text:    func(_ *Fact, s *domain.Policy) string { return "The policy " + s.Version + " had been adopted before." },
		id:      func(s *domain.Policy) string { return s.Version },
		restore: func(to *States, _ *Fact, s *domain.Policy) { to.items[domain.PolicyKey(s.Version)] = s.Compiled() },
	},
}
