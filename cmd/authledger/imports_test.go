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

// A layer is the packages below a path. They import only the packages of this module that the
// layer lists, for the reason that it gives.
type layer struct {
	path  string
	may   []string // of the module, by path; below each, too
	why   string
	tests []string // packages that only its tests import
}

// Imports point one way: domain ← eventstore, projections ← adapters ← cmd
// (architecture.md, "Layers"). The first layer that contains a package applies.
var layers = []layer{
	{"cmd/internal/faults", nil, "the package contains only tests", nil},
	{"cmd/internal/bench", []string{"adapters/tokens", "adapters/client", "adapters/httpapi", "domain", "eventstore", "projections", "cmd/internal"}, "a benchmark measures a whole node, and prints nothing", nil},
	{"eventstore/durable", nil, "file operations do not depend on the contents", nil},
	{"eventstore/childtest", nil, "the tests of every package use it", nil},
	{"domain/explain", []string{"domain"}, "an explanation follows from the records alone; the rules never import it", []string{"eventstore/wire"}},
	{"domain/access", []string{"domain"}, "permissions depend on the commands and events, and on nothing else", nil},
	{"domain", nil, "the rules depend on no other package, so that every package can use them", []string{"eventstore/wire"}},
	{"eventstore/wire", []string{"domain"}, "the JSON format depends only on the commands and events", nil},
	{"eventstore/seal", []string{"eventstore/durable"}, "encryption does not depend on commands or the log", nil},
	{"eventstore/guard", []string{"eventstore/durable", "eventstore", "eventstore/blocks"}, "files are guarded without a server; tests write them with one", []string{"eventstore/jetstream", "eventstore/natsd"}},
	{"eventstore/natsd", []string{"eventstore", "eventstore/guard"}, "only this package starts a NATS server", nil},
	{"eventstore/jetstream", []string{"eventstore", "eventstore/blocks", "eventstore/storetest", "eventstore/natsd"}, "a store keeps bytes; only its tests start a server", nil},
	{"eventstore/blocks", []string{"eventstore"}, "block files are read without a server; tests write them with one", []string{"eventstore/jetstream", "eventstore/natsd", "eventstore/storetest"}},
	{"eventstore/audit", []string{"domain", "eventstore"}, "it proves any log through the interfaces of eventstore, and the ledger runs it through one", nil},
	{"eventstore/memory", []string{"eventstore", "eventstore/storetest"}, "a store keeps bytes", nil},
	{"eventstore/storetest", []string{"eventstore"}, "it tests a store through the interface", nil},
	{"eventstore", []string{"domain", "eventstore/durable", "eventstore"}, "the sequencer uses interfaces for the state and the store", nil},
	{"projections/rows", []string{"domain", "eventstore/durable"}, "the engine stores the rows of any projection", nil},
	{"projections/queries", []string{"domain", "projections"}, "a query reads rows and records; it knows no store of rows and no log", []string{"eventstore/wire"}},
	{"projections", []string{"domain", "projections/rows"}, "rows are folded from commits, whatever stores the commits", []string{"projections/logtest"}},
	{"adapters/tokens", []string{"domain", "eventstore/durable"}, "a token proves a caller, whatever the protocol", []string{"eventstore/childtest"}},
	{"adapters/httpapi", []string{"domain", "eventstore", "eventstore/wire", "projections"}, "adapters do not import one another, so each can be removed", []string{"adapters/tokens", "adapters/tokens", "eventstore/memory", "eventstore/seal"}},
	{"adapters/client", []string{"domain", "eventstore/wire"}, "a client uses the commands and has no log", nil},
	{"docs/gateway", []string{"adapters/client", "domain"}, "an example imports only what a user of the module can import", nil},
	{"docs", nil, "the package tests documentation and has no code of the program", nil},
	{"adapters/natsconn", []string{"eventstore/durable"}, "a connection and its subjects depend on no request and no stream", nil},
	{"adapters/natsapi", []string{"adapters/natsconn", "domain", "eventstore", "eventstore/wire"}, "adapters share only the NATS connection, so that each can be left out", []string{"adapters/tokens", "adapters/tokens", "eventstore/natsd"}},
	{"adapters/intake", []string{"adapters/natsconn", "domain", "eventstore/durable", "eventstore", "eventstore/wire"}, "adapters share only the NATS connection, so that each can be left out", []string{"adapters/tokens", "adapters/tokens", "eventstore/natsd"}},
	{"adapters/metrics", []string{"domain", "eventstore"}, "adapters do not import one another, so each can be removed", nil},
	{"adapters/watermill", []string{"domain", "eventstore", "eventstore/wire"}, "adapters do not import one another, so each can be removed", []string{"eventstore/memory", "eventstore/seal", "projections"}},
	{"adapters/webhooks", []string{"domain", "eventstore/durable", "eventstore/wire"}, "a deliverer receives records, and opens no ledger", nil},
	{"adapters/importers/sshd", []string{"domain", "eventstore/wire"}, "adapters do not import one another, so each can be removed", nil},
	{"adapters/importers/cloudevents", []string{"domain", "eventstore/wire"}, "adapters do not import one another, so each can be removed", nil},
	{"adapters/importers/signins", []string{"domain", "eventstore/wire"}, "adapters do not import one another, so each can be removed", nil},
	{"cmd/internal/buildinfo", nil, "the version does not depend on what the program does", nil},
	{"cmd/internal/loadgen", []string{"domain", "eventstore/wire"}, "generated commands depend on no ledger, so that they can load any", nil},
	{"cmd/internal/nodetest", nil, "tests of nodes use it, and it uses no node", nil},
	{"cmd/internal/node", []string{"domain", "eventstore", "projections", "adapters", "cmd/internal/buildinfo"}, "a node reads no command line and prints nothing", []string{"cmd/internal/nodetest"}},
	{"cmd/internal/usage", nil, "every part of the command line returns its error", nil},
	{"cmd/internal/packtest", nil, "tests of imports use it", nil},
	{"cmd/internal/ingest", []string{"domain", "eventstore", "projections", "adapters/importers", "cmd/internal/usage"}, "an import reads files and a ledger, and prints nothing", []string{"adapters", "cmd/internal/packtest", "cmd/internal/node", "cmd/internal/loadgen"}},
	{"cmd/internal/render", []string{"domain", "eventstore/wire", "projections", "adapters/importers", "cmd/internal/ingest"}, "it prints answers, and opens no ledger", nil},
	{"cmd/authledger", []string{"domain", "eventstore/durable", "eventstore", "projections", "adapters", "cmd/internal"}, "the program connects the other packages", nil},
}

