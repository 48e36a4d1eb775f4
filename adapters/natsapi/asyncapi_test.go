package natsapi_test

//go:generate go test . -run Documents -update

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
	"authledger/adapters/natsconn"
	"authledger/domain"
)

var update = flag.Bool("update", false, "update docs/schemas and docs/asyncapi.json")

const docs = "../../docs"

// TestDocuments_UpToDate checks that docs/schemas and docs/asyncapi.json are generated from
// the Go types, and that docs/schemas holds no other schema.
func TestDocuments_UpToDate(t *testing.T) {
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
			t.Errorf("%s: got other text than generated, %v, want the same: run `go test ./adapters/natsapi -run "+
				"Documents -update`", path, err)
		}
	}
	found, err := filepath.Glob(filepath.Join(docs, "schemas", "*", "*.json"))
	if err != nil || len(found) != len(all) {
		t.Errorf("docs/schemas: got %d schemas, %v, want %d", len(found), err, len(all))
	}
	if len(all) != len(domain.ClientCommands())+len(domain.EventTypes()) {
		t.Errorf("schemas: got %d, want one for each of %d commands and %d events", len(all),
			len(domain.ClientCommands()), len(domain.EventTypes()))
	}
}

// TestSchemas_MatchGoldenEvents checks that every golden event matches its schema: each
// member is described, and each required member exists.
func TestSchemas_MatchGoldenEvents(t *testing.T) {
	goldens, err := filepath.Glob("../../domain/testdata/events/*.v1.json")
	if err != nil || len(goldens) == 0 {
		t.Fatalf("golden events: got %d files, %v, want at least 1", len(goldens), err)
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
			t.Fatalf("schema of %s: %v", kind, err)
		}
		for name, value := range data {
			if member, ok := schema.Properties[name]; !ok || typeOf(value) != member.Type {
				t.Errorf("%s: member %s: got type %T, want the type %q of the schema", kind, name, value, member.Type)
			}
		}
		for _, name := range schema.Required {
			if !slices.Contains(slices.Collect(maps.Keys(data)), name) {
				t.Errorf("%s: got no required member %s, want one", kind, name)
			}
		}
	}
	t.Logf("%d events", len(goldens))
}

// typeOf returns the JSON Schema type of a decoded JSON value.
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

// TestAsyncAPI_References checks that every reference of the document has a target.
func TestAsyncAPI_References(t *testing.T) {
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
					t.Errorf("reference %s: got no target, want one", ref)
				}
			}
			for _, member := range at {
				walk(member)
			}
		}
	}
	walk(document)
	if count < 2*len(domain.EventTypes()) {
		t.Errorf("references: got %d, want at least %d", count, 2*len(domain.EventTypes()))
	}
}

// members lists the members of the objects of AsyncAPI 3.0. "!" marks a required member.
var members = map[string]string{
	"document":  "asyncapi! id info! servers defaultContentType channels operations components",
	"info":      "title! version! termsOfService contact license tags externalDocs description",
	"channel":   "address messages title summary description servers parameters tags externalDocs bindings",
	"parameter": "enum default description examples location",
	"operation": "action! channel! title summary description security tags externalDocs bindings traits " +
		"messages reply",
	"message": "headers payload correlationId contentType name title summary description tags externalDocs " +
		"bindings examples traits",
}

func checkMembers(t *testing.T, kind, name string, at map[string]any) {
	t.Helper()
	allowed := strings.Fields(members[kind])
	for _, member := range allowed {
		if must, ok := strings.CutSuffix(member, "!"); ok && at[must] == nil {
			t.Errorf("%s %s: got no required member %s, want one", kind, name, must)
		}
	}
	for member := range at {
		if !slices.Contains(allowed, member) && !slices.Contains(allowed, member+"!") {
			t.Errorf("%s %s: got the member %s, want only members of AsyncAPI", kind, name, member)
		}
	}
}

// TestAsyncAPI_Structure checks the document by AsyncAPI 3.0: the members of its objects,
// keys that a reference can contain, a parameter for each placeholder of an address, and
// the actions of the ledger.
func TestAsyncAPI_Structure(t *testing.T) {
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
		t.Errorf("version of AsyncAPI: got %s, want 3.0.0", parts.AsyncAPI)
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
			t.Errorf("channel %s: got parameters %q, want the placeholders %q of its address", name, described, named)
		}
		for parameter, at := range channel.Parameters {
			checkMembers(t, "parameter", parameter, at)
		}
		for message, ref := range channel.Messages {
			if ref["$ref"] != "#/components/messages/"+message {
				t.Errorf("channel %s, message %s: got reference %v, want #/components/messages/%[2]s", name, message, ref)
			}
		}
	}
	for name, message := range parts.Components.Messages {
		checkMembers(t, "message", name, message)
		if !key.MatchString(name) || parts.Components.Schemas[name] == nil {
			t.Errorf("message %s: got schema %t, want one, and a valid key", name,
				parts.Components.Schemas[name] != nil)
		}
	}
	for name, want := range map[string]string{
		"receiveCommand": "receive #/channels/intake", "sendEvent": "send #/channels/events",
		"sendSessionEvent": "send #/channels/readSession",
	} {
		operation := parts.Operations[name]
		checkMembers(t, "operation", name, operation)
		channel, _ := operation["channel"].(map[string]any)
		if got := fmt.Sprint(operation["action"], " ", channel["$ref"]); got != want {
			t.Errorf("operation %s: got %s, want %s", name, got, want)
		}
	}
	got, want := parts.Channels["readSession"].Address, natsconn.SessionSubject("{realm}", "{caller}", "{type}")
	if got != want {
		t.Errorf("address of the channel readSession: got %q, want %q", got, want)
	}
	if got := len(parts.Channels["readSession"].Messages); got != len(domain.EventTypes()) {
		t.Errorf("messages of the channel readSession: got %d, want %d", got, len(domain.EventTypes()))
	}
	commands := slices.DeleteFunc(domain.ClientCommands(), domain.IsConfig) // the intake refuses those
	if len(parts.Channels["intake"].Messages) != len(commands) ||
		len(parts.Channels["events"].Messages) != len(domain.EventTypes()) {
		t.Errorf("messages of the channels: got %d commands and %d events, want %d and %d",
			len(parts.Channels["intake"].Messages), len(parts.Channels["events"].Messages), len(commands),
			len(domain.EventTypes()))
	}
}
