package eventstore

import "authledger/domain"

// Entity returns an entity with the pseudonym in place of the name of a person, as [Names.Pseudonym] does for
// a name. It returns each other entity itself.
func (n *Names) Entity(e domain.Entity) (domain.Entity, error) {
	name, isUser := e.User()
	if !isUser {
		return e, nil
	}
	pseudonym, err := n.Pseudonym(name)
	return domain.UserEntity(pseudonym), err
}
