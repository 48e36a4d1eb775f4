package natsapi_test

import (
	"encoding/json"
	"flag"
	"maps"
	"os"
	"path/filepath"
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