// A soleImporter lists the only packages that import a library, and the reason.
type soleImporter struct {
	library string
	layers  []string
	why     string
}

var soleImporters = []soleImporter{
	{"github.com/nats-io/nats-server", []string{"eventstore/natsd"}, "the package that embeds the server also decides when it syncs"},
	{"github.com/nats-io/nats.go", []string{"eventstore/jetstream", "adapters/natsapi", "adapters/intake", "adapters/natsconn", "adapters/client"}, "eventstore/jetstream alone handles retries and hidden gaps of the log; the others use NATS for messages that are not the log"},
	{"github.com/minio/highwayhash", []string{"eventstore/blocks"}, "one package knows the format of the server's files"},
	{"github.com/nats-io/nkeys", []string{"adapters/tokens", "eventstore/natsd", "adapters/natsapi", "adapters/intake", "cmd/authledger"}, "only these packages store public keys or check them for a connection"},
	{"github.com/cockroachdb/pebble", []string{"projections/rows"}, "projections can be deleted only if the database contains nothing else"},
	{"github.com/go-json-experiment/json", []string{"eventstore/wire"}, "two JSON readers that disagree about a command are a security hole"},
	{"github.com/danielgtaylor/huma", []string{"adapters/httpapi"}, "the OpenAPI document is generated beside the routes"},
	{"github.com/swaggest/swgui", []string{"adapters/httpapi"}, "the documentation pages are served beside the routes"},
	{"golang.org/x/time/rate", []string{"adapters/httpapi", "adapters/intake"}, "only the HTTP and NATS interfaces enforce rates"},
	{"golang.org/x/sync", []string{"adapters/intake", "adapters/httpapi"}, "only the intake and the HTTP server bound the resources that several goroutines hold"},
	{"github.com/prometheus", []string{"adapters/metrics", "adapters/watermill", "cmd/authledger"}, "few packages define metrics, so that no label names a user"},
	{"github.com/ThreeDotsLabs/watermill", []string{"adapters/watermill"}, "reactions receive events and never take part in verdicts"},
	{"github.com/klauspost/compress", []string{"cmd/internal/ingest", "cmd/internal/packtest"}, "an importer reads plain text; the program unpacks the file that the operator names"},
	{"github.com/spf13/cobra", []string{"cmd/authledger"}, "only the program has a command line"},
	{"github.com/knadh/koanf", []string{"cmd/authledger"}, "only the program is configured"},
	{"github.com/jedib0t/go-pretty", []string{"cmd/authledger", "cmd/internal/render"}, "only the program prints to a terminal"},
}

