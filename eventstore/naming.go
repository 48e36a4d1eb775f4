package eventstore

import (
	"slices"

	"authledger/domain"
)

// naming is the result of the translation of the names in a command. In a realm with plain names it stays
// zero, except for the rejection of a name of the form of a pseudonym.
type naming struct {
	persons   []person          // the persons whose pseudonyms the command has
	strangers []string          // names that no person has: the sequencer introduces them
	wrong     *domain.Rejection // of a name; nil if all names are valid
	hasParty  bool              // a member holds the id of a party whom no record introduced as a person
	tentative bool              // read from commits that another writer may displace
}

// finder returns the person with a name or a pseudonym, the zero person if no person has it.
type finder func(name string) (person, error)

// rename replaces the names in the command as it was sent by the pseudonyms of the persons that find knows. A
// login with an invalid name becomes an unattributed attempt.
func (s *preparer) rename(p *prepared, find finder) (err error) {
	c := &p.command
	c.Data, c.BadName, p.anonymous, p.naming = p.sent, nil, false, naming{}
	name, unknown, login := c.LoginName()
	if login {
		c.BadName, err = s.badName(p.policy, *name, find)
		if err != nil {
			return err
		}
		if unknown || c.BadName != nil {
			p.anonymous = true
			c.Bucket = domain.SourceEntity(s.keys.Bucket(c.Address()))
			return nil
		}
	}
	if !s.names.isPseudonymous {
		p.naming.wrong = c.NamesPseudonym()
		return nil
	}
	var failed error
	c.Data = domain.Renamed(p.sent, func(member, name string) string {
		if failed != nil || p.naming.wrong != nil {
			return name
		}
		name, failed = s.renameOne(p, member, name, find)
		return name
	})
	return failed
}

// renameOne returns the pseudonym of the person with a name, the name itself if no person has it.
func (s *preparer) renameOne(p *prepared, member, name string, find finder) (string, error) {
	isParty := member == "by" || member == "agent" || member == "officer"
	if isParty && (name == "" || name == domain.SupportDesk) {
		return name, nil
	}
	who := person{}
	bad, err := s.badName(p.policy, name, find)
	if err == nil && bad == nil {
		who, err = find(name)
	}
	switch {
	case err != nil:
	case who != person{}:
		p.naming.persons = append(p.naming.persons, who)
		return who.pseudonym, nil
	case isParty && domain.WrongID(name) == "": // the id of an officer, or of a person whom a waiting command introduces
		p.naming.hasParty = true
	case isParty:
		p.naming.wrong = unknownUser(member)
	case bad != nil:
		p.naming.wrong = &domain.Rejection{Reason: domain.InvalidCharacter, Field: member, Detail: bad.String()}
	case domain.RequiresKnown(p.sent):
		p.naming.wrong = unknownUser(member)
	case !slices.Contains(p.naming.strangers, name):
		p.naming.strangers = append(p.naming.strangers, name)
	}
	return name, err
}

func unknownUser(member string) *domain.Rejection {
	return &domain.Rejection{Reason: domain.UnknownUser, Field: member, Detail: "no person has this name"}
}

// badName returns the first invalid character of a name that a client sent, nil if the name is valid. A name
// of the form of a pseudonym is valid only if a record introduced the pseudonym.
func (s *preparer) badName(policy *domain.Policy, name string, find finder) (*domain.BadName, error) {
	if domain.IsPseudonym(name) {
		who := person{}
		var err error
		if s.names.isPseudonymous {
			who, err = find(name)
		}
		if err == nil && who == (person{}) {
			return &domain.BadName{Position: 1, Character: string(domain.PseudonymMark)}, nil
		}
		return nil, err
	}
	if s.names.isPseudonymous {
		if bad := domain.BadPersonalName(name); bad != nil {
			return bad, nil
		}
	}
	return policy.BadName(name), nil
}

// find returns the person with a name or a pseudonym after the newest decided record.
func (s *sequencer) find(name string) (person, error) {
	who, isDecided := s.overlay.person(name)
	if !isDecided {
		var err error
		if who, err = s.names.find(name); err != nil || who == (person{}) {
			return person{}, err
		}
	}
	if s.isForgotten(who) {
		return person{}, nil
	}
	return who, nil
}

// isForgotten reports whether a record has forgotten a person.
func (s *sequencer) isForgotten(who person) bool {
	slot, isSet := s.overlay.assigned(string(domain.UserEntity(who.pseudonym)))
	return isSet && slot != who.slot || s.retired.has(who.slot)
}

// isStale reports whether the names of p may stand for other persons after the newest decided record: a name
// was unknown, a party may be a person by now, a person is forgotten, or another writer may have displaced an
// introduction.
func (s *sequencer) isStale(p *prepared) bool {
	n := &p.naming
	return n.tentative || n.hasParty || len(n.strangers) > 0 || s.names.isPseudonymous && n.wrong != nil ||
		slices.ContainsFunc(n.persons, s.isForgotten)
}

// person returns the person with a name or a pseudonym that a layer introduced.
func (o *Overlay) person(name string) (who person, found bool) {
	for i := len(o.layers) - 1; i >= 0; i-- {
		if who, found = o.layers[i].persons[name]; found {
			return who, true
		}
	}
	return person{}, false
}
