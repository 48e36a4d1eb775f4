package natsapi_test

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"authledger/adapters/natsapi"
	"authledger/domain"
)

var update = flag.Bool("update", false, "write docs/schemas and docs/asyncapi.json anew: read the difference")

const docs = "../../docs"

// What is written down of commands and events is what the Go types say, each and no
// more.
func TestSchemasAreWrittenDown(t *testing.T) {
	all, err := natsapi.Schemas()
	if err != nil {
		t.Fatal(err)
	}
	want := make(map[string][]byte)
	for path, text := range all {
		want[filepath.Join("schemas", path)] = text
	}
	if want["asyncapi.json"], err = natsapi.AsyncAPI(); err != nil {
		t.Fatal(err)
	}
	for path, text := range want {
		path = filepath.Join(docs, path)
		if *update {
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, text, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := os.ReadFile(path); err != nil || string(got) != string(text) {
			t.Errorf("%s is not what the types say: %v: go test ./adapters/natsapi -run WrittenDown -update", path, err)
		}
	}
	there, err := filepath.Glob(filepath.Join(docs, "schemas", "*", "*.json"))
	if err != nil || len(there) != len(all) {
		t.Errorf("%d schemas lie in docs/schemas, there are %d: %v", len(there), len(all), err)
	}
	if len(all) != len(domain.ClientCommands())+len(domain.EventTypes()) {
		t.Errorf("%d schemas of %d commands and %d events", len(all), len(domain.ClientCommands()), len(domain.EventTypes()))
	}
}

// Every event that was ever written fits its schema: members that are known, and all
// that must be there.
func TestGoldensFitTheirSchemas(t *testing.T) {
	goldens, err := filepath.Glob("../../domain/testdata/events/*.v1.json")
	if err != nil || len(goldens) == 0 {
		t.Fatal(err, "no goldens")
	}
	all, err := natsapi.Schemas()
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range goldens {
		kind := strings.TrimSuffix(filepath.Base(path), ".v1.json")
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var data map[string]any
		var schema struct {
			Properties map[string]struct{ Type string }
			Required   []string
		}
		if err := json.Unmarshal(text, &data); err != nil {
			t.Fatal(path, err)
		}
		if err := json.Unmarshal(all["events/"+kind+".json"], &schema); err != nil {
			t.Fatalf("%s has no schema: %v", kind, err)
		}
		for name, value := range data {
			if member, known := schema.Properties[name]; !known || typeOf(value) != member.Type {
				t.Errorf("%s: %s is %T, the schema says %q", kind, name, value, member.Type)
			}
		}
		for _, name := range schema.Required {
			if !slices.Contains(slices.Collect(maps.Keys(data)), name) {
				t.Errorf("%s: the schema wants %s", kind, name)
			}
		}
	}
	t.Logf("%d events", len(goldens))
}

func typeOf(value any) string {
	switch value := value.(type) {
	case string:
		return "string"
	case bool:
		return "boolean"
	case float64:
		if value == float64(int64(value)) {
			return "integer"
		}
	case []any:
		return "array"
	case map[string]any:
		return "object"
	}
	return "?"
}

// Every reference of the document leads somewhere.
func TestAsyncAPIReferences(t *testing.T) {
	text, err := natsapi.AsyncAPI()
	if err != nil {
		t.Fatal(err)
	}
	var document any
	if err := json.Unmarshal(text, &document); err != nil {
		t.Fatal(err)
	}
	count := 0
	var walk func(at any)
	walk = func(at any) {
		switch at := at.(type) {
		case []any:
			for _, item := range at {
				walk(item)
			}
		case map[string]any:
			if ref, ok := at["$ref"].(string); ok {
				count++
				to := document
				for part := range strings.SplitSeq(strings.TrimPrefix(ref, "#/"), "/") {
					to = to.(map[string]any)[part]
				}
				if to == nil {
					t.Errorf("%s leads nowhere", ref)
				}
			}
			for _, member := range at {
				walk(member)
			}
		}
	}
	walk(document)
	if count < 2*len(domain.EventTypes()) {
		t.Errorf("%d references", count)
	}
}

// members are those that AsyncAPI 3.0 gives an object, "!" behind one that it must have.
var members = map[string]string{
	"document":  "asyncapi! id info! servers defaultContentType channels operations components",
	"info":      "title! version! termsOfService contact license tags externalDocs description",
	"channel":   "address messages title summary description servers parameters tags externalDocs bindings",
	"parameter": "enum default description examples location",
	"operation": "action! channel! title summary description security tags externalDocs bindings traits messages reply",
	"message":   "headers payload correlationId contentType name title summary description tags externalDocs bindings examples traits",
}

func checkMembers(t *testing.T, kind, name string, at map[string]any) {
	t.Helper()
	allowed := strings.Fields(members[kind])
	for _, member := range allowed {
		if must, ok := strings.CutSuffix(member, "!"); ok && at[must] == nil {
			t.Errorf("%s %s has no %s", kind, name, must)
		}
	}
	for member := range at {
		if !slices.Contains(allowed, member) && !slices.Contains(allowed, member+"!") {
			t.Errorf("%s %s has %s, which AsyncAPI does not know", kind, name, member)
		}
	}
}

// The document has the shape that AsyncAPI 3.0 asks for: objects with their members, names
// that a reference can hold, each part of an address a parameter, and a direction that is
// the ledger's.
func TestAsyncAPIShape(t *testing.T) {
	text, err := natsapi.AsyncAPI()
	if err != nil {
		t.Fatal(err)
	}
	type objects = map[string]map[string]any
	var document map[string]any
	var parts struct {
		AsyncAPI string
		Info     map[string]any
		Channels map[string]struct {
			Address              string
			Parameters, Messages objects
		}
		Operations objects
		Components struct{ Messages, Schemas objects }
	}
	if err := errors.Join(json.Unmarshal(text, &document), json.Unmarshal(text, &parts)); err != nil {
		t.Fatal(err)
	}
	checkMembers(t, "document", "", document)
	checkMembers(t, "info", "", parts.Info)
	if parts.AsyncAPI != "3.0.0" {
		t.Errorf("it is AsyncAPI %s", parts.AsyncAPI)
	}
	placeholder, key := regexp.MustCompile(`\{(\w+)\}`), regexp.MustCompile(`^[a-zA-Z0-9._-]+$`)
	for name, channel := range parts.Channels {
		checkMembers(t, "channel", name, document["channels"].(map[string]any)[name].(map[string]any))
		var named []string
		for _, found := range placeholder.FindAllStringSubmatch(channel.Address, -1) {
			named = append(named, found[1])
		}
		slices.Sort(named)
		if described := slices.Sorted(maps.Keys(channel.Parameters)); !slices.Equal(named, described) {
			t.Errorf("%s has the parameters %q, its address %q", name, described, named)
		}
		for parameter, at := range channel.Parameters {
			checkMembers(t, "parameter", parameter, at)
		}
		for message, ref := range channel.Messages {
			if ref["$ref"] != "#/components/messages/"+message {
				t.Errorf("%s: %s is %v", name, message, ref)
			}
		}
	}
	for name, message := range parts.Components.Messages {
		checkMembers(t, "message", name, message)
		if !key.MatchString(name) || parts.Components.Schemas[name] == nil {
			t.Errorf("%s has no schema, or a name that nothing can refer to", name)
		}
	}
	for name, want := range map[string]string{"take": "receive #/channels/intake", "tell": "send #/channels/feed"} {
		operation := parts.Operations[name]
		checkMembers(t, "operation", name, operation)
		channel, _ := operation["channel"].(map[string]any)
		if got := fmt.Sprint(operation["action"], " ", channel["$ref"]); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
	if len(parts.Channels["intake"].Messages) != len(domain.ClientCommands()) || len(parts.Channels["feed"].Messages) != len(domain.EventTypes()) {
		t.Errorf("%d commands can be left, %d events are told", len(parts.Channels["intake"].Messages), len(parts.Channels["feed"].Messages))
	}
}
