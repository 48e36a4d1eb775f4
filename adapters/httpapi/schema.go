package httpapi

import (
	"time"

	"github.com/danielgtaylor/huma/v2"

	"authledger/domain"
)

// Types of JSON Schema.
const (
	objectType  = "object"
	arrayType   = "array"
	stringType  = "string"
	integerType = "integer"
	booleanType = "boolean"
)

// schemaOf is the JSON Schema of what a reader or a writer of d visits. Strict ones
// take no other members: a command's data.
func schemaOf(d domain.Data, strict bool) *huma.Schema {
	v := &schemaVisitor{strict: strict, schema: &huma.Schema{Type: objectType, Properties: make(map[string]*huma.Schema)}}
	if strict {
		v.schema.AdditionalProperties = false
	}
	d.Members(v)
	return v.schema
}

// schemaVisitor visits members and writes down what they are.
type schemaVisitor struct {
	strict bool
	schema *huma.Schema
}

func (v *schemaVisitor) add(name string, need bool, s *huma.Schema) {
	v.schema.Properties[name] = s
	if need {
		v.schema.Required = append(v.schema.Required, name)
	}
}

func (v *schemaVisitor) Text(name string, _ *string, f domain.Form) {
	s := &huma.Schema{Type: stringType}
	for _, value := range f.OneOf {
		s.Enum = append(s.Enum, value)
	}
	if f.Personal {
		s.Description = "personal: sealed, and no part of the content"
	}
	v.add(name, f.Need, s)
}

func (v *schemaVisitor) Count(name string, _ *int64, f domain.Form) {
	none := 0.0
	v.add(name, f.Need, &huma.Schema{Type: integerType, Minimum: &none})
}

func (v *schemaVisitor) Flag(name string, _ *bool, f domain.Form) {
	v.add(name, f.Need, &huma.Schema{Type: booleanType})
}

func (v *schemaVisitor) Instant(name string, _ *time.Time, f domain.Form) {
	v.add(name, f.Need, instantSchema())
}

func (v *schemaVisitor) Instants(name string, _ *[]time.Time) {
	v.add(name, false, &huma.Schema{Type: arrayType, Items: instantSchema()})
}

func (v *schemaVisitor) Texts(name string, _ *[]string) {
	v.add(name, false, &huma.Schema{Type: arrayType, Items: &huma.Schema{Type: stringType}})
}

func (v *schemaVisitor) Object(name string, at domain.Data, f domain.Form) {
	v.add(name, f.Need, schemaOf(at, v.strict))
}

func (v *schemaVisitor) List(name string, of domain.Items) {
	item := of.Grow()
	v.add(name, false, &huma.Schema{Type: arrayType, Items: schemaOf(item, v.strict)})
	of.Clear()
}

func instantSchema() *huma.Schema { return &huma.Schema{Type: stringType, Format: "date-time"} }

func ref(name string) *huma.Schema { return &huma.Schema{Ref: schemaPrefix + name} }

func listOf(items *huma.Schema) *huma.Schema { return &huma.Schema{Type: arrayType, Items: items} }

// object is a schema written by hand: of what no single type lists the members.
func object(required []string, properties map[string]*huma.Schema) *huma.Schema {
	return &huma.Schema{Type: objectType, Properties: properties, Required: required}
}
