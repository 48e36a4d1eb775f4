package httpapi

import (
	"errors"
	"fmt"

	"authledger/domain"
	"authledger/domain/operations"
	"authledger/eventstore"
)

// The functions of this file translate names in a realm with pseudonyms (PERSON-5). Between parsing the
// parameters and sending the answer, the server works with pseudonyms only, so that no record of a read
// contains a name.

// unknownName stands in a record for a name that no person has. No name equals the text.
const unknownName = "{unknown}"

// resolveNames puts the pseudonym of a person in place of the name in the parameters.
func (c *call) resolveNames() error {
	if c.node == nil {
		return nil
	}
	if name := c.values.Text(operations.User); name != "" {
		pseudonym, err := c.names.Pseudonym(name)
		if err != nil {
			return err
		}
		c.values.Resolve(operations.User, pseudonym)
	}
	if entity := c.values.Text(operations.Entity); entity != "" {
		resolved, err := c.names.Entity(domain.Entity(entity))
		if err != nil {
			return err
		}
		c.values.Resolve(operations.Entity, string(resolved))
	}
	return nil
}

// recordedName returns the name or the pseudonym of a user as a record contains it.
func (c *call) recordedName(name string) string {
	if c.names.IsPseudonymous() && !domain.IsPseudonym(name) {
		return unknownName
	}
	return name
}

// namesVersion returns a number that changes with each change of the names in answers. Only a record
// introduces a person or ends a name. It is 0 in a realm without pseudonyms.
func (c *call) namesVersion() uint64 {
	if !c.names.IsPseudonymous() {
		return 0
	}
	return c.rows.Position().Seq
}

// shown returns a whole body, line or file with names in place of pseudonyms. An answer that contains
// records as the log stores them keeps the pseudonyms, so that a reader can check their hashes.
func (c *call) shown(text []byte) []byte {
	if c.node == nil || c.route.isStored() {
		return text
	}
	return c.names.Show(text)
}

// isStored reports whether the answer contains records as the log stores them.
func (to *route) isStored() bool { return to.operation != nil && to.operation.Answer == "Record" }

// errPrefix reports a search for a name by its first characters in a realm with pseudonyms, whose rows are in
// the order of the pseudonyms.
var errPrefix = errors.New("prefix: this realm finds a person by the whole name only: " +
	"give the whole name to another query, or the beginning of a pseudonym, such as ~ab")

// WrongPrefix returns an error if no user of the realm can be found by a prefix.
func WrongPrefix(policy *domain.Policy, names *eventstore.Names, prefix string) error {
	if names.IsPseudonymous() {
		if !domain.BeginsPseudonym(prefix) {
			return errPrefix
		}
		return nil
	}
	if wrong := policy.BadName(prefix); wrong != nil && wrong.Character != "" {
		return fmt.Errorf("prefix: %v", wrong)
	}
	return nil
}
