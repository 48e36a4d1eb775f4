package httpapi

import (
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden file of operation ids")

// The ids of operations are the names of functions in generated clients: an id may be added,
// but none may change.
func TestOperationIDsAreStable(t *testing.T) {
	const golden = "testdata/operations.txt"
	var lines strings.Builder
	all := apiOperations(t, newTestServer(t))
	for _, id := range slices.Sorted(maps.Keys(all)) {
		fmt.Fprintf(&lines, "%s %s %s\n", id, all[id].method, all[id].path)
	}
	if *update {
		if err := os.WriteFile(golden, []byte(lines.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if lines.String() != string(want) {
		t.Errorf("ids of operations: got\n%swant\n%s\nAfter adding an operation, run "+
			"go test -run OperationIDs ./adapters/httpapi -update", &lines, want)
	}
}

// Each operation documents the answers that a client must expect, and each tag has a
// description.
func TestOpenAPIIsComplete(t *testing.T) {
	s := newTestServer(t)
	var document struct {
		Tags       []struct{ Name, Description string }
		Servers    []struct{ URL string }
		Components struct {
			SecuritySchemes map[string]any
			Headers         map[string]struct{ Description string }
			Responses       map[string]struct {
				Headers map[string]any
				Content map[string]any
			}
		}
	}
	if err := json.Unmarshal([]byte(s.get("", openAPIPath).body), &document); err != nil {
		t.Fatal(err)
	}
	for _, tag := range document.Tags {
		if !strings.HasSuffix(tag.Description, ".") {
			t.Errorf("tag %s: got description %q, want a sentence", tag.Name, tag.Description)
		}
	}
	for name, r := range document.Components.Responses {
		mayRetry := regexp.MustCompile("too-many|not-ready|outcome|cut-off").MatchString(name)
		if _, ok := r.Headers["Retry-After"]; ok != mayRetry || r.Content["application/problem+json"] == nil {
			t.Errorf("response %s: got %+v, want a problem, with Retry-After: %t", name, r, mayRetry)
		}
	}
	for id, o := range apiOperations(t, s) {
		statuses := []string{"421", "429", "500"}
		if len(o.Roles) > 0 {
			statuses = append(statuses, "401", "403")
		}
		if len(o.RequestBody.Content) > 0 {
			statuses = append(statuses, "400", "408", "413", "415", "503")
		}
		for _, status := range statuses {
			if _, ok := o.Responses[status]; !ok {
				t.Errorf("%s: got no response %s, want one", id, status)
			}
		}
		if isPublic := len(o.Security) == 1 && len(o.Security[0]) == 0; isPublic != (len(o.Roles) == 0) {
			t.Errorf("%s: got security %v and roles %v, want a token if and only if roles are listed", id,
				o.Security, o.Roles)
		}
	}
	if len(document.Servers) == 0 || len(document.Components.SecuritySchemes) == 0 {
		t.Errorf("got %d servers and %d security schemes, want at least one of each", len(document.Servers),
			len(document.Components.SecuritySchemes))
	}
}

// The document contains no maximum that exceeds 32 bits, of which validators and generators
// warn, and each integer has a format.
func TestOpenAPIIntegers(t *testing.T) {
	s := newTestServer(t)
	var document any
	if err := json.Unmarshal([]byte(s.get("", openAPIPath).body), &document); err != nil {
		t.Fatal(err)
	}
	integers := 0
	var check func(at string, value any)
	check = func(at string, value any) {
		switch value := value.(type) {
		case map[string]any:
			if value["type"] == "integer" {
				integers++
				if most, ok := value["maximum"].(float64); value["format"] != "int64" || ok && most >= 1<<31 {
					t.Errorf("%s: got %v, want format int64 and no maximum above 32 bits", at, value)
				}
			}
			for name, member := range value {
				check(at+"/"+name, member)
			}
		case []any:
			for i, item := range value {
				check(fmt.Sprint(at, "/", i), item)
			}
		}
	}
	check("", document)
	if integers < 50 {
		t.Errorf("got %d integers, want at least 50", integers)
	}
}
