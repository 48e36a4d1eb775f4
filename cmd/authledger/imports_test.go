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

// list is a list of paths of packages.
type list []string

// A layer is the packages below a path. They import only the packages of this module that the
// layer lists, for the reason that it gives.
type layer struct {
	path  string
	may   list // of the module, by path; below each, too
	why   string
	tests list // packages that only its tests import
}

// Imports point one way: domain ← eventstore, projections ← adapters ← cmd
// (architecture.md, "Layers"). The first layer that contains a package applies.
var layers = []layer{
	{path: "cmd/internal/faults", why: "the package contains only tests"},
	{path: "cmd/internal/browser", why: "the package contains only tests of pages"},
	{path: "cmd/internal/bench",
		may: list{"adapters/tokens", "adapters/client", "adapters/httpapi", "domain", "eventstore", "projections",
			"cmd/internal"},
		why: "a benchmark measures a whole node, and prints nothing"},
	{path: "eventstore/durable", why: "file operations do not depend on the contents"},
	{path: "eventstore/childtest", why: "the tests of every package use it"},
	{path: "domain/explain", may: list{"domain"},
		why:   "an explanation follows from the records alone; the rules never import it",
		tests: list{"eventstore/wire"}},
	{path: "domain/access", may: list{"domain"},
		why: "permissions depend on the commands and events, and on nothing else"},
	{path: "domain",
		why:   "the rules depend on no other package, so that every package can use them",
		tests: list{"eventstore/wire"}},
	{path: "eventstore/wire", may: list{"domain"},
		why: "the JSON format depends only on the commands and events"},
	{path: "eventstore/seal", may: list{"eventstore/durable"},
		why: "encryption does not depend on commands or the log"},
	{path: "eventstore/guard", may: list{"eventstore/durable", "eventstore", "eventstore/blocks"},
		why:   "files are guarded without a server; tests write them with one",
		tests: list{"eventstore/jetstream", "eventstore/natsd"}},
	{path: "eventstore/natsd", may: list{"eventstore", "eventstore/guard"},
		why: "only this package starts a NATS server"},
	{path: "eventstore/jetstream",
		may: list{"eventstore", "eventstore/blocks", "eventstore/storetest", "eventstore/natsd"},
		why: "a store keeps bytes; only its tests start a server"},
	{path: "eventstore/blocks", may: list{"eventstore"},
		why:   "block files are read without a server; tests write them with one",
		tests: list{"eventstore/jetstream", "eventstore/natsd", "eventstore/storetest"}},
	{path: "eventstore/backup", may: list{"domain", "eventstore/durable", "eventstore/seal", "eventstore"},
		why:   "a backup is files of commits and keys; it needs no server and no rows",
		tests: list{"eventstore/memory"}},
	{path: "eventstore/audit", may: list{"domain", "eventstore"},
		why: "it proves any log through the interfaces of eventstore, and the ledger runs it through one"},
	{path: "eventstore/memory", may: list{"eventstore", "eventstore/storetest"}, why: "a store keeps bytes"},
	{path: "eventstore/storetest", may: list{"eventstore"}, why: "it tests a store through the interface"},
	{path: "eventstore", may: list{"domain", "eventstore/durable", "eventstore"},
		why: "the sequencer uses interfaces for the state and the store"},
	{path: "projections/rows", may: list{"domain", "eventstore/durable"},
		why: "the engine stores the rows of any projection"},
	{path: "projections/queries", may: list{"domain", "projections"},
		why:   "a query reads rows and records; it knows no store of rows and no log",
		tests: list{"eventstore/wire"}},
	{path: "projections/counts", may: list{"domain"},
		why:   "counts depend on the counted texts only",
		tests: list{"projections/rows"}},
	{path: "projections", may: list{"domain", "projections/rows"},
		why: "rows are folded from commits, whatever stores the commits", tests: list{"projections/logtest"}},
	{path: "adapters/tokens", may: list{"domain", "eventstore/durable"},
		why: "a token proves a caller, whatever the protocol", tests: list{"eventstore/childtest"}},
	{path: "adapters/httpapi/apidoc", may: list{"domain", "eventstore/audit", "eventstore/wire", "projections"},
		why: "the description of the API depends on no server"},
	{path: "adapters/csvlist", may: list{"domain", "eventstore/wire"},
		why: "a table follows from the members of the items, whatever the request"},
	{path: "adapters/style", why: "colours depend on no page"},
	{path: "adapters/httpapi",
		may:   list{"adapters/csvlist", "adapters/style", "domain", "eventstore", "eventstore/wire", "projections"},
		why:   "adapters share tables and nothing else, so each can be removed",
		tests: list{"adapters/tokens", "eventstore/memory", "eventstore/seal"}},
	{path: "adapters/console/sessions", why: "a table of sessions depends on no request and no page"},
	{path: "adapters/console/whatif", may: list{"domain", "eventstore/audit"},
		why: "a table of comparisons depends on no page, and its caller passes the task"},
	{path: "adapters/console/chart", why: "shapes depend on no ledger and no page"},
	{path: "adapters/console/lockline", may: list{"adapters/console/chart"},
		why: "a time line depends on no record and no page"},
	{path: "adapters/console/text", why: "texts depend on no page; their test compares them with the domain",
		tests: list{"domain"}},
	{path: "adapters/console",
		may: list{"adapters/csvlist", "adapters/style", "domain", "eventstore", "eventstore/wire", "projections"},
		why: "pages read queries and records, and share the limits of the API through an interface; " +
			"their tests use the real server of the API",
		tests: list{"adapters/httpapi", "adapters/tokens", "eventstore/memory", "eventstore/seal"}},
	{path: "adapters/client", may: list{"domain", "eventstore/wire"},
		why: "a client uses the commands and has no log"},
	{path: "docs/gateway", may: list{"adapters/client", "domain"},
		why: "an example imports only what a user of the module can import"},
	{path: "docs", why: "the package tests documentation and has no code of the program"},
	{path: "adapters/natsconn", may: list{"eventstore/durable"},
		why: "a connection and its subjects depend on no request and no stream"},
	{path: "adapters/natsapi", may: list{"adapters/natsconn", "domain", "eventstore", "eventstore/wire"},
		why:   "adapters share only the NATS connection, so that each can be left out",
		tests: list{"adapters/tokens", "eventstore/natsd"}},
	{path: "adapters/intake",
		may:   list{"adapters/natsconn", "domain", "eventstore/durable", "eventstore", "eventstore/wire"},
		why:   "adapters share only the NATS connection, so that each can be left out",
		tests: list{"adapters/tokens", "eventstore/natsd"}},
	{path: "adapters/metrics", may: list{"domain", "eventstore"},
		why: "adapters do not import one another, so each can be removed"},
	{path: "adapters/watermill", may: list{"domain", "eventstore", "eventstore/wire"},
		why:   "adapters do not import one another, so each can be removed",
		tests: list{"eventstore/memory", "eventstore/seal", "projections"}},
	{path: "adapters/webhooks", may: list{"domain", "eventstore/durable", "eventstore/wire"},
		why: "a deliverer receives records, and opens no ledger"},
	{path: "adapters/importers/sshd", may: list{"domain", "eventstore/wire"},
		why: "adapters do not import one another, so each can be removed"},
	{path: "adapters/importers/cloudevents", may: list{"domain", "eventstore/wire"},
		why: "adapters do not import one another, so each can be removed"},
	{path: "adapters/importers/signins", may: list{"domain", "eventstore/wire"},
		why: "adapters do not import one another, so each can be removed"},
	{path: "cmd/internal/buildinfo", why: "the version does not depend on what the program does"},
	{path: "cmd/internal/loadgen", may: list{"domain", "eventstore/wire"},
		why: "generated commands depend on no ledger, so that they can load any"},
	{path: "cmd/internal/nodetest", why: "tests of nodes use it, and it uses no node"},
	{path: "cmd/internal/node",
		may: list{"domain", "eventstore", "projections", "adapters", "cmd/internal/buildinfo"},
		why: "a node reads no command line and prints nothing", tests: list{"cmd/internal/nodetest"}},
	{path: "cmd/internal/settings",
		may: list{"adapters/client", "cmd/internal/usage", "domain", "eventstore/durable", "eventstore/seal"},
		why: "settings depend on no command, so that every command can have them"},
	{path: "cmd/internal/usage", why: "every part of the command line returns its error"},
	{path: "cmd/internal/packtest", why: "tests of imports use it"},
	{path: "cmd/internal/ingest",
		may:   list{"domain", "eventstore", "projections", "adapters/importers", "cmd/internal/usage"},
		why:   "an import reads files and a ledger, and prints nothing",
		tests: list{"adapters", "cmd/internal/packtest", "cmd/internal/node", "cmd/internal/loadgen"}},
	{path: "cmd/internal/render",
		may: list{"domain", "eventstore/wire", "projections", "adapters/importers", "cmd/internal/ingest"},
		why: "it prints answers, and opens no ledger"},
	{path: "cmd/authledger",
		may: list{"domain", "eventstore/durable", "eventstore", "projections", "adapters", "cmd/internal"},
		why: "the program connects the other packages"},
}

