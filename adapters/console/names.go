package console

import (
	"net/http"
	"net/url"

	"authledger/domain"
)

// The functions of this file translate names in a realm with pseudonyms (PERSON-5). Links, hidden fields and
// records of views contain pseudonyms, and the text of a page contains names.

// pseudonym returns the pseudonym of the person with a name, the name itself in a realm without pseudonyms.
// In a realm with pseudonyms it returns an error for a name that no person has, because neither a page nor
// the record of a view repeats such a text.
func (v *visit) pseudonym(name string) (string, error) {
	names := v.Ledger.Names()
	pseudonym, err := names.Pseudonym(name)
	if err == nil && names.IsPseudonymous() && !domain.IsPseudonym(pseudonym) {
		err = errNoPerson
	}
	return pseudonym, err
}

var errNoPerson = &failure{status: http.StatusNotFound, key: "noperson"}

// entity returns an entity with the pseudonym in place of the name of a person.
func (v *visit) entity(text string) (string, error) {
	name, isUser := domain.Entity(text).User()
	if !isUser {
		return text, nil
	}
	pseudonym, err := v.pseudonym(name)
	return string(domain.UserEntity(pseudonym)), err
}

// shown returns the HTML of a page or of an event with names in place of pseudonyms.
func (v *visit) shown(html []byte) []byte {
	if v.Node == nil {
		return html
	}
	return v.Ledger.Names().ShowHTML(html)
}

// fill returns the values of the fields of the act, with pseudonyms in place of names.
func (v *visit) fill(from url.Values) (form, error) {
	values := v.act.fill(from)
	for i := range v.act.fields {
		f := &v.act.fields[i]
		if !f.isUser() || values[f.name] == "" {
			continue
		}
		pseudonym, err := v.Ledger.Names().Pseudonym(values[f.name])
		if err != nil {
			return nil, err
		}
		values[f.name] = pseudonym
	}
	return values, nil
}

// isUser reports whether the value of the field is the name of a user.
func (f *field) isUser() bool { return f.name == "user" || f.isTyped }

// typedValue returns the value of a field that a person has typed, with the name in place of the pseudonym.
func (v *visit) typedValue(value string) string {
	name, err := v.Ledger.Names().Name(value)
	if err != nil {
		return value // the pseudonym means the same person
	}
	return name
}
