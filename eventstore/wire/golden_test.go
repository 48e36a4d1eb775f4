package wire

//go:generate go test . -run Golden -update

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"authledger/domain"
)

// update writes the golden records of new commands. It changes no existing golden record.
var update = flag.Bool("update", false, "write the golden records that do not exist")

// goldenRecord returns the golden record of a command with one event, in the form of the golden files
// of package domain. If no event belongs to this command only, a new ledger decides the command, and
// the record has the entities and the events of that decision.
func goldenRecord(t *testing.T, command string) domain.Record {
	t.Helper()
	event := "audit.read"
	at := slices.IndexFunc(eventTypes, func(kind string) bool {
		return slices.Contains(causes()[kind], command)
	})
	if at >= 0 {
		event = eventTypes[at]
	}
	r := stored(t, command, event)
	r.Command.ID = command
	r.Content = Content(&r.Command, false)
	if at >= 0 {
		return r
	}
	d, err := domain.Decide(newLedger{}, &r.Command)
	if err != nil || d.Status == domain.Invalid {
		t.Fatalf("decide the golden command %s in a new ledger: got %+v, %v, want a record", command, d, err)
	}
	r.Entities, r.Status, r.Reason, r.Detail, r.Events = d.Entities, d.Status, d.Reason, d.Detail, d.Events
	return r
}

// newLedger is the states of a ledger without records.
type newLedger struct{ domain.States }

func (newLedger) Policy() *domain.Policy                   { return domain.IBKRSLS() }
func (newLedger) Clock(domain.Entity) (time.Time, error)   { return time.Time{}, nil }
func (newLedger) User(string) (domain.User, error)         { return domain.User{}, nil }
func (newLedger) Account(string) (domain.Account, error)   { return domain.Account{}, nil }
func (newLedger) Item(domain.ItemKey) (domain.Item, error) { return nil, nil }

// goldenText returns the golden file of a command.
func goldenText(t *testing.T, command string) string {
	t.Helper()
	r := goldenRecord(t, command)
	return string(AppendRecord(nil, &r)) + "\n"
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
			if err := os.WriteFile(file, []byte(goldenText(t, kind)), 0o644); err != nil {
				t.Fatal(err)
			}
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

// generated lists the commands whose golden records -update has written. A person wrote the others,
// before -update existed.
var generated = []string{
	"audit.verify", "config.token_add", "config.token_revoke", "config.webhook_add", "config.webhook_remove",
	"config.webhook_rotate", "device.rename",
}

func TestUpdateWritesGoldenRecords(t *testing.T) {
	for _, command := range generated {
		want := string(mustRead(t, filepath.Join("testdata/records", command+".json")))
		if diff := cmp.Diff(want, goldenText(t, command)); diff != "" {
			t.Errorf("golden record of %s (-golden +generated)\n%s", command, diff)
		}
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
