package wire

//go:generate go test . -run Golden -update

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"authledger/domain"
)

// update writes the golden records of new commands. It changes no existing golden record.
var update = flag.Bool("update", false, "write the golden records that do not exist")

// writeGolden writes a record of a command and its golden event.
func writeGolden(t *testing.T, file, command string) {
	t.Helper()
	event := "audit.read"
	for _, kind := range eventTypes {
		if slices.Contains(causes()[kind], command) {
			event = kind
			break
		}
	}
	r := stored(t, command, event)
	r.Command.ID = command
	r.Content = Content(&r.Command, false)
	if err := os.WriteFile(file, append(AppendRecord(nil, &r), '\n'), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestRecordGoldens(t *testing.T) {
	covered := map[string]bool{}
	all, _ := filepath.Glob("testdata/records/*.json")
	for _, file := range all {
		if r, err := ReadRecord(bytes.TrimSuffix(mustRead(t, file), []byte("\n"))); err == nil {
			covered[r.Command.Data.CommandType()] = true
		}
	}
	for _, kind := range allTypes {
		file := filepath.Join("testdata/records", kind+".json")
		switch {
		case covered[kind]:
		case *update:
			writeGolden(t, file, kind)
		default:
			t.Errorf("%s: got no file, want one: run go test ./eventstore/wire -run Golden -update", file)
		}
	}
	files, err := filepath.Glob("testdata/records/*.json")
	if err != nil || len(files) < len(allTypes) {
		t.Fatalf("golden records: got %d, %v, want at least %d", len(files), err, len(allTypes))
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			text = bytes.TrimSuffix(text, []byte("\n"))
			r, err := ReadRecord(text)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(text), string(AppendRecord(nil, &r))); diff != "" {
				t.Errorf("(-golden +written)\n%s", diff)
			}
			if got := Content(&r.Command, r.Unattributed() != nil); got != r.Content {
				t.Errorf("content hash: got %x, want %x", got, r.Content)
			}
		})
	}
}

// TestReadData_DomainGoldens checks the golden files of package domain, which old logs
// hold.
func TestReadData_DomainGoldens(t *testing.T) {
	for _, kind := range allTypes {
		golden(t, filepath.Join("../../domain/testdata/commands", kind+".json"), domain.NewCommandData(kind))
	}
	for _, kind := range eventTypes {
		golden(t, filepath.Join("../../domain/testdata/events", kind+".v1.json"), domain.NewEventData(kind))
	}
}

// appendStored returns d as records contain it.
func appendStored(d domain.Data) []byte {
	w := writer{stored: true}
	w.object(d)
	return w.b
}

func golden(t *testing.T, file string, d domain.Data) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	text = bytes.TrimSuffix(text, []byte("\n"))
	if fault := ReadData(text, d); fault != nil {
		t.Errorf("%s: got rejection %v, want none", file, fault)
	}
	if diff := cmp.Diff(string(text), string(appendStored(d))); diff != "" {
		t.Errorf("%s (-golden +written)\n%s", file, diff)
	}
}
