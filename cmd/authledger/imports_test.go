package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "authledger"

// A room is the packages below a path. Its imports of this module, and of what
// is kept in one place, are those named and no others; what it forbids it says
// why.
type room struct {
	path  string
	may   []string // of the module, by path; below each, too
	why   string
	tests []string // what its tests may import beside
}

// Imports point one way: domain ← eventstore, projections ← adapters ← cmd
// (architecture.md, "Rooms"). The first room that a package lies in counts.
var rooms = []room{
	{"durable", nil, "a file is a file, whatever is in it", nil},
	{"domain", nil, "the rules know nobody, so that everybody can ask them", []string{"eventstore/wire"}},
	{"eventstore/wire", []string{"domain"}, "JSON is a matter of the vocabulary alone", nil},
	{"eventstore/seal", []string{"durable"}, "keys know no command and no log", nil},
	{"eventstore/natsd", []string{"eventstore"}, "how a server is run is nobody else's matter", nil},
	{"eventstore/jetstream", []string{"eventstore", "eventstore/storetest", "eventstore/natsd"}, "a store keeps bytes; the server behind it is its tests' matter", nil},
	{"eventstore/memory", []string{"eventstore", "eventstore/storetest"}, "a store keeps bytes", nil},
	{"eventstore/storetest", []string{"eventstore"}, "it judges a store by its interface", nil},
	{"eventstore", []string{"domain", "durable", "eventstore"}, "the sequencer asks for state through an interface, and any store will do", nil},
	{"projections", []string{"domain"}, "rows are folded from commits, wherever those are kept", []string{"eventstore/wire"}},
	{"access", []string{"domain", "durable"}, "who may do what is settled before anybody asks over a network", nil},
	{"adapters/httpapi", []string{"access", "domain", "eventstore", "eventstore/wire", "projections"}, "adapters don't import one another: each can be left out", []string{"eventstore/memory", "eventstore/seal"}},
	{"adapters/client", []string{"domain", "eventstore/wire"}, "whoever asks from outside has the vocabulary, and no log", nil},
	{"docs/gateway", []string{"adapters/client", "domain"}, "an example shows what its readers can do", nil},
	{"adapters/natsapi", []string{"access", "domain", "eventstore", "eventstore/wire"}, "adapters don't import one another: each can be left out", []string{"eventstore/memory", "eventstore/natsd", "eventstore/seal", "projections"}},
	{"adapters/metrics", []string{"domain", "eventstore"}, "adapters don't import one another: each can be left out", nil},
	{"adapters/watermill", []string{"domain", "eventstore", "eventstore/wire"}, "adapters don't import one another: each can be left out", []string{"eventstore/memory", "eventstore/seal", "projections"}},
	{"adapters/webhooks", []string{"domain", "durable"}, "whoever tells endpoints has an event in hand, and no ledger", nil},
	{"adapters/importers/sshd", []string{"domain", "eventstore/wire"}, "adapters don't import one another: each can be left out", nil},
	{"adapters/importers/cloudevents", []string{"domain", "eventstore/wire"}, "adapters don't import one another: each can be left out", nil},
	{"adapters/importers/signins", []string{"domain", "eventstore/wire"}, "adapters don't import one another: each can be left out", nil},
	{"adapters/traffic", []string{"domain", "eventstore/wire"}, "adapters don't import one another: each can be left out", nil},
	{"cmd/authledger", []string{"access", "domain", "eventstore", "projections", "adapters"}, "it plugs the others together", nil},
}

// A keeper is the only place that imports a library.
type keeper struct {
	library string
	rooms   []string
	why     string
}

