package httpapi

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// schemaChecker validates JSON with the part of JSON Schema that the document uses.
type schemaChecker struct {
	t        *testing.T
	document any
}

// check reports an error if the validity of the text is not want.
func (c *schemaChecker) check(name, text string, want bool) {
	c.t.Helper()
	var value any
	if err := json.Unmarshal([]byte(text), &value); err != nil {
		c.t.Fatalf("%s: %v: %s", name, err, text)
	}
	if wrong := c.wrong(c.find("#/components/schemas/"+name), value, name); (wrong == "") != want {
		c.t.Errorf("%s: got valid %t, want %t: %s: %.300s", name, !want, want, wrong, text)
	}
}

func (c *schemaChecker) find(ref string) map[string]any {
	at := c.document
	for part := range strings.SplitSeq(strings.TrimPrefix(ref, "#/"), "/") {
		at = at.(map[string]any)[part]
	}
	return at.(map[string]any)
}

// wrong returns the first member that breaks the schema, "" if the value is valid.
func (c *schemaChecker) wrong(schema map[string]any, value any, at string) string {
	if ref, ok := schema["$ref"].(string); ok {
		return c.wrong(c.find(ref), value, at)
	}
	if some, ok := schema["anyOf"].([]any); ok {
		if !slices.ContainsFunc(some,
			func(one any) bool { return c.wrong(one.(map[string]any), value, at) == "" }) {
			return at + ": no alternative matches"
		}
	}
	if enum, ok := schema["enum"].([]any); ok && !slices.Contains(enum, value) {
		return fmt.Sprintf("%s: got %v, want one of %v", at, value, enum)
	}
	switch kind := schema["type"]; value := value.(type) {
	case map[string]any:
		if kind != nil && kind != "object" {
			return at + ": got an object"
		}
		return c.wrongMember(schema, value, at)
	case []any:
		if kind == nil {
			return ""
		}
		if kind != "array" {
			return at + ": got an array"
		}
		for i, item := range value {
			if wrong := c.wrong(schema["items"].(map[string]any), item, fmt.Sprint(at, "[", i, "]")); wrong != "" {
				return wrong
			}
		}
	case string:
		if kind != nil && kind != "string" {
			return at + ": got a string"
		}
	case float64:
		if kind != "integer" {
			return at + ": got a number"
		}
	case bool:
		if kind != "boolean" {
			return at + ": got a boolean"
		}
	}
	return ""
}

func (c *schemaChecker) wrongMember(schema, value map[string]any, at string) string {
	properties, _ := schema["properties"].(map[string]any)
	required, _ := schema["required"].([]any)
	for _, name := range required {
		if _, there := value[name.(string)]; !there {
			return fmt.Sprintf("%s: member %v is missing", at, name)
		}
	}
	for name, member := range value {
		of, known := properties[name].(map[string]any)
		if !known && schema["additionalProperties"] == false {
			return at + ": unknown member " + name
		}
		if !known && properties != nil && schema["additionalProperties"] == nil && len(properties) > 0 {
			return at + ": member " + name + " is not in the schema"
		}
		if known {
			if wrong := c.wrong(of, member, at+"."+name); wrong != "" {
				return wrong
			}
		}
	}
	return ""
}
