package wire

import (
	"strings"
	"time"

	"authledger/domain"
)

// Schema is the part of JSON Schema (2020-12) that describes the values that this package reads
// and writes.
type Schema struct {
	Type        string             `json:"type,omitempty"`
	Description string             `json:"description,omitempty"`
	Format      string             `json:"format,omitempty"`
	Pattern     string             `json:"pattern,omitempty"`
	MaxLength   int                `json:"maxLength,omitempty"` // in characters; the reader counts bytes, which are never fewer
	Enum        []string           `json:"enum,omitempty"`
	Minimum     *int64             `json:"minimum,omitempty"`
	Maximum     *int64             `json:"maximum,omitempty"`
	Items       *Schema            `json:"items,omitempty"`
	Properties  map[string]*Schema `json:"properties,omitempty"`
	Required    []string           `json:"required,omitempty"`
	Closed      *bool              `json:"additionalProperties,omitempty"` // false: no other members
}

// SchemaOf returns the schema of the members of d. A strict schema allows no other members, as
// the reader allows none in the data of a command.
func SchemaOf(d domain.Data, strict bool) *Schema {
	v := &schemaVisitor{strict: strict, schema: &Schema{Type: "object", Properties: make(map[string]*Schema)}}
	if strict {
		v.schema.Closed = new(bool)
	}
	if c, ok := d.(domain.CommandData); ok {
		v.commandType = c.CommandType()
		v.schema.Description = domain.CommandSummary(v.commandType)
	}
	d.Members(v)
	return v.schema
}

// schemaVisitor adds each visited member to a schema.
type schemaVisitor struct {
	strict      bool
	commandType string // "" for data that is not a command
	schema      *Schema
}

func (v *schemaVisitor) add(name string, need bool, s *Schema) {
	if text := domain.MemberDescription(v.commandType, name); text != "" {
		s.Description = strings.TrimSpace(text + " " + s.Description)
	}
	v.schema.Properties[name] = s
	if need {
		v.schema.Required = append(v.schema.Required, name)
	}
}

func (v *schemaVisitor) Text(name string, _ *string, f domain.Form) {
	s := &Schema{Type: "string", Enum: f.OneOf, Pattern: f.Pattern, MaxLength: f.BytesMax}
	switch {
	case f.Secret:
		s.Description = "Secret member: the ledger seals it, shows it to no reader, and ignores it when it compares a repeated command with the first one."
	case f.Personal:
		s.Description = "Personal member: the ledger seals it, and ignores it when it compares a repeated command with the first one."
	}
	v.add(name, f.Need, s)
}

func (v *schemaVisitor) Count(name string, _ *int64, f domain.Form) {
	least, most := int64(0), f.CountMost()
	v.add(name, f.Need, &Schema{Type: "integer", Minimum: &least, Maximum: &most})
}

func (v *schemaVisitor) Flag(name string, _ *bool, f domain.Form) {
	v.add(name, f.Need, &Schema{Type: "boolean"})
}

func (v *schemaVisitor) Instant(name string, _ *time.Time, f domain.Form) {
	v.add(name, f.Need, instantSchema())
}

func (v *schemaVisitor) Instants(name string, _ *[]time.Time) {
	v.add(name, false, &Schema{Type: "array", Items: instantSchema()})
}

func (v *schemaVisitor) Texts(name string, _ *[]string) {
	v.add(name, false, &Schema{Type: "array", Items: &Schema{Type: "string"}})
}

func (v *schemaVisitor) Object(name string, at domain.Data, f domain.Form) {
	v.add(name, f.Need, SchemaOf(at, v.strict))
}

func (v *schemaVisitor) List(name string, of domain.Items) {
	item := of.Grow()
	v.add(name, false, &Schema{Type: "array", Items: SchemaOf(item, v.strict)})
	of.Clear()
}

func instantSchema() *Schema { return &Schema{Type: "string", Format: "date-time"} }
