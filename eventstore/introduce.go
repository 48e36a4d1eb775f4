package eventstore

import (
	"errors"
	"fmt"

	"authledger/domain"
	"authledger/eventstore/seal"
	"authledger/eventstore/wire"
)

// Upper bounds of the records of one command that names users, in bytes: of an introduction, and of the record
// of the command.
const (
	introductionBytesMax = 2 << 10
	namedRecordBytesMax  = 16 << 10
)

// newcomer is a person whom a command names first.
type newcomer struct {
	name string
	person
}

// meet chooses a slot of the key ring for each unknown name of p, and replaces the names by pseudonyms under
// these keys. It records nothing: the slots are assigned when the introductions are added to a commit.
func (s *sequencer) meet(p *prepared) (all []newcomer, err error) {
	if len(p.naming.strangers) == 0 {
		return nil, nil
	}
	slot, err := s.overlay.LastKeySlot()
	if err != nil {
		return nil, err
	}
	for _, name := range p.naming.strangers {
		who, err := s.nextPerson(slot, name)
		if err != nil {
			return nil, err
		}
		all, slot = append(all, newcomer{name, who}), who.slot
	}
	p.command.Data = domain.Renamed(p.command.Data, func(_, name string) string {
		for i := range all {
			if all[i].name == name {
				return all[i].pseudonym
			}
		}
		return name
	})
	p.content = wire.Content(&p.command, p.anonymous)
	p.personal, p.plain = nil, wire.Personal(&p.command, p.anonymous)
	return all, nil
}

// nextPerson returns a person with a name under the first usable key after a slot.
func (s *sequencer) nextPerson(slot uint32, name string) (person, error) {
	for {
		slot++
		if err := s.keys.Reserve(slot); err != nil {
			return person{}, fmt.Errorf("%w: start again", err)
		}
		pseudonym, err := s.names.pseudonym(slot, name)
		if errors.Is(err, seal.ErrGivenUp) || errors.Is(err, seal.ErrErased) {
			continue
		}
		return person{pseudonym, slot}, err
	}
}

// hasRoom reports whether the records of a command with newcomers fit into the layer.
func (l *layer) hasRoom(newcomers int) bool {
	records := len(l.commit.Records) + newcomers + 1
	bytes := len(l.lines) + newcomers*introductionBytesMax + namedRecordBytesMax
	return records <= CommitRecordsMax && bytes <= linesMax
}

// introduce adds the introductions of newcomers to the layer, before the record of the command that names
// them.
func (s *sequencer) introduce(l *layer, first *domain.Command, newcomers []newcomer) error {
	for _, n := range newcomers {
		p := prepared{command: domain.NewPersonIntroduce(first, n.pseudonym, n.name)}
		c := &p.command
		p.content = wire.Content(c, false)
		personal, err := s.sealWith(s.keys.SealNew, n.slot, &p, wire.Personal(c, false))
		if err != nil {
			return err
		}
		c.Data = &domain.PersonIntroduce{User: n.pseudonym}
		states := memo{Overlay: &s.overlay}
		d, err := domain.Decide(&states, c)
		if err != nil {
			return err
		}
		r := NewRecord(s.at.Seq+uint64(len(l.commit.Records))+1, c, p.content, personal, d)
		if fits, err := l.append(r); err != nil || !fits {
			return fmt.Errorf("introduce a person in record %d: it does not fit: %w", r.Seq, err)
		}
		l.assign(string(domain.UserEntity(n.pseudonym)), n.slot)
		l.persons[n.name], l.persons[n.pseudonym] = n.person, n.person
		if err := l.add(&states, nil); err != nil {
			return err
		}
	}
	return nil
}

// keepPersons adds the persons that a folded layer introduced to the index of names, except those whom the
// layer has forgotten.
func (s *sequencer) keepPersons(l *layer) {
	for name, who := range l.persons {
		if name != who.pseudonym && l.slots[string(domain.UserEntity(who.pseudonym))] == who.slot {
			s.names.index.put(name, who.slot)
		}
	}
}
