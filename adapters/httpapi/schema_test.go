package httpapi

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// schemaChecker judges JSON by the part of JSON Schema that the document uses.
type schemaChecker struct {
	t        *testing.T
	document any
}

func (c *schemaChecker) fits(name, text string, want bool) {
	c.t.Helper()
	var value any
	if err := json.Unmarshal([]byte(text), &value); err != nil {
		c.t.Fatal(err, text)
	}
	if wrong := c.wrong(c.find(schemaPrefix+name), value, name); (wrong == "") != want {
		c.t.Errorf("%s: fits should be %t: %s: %.300s", name, want, wrong, text)
	}
}

func (c *schemaChecker) find(ref string) map[string]any {
	at := c.document
	for part := range strings.SplitSeq(strings.TrimPrefix(ref, "#/"), "/") {
		at = at.(map[string]any)[part]
	}
	return at.(map[string]any)
}

// wrong says where a value does not fit, "" if it fits.
func (c *schemaChecker) wrong(schema map[string]any, value any, at string) string {
	if ref, ok := schema["$ref"].(string); ok {
		return c.wrong(c.find(ref), value, at)
	}
	if some, ok := schema["anyOf"].([]any); ok {
		if !slices.ContainsFunc(some, func(one any) bool { return c.wrong(one.(map[string]any), value, at) == "" }) {
			return at + " fits none"
		}
	}
	if enum, ok := schema["enum"].([]any); ok && !slices.Contains(enum, value) {
		return fmt.Sprintf("%s is %v", at, value)
	}
	switch kind := schema["type"]; value := value.(type) {
	case map[string]any:
		if kind != nil && kind != objectType {
			return at + " is an object"
		}
		return c.wrongMember(schema, value, at)
	case []any:
		if kind != arrayType {
			return at + " is a list"
		}
		for i, item := range value {
			if wrong := c.wrong(schema["items"].(map[string]any), item, fmt.Sprint(at, "[", i, "]")); wrong != "" {
				return wrong
			}
		}
	case string:
		if kind != nil && kind != stringType {
			return at + " is a string"
		}
	case float64:
		if kind != integerType {
			return at + " is a number"
		}
	case bool:
		if kind != booleanType {
			return at + " is true or false"
		}
	}
	return ""
}

func (c *schemaChecker) wrongMember(schema, value map[string]any, at string) string {
	properties, _ := schema["properties"].(map[string]any)
	required, _ := schema["required"].([]any)
	for _, name := range required {
		if _, there := value[name.(string)]; !there {
			return fmt.Sprintf("%s lacks %v", at, name)
		}
	}
	for name, member := range value {
		of, known := properties[name].(map[string]any)
		if !known && schema["additionalProperties"] == false {
			return at + " has " + name
		}
		if !known && properties != nil && schema["additionalProperties"] == nil && len(properties) > 0 {
			return at + " has " + name + ", which is not in the document"
		}
		if known {
			if wrong := c.wrong(of, member, at+"."+name); wrong != "" {
				return wrong
			}
		}
	}
	return ""
}