// benchKeeps is what a bench may import beyond its layer: it measures the log
// against the bare library.
var benchKeeps = []string{"github.com/nats-io/nats.go"}

// goPackage is the output of `go list` for a package.
type goPackage struct {
	ImportPath                         string
	Imports, TestImports, XTestImports []string
}

func TestImports(t *testing.T) {
	all := listPackages(t)
	for _, p := range all {
		i := slices.IndexFunc(layers, func(r layer) bool { return within(p.ImportPath, module+"/"+r.path) })
		if i < 0 {
			t.Errorf("%s is in no layer: add the package to the table of layers", p.ImportPath)
			continue
		}
		r := layers[i]
		for _, imported := range p.Imports {
			checkLayer(t, p.ImportPath, r, imported, false)
			checkImporter(t, p.ImportPath, imported)
		}
		r.may = slices.Concat(r.may, r.tests)
		for _, imported := range slices.Concat(p.TestImports, p.XTestImports) {
			checkLayer(t, p.ImportPath, r, imported, true)
			if !damagesRows(p.ImportPath, imported) {
				checkImporter(t, p.ImportPath, imported)
			}
		}
	}
	checkTable(t, all)
}

// usesPebble lists the packages whose tests may import Pebble: to alter rows without the
// projections, to keep rows in memory, and to simulate a crash of the disk.
var usesPebble = []string{"cmd/authledger", "projections", "projections/queries"}

// damagesRows reports whether a test of a package may import the library.
func damagesRows(from, library string) bool {
	path, _ := strings.CutPrefix(from, module+"/")
	return slices.Contains(usesPebble, path) && within(library, "github.com/cockroachdb/pebble")
}

func checkLayer(t *testing.T, from string, r layer, to string, tests bool) {
	path, ours := strings.CutPrefix(to, module+"/")
	if path == "eventstore/childtest" && tests {
		return
	}
	if ours && !within(path, r.path) && !slices.ContainsFunc(r.may, func(may string) bool { return within(path, may) }) {
		t.Errorf("%s must not import %s: %s", from, to, r.why)
	}
}

func checkImporter(t *testing.T, from, library string) {
	for _, k := range soleImporters {
		if !within(library, k.library) {
			continue
		}
		if !slices.ContainsFunc(k.layers, func(r string) bool { return within(from, module+"/"+r) }) && !benchMay(from, k.library) {
			t.Errorf("%s must not import %s, which only %s may import: %s", from, library, strings.Join(k.layers, ", "), k.why)
		}
	}
}

func benchMay(from, library string) bool {
	return from == module+"/cmd/authledger" && slices.Contains(benchKeeps, library)
}

// checkTable fails for a row about a package or library that does not exist, because such a row
// checks nothing.
func checkTable(t *testing.T, all []goPackage) {
	exists := func(path string) bool {
		return slices.ContainsFunc(all, func(p goPackage) bool { return within(p.ImportPath, module+"/"+path) })
	}
	for _, r := range layers {
		for _, path := range slices.Concat(r.may, r.tests, []string{r.path}) {
			if !exists(path) {
				t.Errorf("the table of layers names %s, which does not exist", path)
			}
		}
	}
	for _, k := range soleImporters {
		if !slices.ContainsFunc(all, func(p goPackage) bool {
			return slices.ContainsFunc(p.Imports, func(i string) bool { return within(i, k.library) })
		}) {
			t.Errorf("the table of sole importers names %s, which no package imports", k.library)
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
