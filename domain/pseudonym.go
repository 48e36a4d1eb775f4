package domain

import "strings"

// pseudonymBytes is the length of a pseudonym: the mark and 130 bits in base32.
const pseudonymBytes = 1 + 26

// PseudonymMark begins each pseudonym. No name of a person begins with it in a realm with pseudonyms.
const PseudonymMark = '~'

// IsPseudonym reports whether a user name has the form of a pseudonym: the mark and 26 characters of
// lower-case base32. In a pseudonymous realm the records name each person by a pseudonym (PERSON-5).
func IsPseudonym(name string) bool {
	if len(name) != pseudonymBytes || name[0] != PseudonymMark {
		return false
	}
	for i := 1; i < len(name); i++ {
		if b := name[i]; (b < 'a' || b > 'z') && (b < '2' || b > '7') {
			return false
		}
	}
	return true
}

// BeginsPseudonym reports whether a pseudonym can begin with text.
func BeginsPseudonym(text string) bool {
	return len(text) <= pseudonymBytes && IsPseudonym(text+strings.Repeat("a", pseudonymBytes-len(text)))
}

// BadPersonalName returns the first character of the name of a person that is invalid in a pseudonymous
// realm, nil if the name is valid. A valid name matches ^[A-Za-z0-9][A-Za-z0-9._+@-]*$, so that no document
// has to escape it.
func BadPersonalName(name string) *BadName {
	position := int64(0)
	for _, r := range name {
		position++
		isAlphanumeric := 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
		isSign := r == '.' || r == '_' || r == '+' || r == '-' || r == '@'
		if !isAlphanumeric && (position == 1 || !isSign) {
			return &BadName{position, string(r)}
		}
	}
	if position == 0 {
		return &BadName{Position: 1}
	}
	return nil
}

// NamesPseudonym returns the rejection of a command that names a user of the form of a pseudonym, nil for
// another command. In a realm with plain names no user has such a name. It returns nil for every login.*
// command, because a login with an invalid name is recorded.
func (c *Command) NamesPseudonym() *Rejection {
	named, ok := c.Data.(namesUsers)
	if !ok {
		return nil
	}
	for _, n := range named.names() {
		if IsPseudonym(n.text) {
			bad := BadName{1, string(PseudonymMark)}
			return &Rejection{InvalidCharacter, n.member, bad.String()}
		}
	}
	return nil
}