var keepers = []keeper{
	{"github.com/nats-io/nats-server", []string{"eventstore/natsd"}, "whoever embeds the server decides when it syncs"},
	{"github.com/nats-io/nats.go", []string{"eventstore/jetstream", "adapters/natsapi", "adapters/client"}, "the log's retries and hidden gaps are dealt with in one place; the others speak to what is no log"},
	{"github.com/nats-io/nkeys", []string{"access", "eventstore/natsd", "adapters/natsapi", "cmd/authledger"}, "keys are kept by their public part, and checked where somebody comes in"},
	{"github.com/cockroachdb/pebble", []string{"projections"}, "rows can be thrown away only if nothing else lies there"},
	{"github.com/go-json-experiment/json", []string{"eventstore/wire"}, "two readers that disagree about one command are a hole; the standard library will take its place"},
	{"github.com/danielgtaylor/huma", []string{"adapters/httpapi"}, "the document of the interface is written where the interface is"},
	{"github.com/swaggest/swgui", []string{"adapters/httpapi"}, "the pages of the interface are served where the interface is"},
	{"golang.org/x/time/rate", []string{"adapters/httpapi"}, "who asks too much is told so at the edge, and nowhere else"},
	{"github.com/prometheus", []string{"adapters/metrics", "adapters/watermill", "cmd/authledger"}, "one place knows that no label names anybody"},
	{"github.com/ThreeDotsLabs/watermill", []string{"adapters/watermill"}, "whoever reacts is told of events, never asked for verdicts"},
	{"github.com/spf13/cobra", []string{"cmd/authledger"}, "the command line is the program's alone"},
	{"github.com/knadh/koanf", []string{"cmd/authledger"}, "only the program is configured"},
	{"github.com/jedib0t/go-pretty", []string{"cmd/authledger"}, "only the program speaks to people"},
}

// benchKeeps is what a bench may import beyond its room: it measures the log
// against the bare library.
var benchKeeps = []string{"github.com/nats-io/nats.go"}

// goPackage is what `go list` says of a package.
type goPackage struct {
	ImportPath                         string
	Imports, TestImports, XTestImports []string
}

func TestImports(t *testing.T) {
	all := listPackages(t)
	for _, p := range all {
		i := slices.IndexFunc(rooms, func(r room) bool { return within(p.ImportPath, module+"/"+r.path) })
		if i < 0 {
			t.Errorf("%s lies in no room: add it to the table of rooms", p.ImportPath)
			continue
		}
		r := rooms[i]
		for _, imported := range p.Imports {
			checkRoom(t, p.ImportPath, r, imported)
			checkKeeper(t, p.ImportPath, imported)
		}
		r.may = slices.Concat(r.may, r.tests)
		for _, imported := range slices.Concat(p.TestImports, p.XTestImports) {
			checkRoom(t, p.ImportPath, r, imported)
			checkKeeper(t, p.ImportPath, imported)
		}
	}
	checkTable(t, all)
}

func checkRoom(t *testing.T, from string, r room, to string) {
	path, ours := strings.CutPrefix(to, module+"/")
	if ours && !within(path, r.path) && !slices.ContainsFunc(r.may, func(may string) bool { return within(path, may) }) {
		t.Errorf("%s must not import %s: %s", from, to, r.why)
	}
}

func checkKeeper(t *testing.T, from, library string) {
	for _, k := range keepers {
		if !within(library, k.library) {
			continue
		}
		if !slices.ContainsFunc(k.rooms, func(r string) bool { return within(from, module+"/"+r) }) && !benchMay(from, k.library) {
			t.Errorf("%s must not import %s, which belongs to %s: %s", from, library, strings.Join(k.rooms, ", "), k.why)
		}
	}
}

func benchMay(from, library string) bool {
	return from == module+"/cmd/authledger" && slices.Contains(benchKeeps, library)
}

// checkTable fails on a rule about what is no longer there: it guards nothing,
// and hides that it should.
func checkTable(t *testing.T, all []goPackage) {
	exists := func(path string) bool {
		return slices.ContainsFunc(all, func(p goPackage) bool { return within(p.ImportPath, module+"/"+path) })
	}
	for _, r := range rooms {
		for _, path := range slices.Concat(r.may, r.tests, []string{r.path}) {
			if !exists(path) {
				t.Errorf("the table of rooms names %s, which is gone", path)
			}
		}
	}
	for _, k := range keepers {
		if !slices.ContainsFunc(all, func(p goPackage) bool {
			return slices.ContainsFunc(p.Imports, func(i string) bool { return within(i, k.library) })
		}) {
			t.Errorf("the table of keepers names %s, which nobody imports", k.library)
		}
	}
}

// within reports whether a package is at a path or below it. Major versions
// count as below.
func within(path, above string) bool {
	rest, ok := strings.CutPrefix(path, above)
	return ok && (rest == "" || rest[0] == '/')
}

func listPackages(t *testing.T) []goPackage {
	t.Helper()
	c := exec.Command("go", "list", "-json=ImportPath,Imports,TestImports,XTestImports", module+"/...")
	var errs bytes.Buffer
	c.Stderr = &errs
	out, err := c.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, &errs)
	}
	var all []goPackage
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p goPackage
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}