// benchKeeps lists the libraries that a benchmark may import beyond its layer, because it compares
// the ledger with the library alone.
var benchKeeps = []string{"github.com/nats-io/nats.go", "github.com/cockroachdb/pebble"}

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
			t.Errorf("%s: got no layer, want one: add the package to the table of layers", p.ImportPath)
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
	if ours && !within(path, r.path) &&
		!slices.ContainsFunc(r.may, func(may string) bool { return within(path, may) }) {
		t.Errorf("%s must not import %s: %s", from, to, r.why)
	}
}

func checkImporter(t *testing.T, from, library string) {
	for _, k := range soleImporters {
		if !within(library, k.library) {
			continue
		}
		if !slices.ContainsFunc(k.layers, func(r string) bool { return within(from, module+"/"+r) }) &&
			!benchMay(from, k.library) {
			t.Errorf("%s must not import %s, which only %s may import: %s", from, library,
				strings.Join(k.layers, ", "), k.why)
		}
	}
}

func benchMay(from, library string) bool {
	measures := from == module+"/cmd/authledger" || from == module+"/cmd/internal/bench"
	return measures && slices.Contains(benchKeeps, library)
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
				t.Errorf("table of layers: got a row of %s, which does not exist, want it removed", path)
			}
		}
	}
	for _, k := range soleImporters {
		if !slices.ContainsFunc(all, func(p goPackage) bool {
			return slices.ContainsFunc(p.Imports, func(i string) bool { return within(i, k.library) })
		}) {
			t.Errorf("table of sole importers: got a row of %s, which no package imports, want it removed", k.library)
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
