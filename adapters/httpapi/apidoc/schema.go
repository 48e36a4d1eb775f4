package apidoc

import (
	"maps"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"authledger/domain"
	"authledger/eventstore/wire"
)

// Types of JSON Schema.
const (
	objectType  = "object"
	arrayType   = "array"
	stringType  = "string"
	integerType = "integer"
	booleanType = "boolean"

	int64Format = "int64" // of each integer
)

// schemaOf returns the JSON Schema of the members of d. A strict schema accepts no other
// members; the schemas of the data of commands are strict.
func schemaOf(d domain.Data, strict bool) *huma.Schema { return asHuma(wire.SchemaOf(d, strict)) }

// answerSchema returns the schema of an answer, which contains each list, also an empty one.
func answerSchema(d domain.Data) *huma.Schema {
	s := schemaOf(d, false)
	requireLists(s)
	return s
}

func requireLists(s *huma.Schema) {
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		member := s.Properties[name]
		if member.Type == arrayType && member.Items.Type == objectType {
			s.Required = append(s.Required, name)
			requireLists(member.Items)
		}
	}
}

// asHuma converts a schema into the type of the document's library.
func asHuma(s *wire.Schema) *huma.Schema {
	h := &huma.Schema{Type: s.Type, Description: s.Description, Format: s.Format, Pattern: s.Pattern, Required: s.Required}
	if s.MaxLength > 0 {
		h.MaxLength = &s.MaxLength
	}
	for _, value := range s.Enum {
		h.Enum = append(h.Enum, value)
	}
	if s.Type == integerType {
		h.Format = int64Format
	}
	if s.Minimum != nil {
		least := float64(*s.Minimum)
		h.Minimum = &least
	}
	// The default maximum of counts is far above each value, so it would only hide the format.
	if s.Maximum != nil && *s.Maximum != (domain.Form{}).CountMost() {
		most := float64(*s.Maximum)
		h.Maximum = &most
	}
	if s.Items != nil {
		h.Items = asHuma(s.Items)
	}
	if s.Properties != nil {
		h.Properties = make(map[string]*huma.Schema)
	}
	for name, member := range s.Properties {
		h.Properties[name] = asHuma(member)
	}
	if s.Closed != nil {
		h.AdditionalProperties = false
	}
	return h
}

func integerSchema() *huma.Schema { return &huma.Schema{Type: integerType, Format: int64Format} }

func instantSchema() *huma.Schema { return &huma.Schema{Type: stringType, Format: "date-time"} }

func ref(name string) *huma.Schema { return &huma.Schema{Ref: schemaPrefix + name} }

func listOf(items *huma.Schema) *huma.Schema { return &huma.Schema{Type: arrayType, Items: items} }

// object returns the schema of an object for which no type of the program lists the
// members.
func object(required []string, properties map[string]*huma.Schema) *huma.Schema {
	return &huma.Schema{Type: objectType, Properties: properties, Required: required}
}
