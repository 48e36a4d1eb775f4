package console

import (
	"strings"

	"authledger/domain"
	"authledger/eventstore/wire"
)

// fieldKind is the kind of a field of an act. The templates use its value.
type fieldKind string

// The kinds of fields.
const (
	target  fieldKind = "target" // the object of the act: a hidden input that the URL fills
	person  fieldKind = "person" // the person on whose behalf the caller acts
	oneLine fieldKind = "line"
	area    fieldKind = "area" // several lines
	choice  fieldKind = "choice"
	flag    fieldKind = "flag"
	instant fieldKind = "instant"
	number  fieldKind = "number"
)

// field is an input for one member of the command.
type field struct {
	name       string // of the member, and in the key of the label
	kind       fieldKind
	choices    []string
	isOptional bool
	isTyped    bool // confirms the act: a link does not fill the field in
	bytesMax   int  // 0 for inputs without a text
}

// shownField is a field with its value, as the templates need it.
type shownField struct {
	Name, Label, Value, Error string
	Kind                      fieldKind
	Choices, Suggested        []string
	IsOptional                bool
	Max, Rows                 int
}

// Maximum lengths of typed values, in bytes. The API accepts the same or less.
const (
	idMax   = 128
	nameMax = 512
	noteMax = 2 << 10

	urlMax     = 2 << 10
	personsMax = 4 << 10
	numberMax  = 10
)

func (f *field) shown(v *visit, values form) shownField {
	s := shownField{Name: f.name, Label: "field." + f.name, Value: values[f.name], Kind: f.kind,
		Choices: f.choices, IsOptional: f.isOptional, Max: f.bytesMax, Rows: 4}
	if f.isTyped {
		s.Value = v.typedValue(s.Value)
	}
	if f.kind != person {
		return s
	}
	for _, p := range v.caller.Persons {
		if p != domain.AnyPerson {
			s.Suggested = append(s.Suggested, p)
		}
	}
	if s.Value == "" && v.r.Method == "GET" && domain.WrongID(v.caller.Name) == "" {
		s.Value = v.caller.Name
	}
	return s
}

// wrongMember returns the first error of the members, as the API reports it, nil without one.
func (v *visit) wrongMember(values form) *domain.Rejection {
	if v.act.check != nil {
		if wrong := v.act.check(values); wrong != nil {
			return wrong
		}
	}
	if v.act.command == nil {
		return nil
	}
	data := v.act.command(v, values)
	_, wrong := wire.ReadTyped(data.CommandType(), wire.AppendData(nil, data))
	return wrong
}

// memberOf splits a text of the API into the member that it names and the rest. The member is ""
// for a text about the whole command.
func memberOf(detail string) (member, rest string) {
	member, rest, ok := strings.Cut(detail, ": ")
	if !ok || strings.Contains(member, " ") {
		return "", detail
	}
	return member, rest
}
