package blocks_test

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

var update = flag.Bool("update", false, "write the golden log of the nats-server version in go.mod")

// TestGolden reads the log that each server version wrote. The version in go.mod must
// have one.
func TestGolden(t *testing.T) {
	version := serverVersion(t)
	if *update {
		writeGolden(t, version)
	}
	all, err := os.ReadDir("testdata")
	if err != nil {
		t.Fatal(err)
	}
	found := false
	for _, e := range all {
		found = found || e.Name() == version
		t.Run(e.Name(), func(t *testing.T) {
			o := options("")
			o.Dir = filepath.Join("testdata", e.Name())
			s := mustOpen(t, o)
			if err := s.Check(t.Context()); err != nil {
				t.Error(err)
			}
			if last, err := readAll(t, s); last != keep || err != nil {
				t.Errorf("read up to message %d, %v, want %d", last, err, keep)
			}
		})
	}
	if !found {
		t.Errorf("no golden log of nats-server %s: run `go test ./eventstore/blocks -run TestGolden -update`, "+
			"compare filestore.go of both versions and commit testdata/%s", version, version)
	}
}

func serverVersion(t *testing.T) string {
	t.Helper()
	mod := load(t, filepath.Join("..", "..", "go.mod"))
	found := regexp.MustCompile(`(?m)^\s*github\.com/nats-io/nats-server/v2 v(\S+)`).FindSubmatch(mod)
	if found == nil {
		t.Fatal("go.mod: got no requirement of nats-server, want one")
	}
	return string(found[1])
}

func writeGolden(t *testing.T, version string) {
	t.Helper()
	from, to := streamDir(stopped(t)), filepath.Join("testdata", version)
	for _, name := range []string{"meta.inf", "meta.sum", "msgs/1.blk"} {
		target := filepath.Join(to, name)
		if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
			t.Fatal(err)
		}
		store(t, target, load(t, filepath.Join(from, name)))
	}
}
