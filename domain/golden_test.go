package domain

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// golden reads a golden file into a value and checks that it is written as the same bytes.
// Golden files never change, because logs contain such bytes.
func golden(t *testing.T, path string, into Data) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v: write it with go test ./domain -run Golden -update", err)
	}
	var object map[string]any
	d := json.NewDecoder(strings.NewReader(string(text)))
	d.UseNumber()
	if err := d.Decode(&object); err != nil {
		t.Fatal(err)
	}
	if wrong := readJSON(object, into); len(wrong) > 0 {
		t.Errorf("golden file: got members that can't be read, want none: %v", wrong)
	}
	if diff := cmp.Diff(strings.TrimSuffix(string(text), "\n"), writeJSON(into)); diff != "" {
		t.Errorf("(-golden +written)\n%s", diff)
	}
}

// strays reports golden files of types that are not in the catalog.
func strays(t *testing.T, folder string, known []string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*"))
	if err != nil || len(files) != len(known) {
		t.Errorf("%s: got %d golden files, %v, want %d", folder, len(files), err, len(known))
	}
	for _, f := range files {
		if !slices.Contains(known, filepath.Base(f)) {
			t.Errorf("%s: got a type that is not in the catalog, want it there: records with it cannot be read", f)
		}
	}
}

func TestEventGoldens(t *testing.T) {
	var files []string
	for name := range maps.Keys(events) {
		for version := 1; version <= EventVersion; version++ {
			file := name + ".v" + strconv.Itoa(version) + ".json"
			files = append(files, file)
			t.Run(file, func(t *testing.T) {
				if *update {
					if err := writeMissing(filepath.Join("testdata", "events", file), NewEventData(name)); err != nil {
						t.Fatal(err)
					}
				}
				e := NewEventData(name)
				golden(t, filepath.Join("testdata", "events", file), e)
				if e.EventType() != name {
					t.Errorf("type %s of the catalog: got EventType %s", name, e.EventType())
				}
			})
		}
	}
	strays(t, filepath.Join("testdata", "events"), files)
	if NewEventData("login.forgotten") != nil {
		t.Error("NewEventData(login.forgotten) returned data, want nil")
	}
}

func TestCommandGoldens(t *testing.T) {
	var files []string
	for name := range maps.Keys(commands) {
		file := name + ".json"
		files = append(files, file)
		t.Run(file, func(t *testing.T) {
			if *update {
				if err := writeMissing(filepath.Join("testdata", "commands", file), NewCommandData(name)); err != nil {
					t.Fatal(err)
				}
			}
			c := NewCommandData(name)
			golden(t, filepath.Join("testdata", "commands", file), c)
			if c.CommandType() != name {
				t.Errorf("type %s of the catalog: got CommandType %s", name, c.CommandType())
			}
			if checked, ok := c.(interface{ Check() *Rejection }); ok && checked.Check() != nil {
				t.Errorf("golden file of %s: got rejection %v, want none", name, checked.Check())
			}
		})
	}
	strays(t, filepath.Join("testdata", "commands"), files)
	if NewCommandData("login.forget") != nil || NewResult("login.forget") != nil {
		t.Error("NewCommandData or NewResult of login.forget returned data, want nil")
	}
}

// A golden file contains every member, so that a renamed member makes a test fail.
func TestGoldens_ContainEveryMember(t *testing.T) {
	absent := map[string][]string{ // members that are absent in a golden file on purpose
		"policy.adopt":       {"perDay", "perFiveDays"}, // absent if unlimited
		"withdrawal.request": {"code"},                  // absent if the request has a device
	}
	every := func(name string, d Data, path string) {
		var shown memberNames
		d.Members(&shown)
		text, _ := os.ReadFile(path)
		for _, member := range shown.all {
			if !strings.Contains(string(text), strconv.Quote(member)+":") && !slices.Contains(absent[name], member) {
				t.Errorf("golden file of %s: got no member %s, want it", name, member)
			}
		}
	}
	for name := range events {
		every(name, NewEventData(name), filepath.Join("testdata", "events", name+".v1.json"))
	}
	for name := range commands {
		every(name, NewCommandData(name), filepath.Join("testdata", "commands", name+".json"))
	}
}

// A withdrawal request with a code has no device.
func TestWithdrawalGolden_ByCode(t *testing.T) {
	c := new(WithdrawalRequest)
	golden(t, filepath.Join("testdata", "withdrawal.request.by_code.json"), c)
	if wrong := c.Check(); wrong != nil || c.Code == "" {
		t.Errorf("withdrawal by code: got code %q, rejection %v, want a code and none", c.Code, wrong)
	}
}

// The golden file of policy.adopt contains the default policy. Its numbers never change, because
// every ledger stores them under ibkr-sls@1.
func TestDefaultPolicy_MatchesGolden(t *testing.T) {
	adopt := NewCommandData("policy.adopt").(*PolicyAdopt)
	golden(t, filepath.Join("testdata", "commands", "policy.adopt.json"), adopt)
	if got := adopt.Policy.Compiled(); !reflect.DeepEqual(got, IBKRSLS()) {
		t.Errorf("(-built-in +golden)\n%s", cmp.Diff(writeJSON(IBKRSLS()), writeJSON(got)))
	}
}

// These presets differ from the default policy only in their label and pattern (domain.md §7).
func TestPresets_ChangeOnlyLabelAndPattern(t *testing.T) {
	posix := *IBKRSLS()
	posix.Version, posix.UsernamePattern = "posix-host@1", "^[a-z_][a-z0-9_.-]{0,63}$"
	if diff := cmp.Diff(writeJSON(&posix), writeJSON(POSIXHost())); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	email := *IBKRSLS()
	email.Version, email.UsernamePattern = "email-login@1", "^[a-z0-9_][a-z0-9_.@+#'-]{0,127}$"
	if diff := cmp.Diff(writeJSON(&email), writeJSON(EmailLogin())); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// TestEventCauses compares the commands that can cause each event with testdata/causes.txt.
// An event without a line can be a part of a record with any command.
func TestEventCauses(t *testing.T) {
	var got strings.Builder
	for _, event := range EventTypes() {
		e := NewEventData(event)
		golden(t, filepath.Join("testdata", "events", event+".v1.json"), e)
		var causes []string
		for _, command := range CommandTypes() {
			r := Record{Command: Command{Data: NewCommandData(command)}, Events: []Event{{Data: e}}}
			golden(t, filepath.Join("testdata", "commands", command+".json"), r.Command.Data)
			if r.Coherent() {
				causes = append(causes, command)
			}
		}
		if len(causes) < len(commands) {
			fmt.Fprintf(&got, "%s: %s\n", event, strings.Join(causes, " "))
		}
	}
	path := filepath.Join("testdata", "causes.txt")
	if *update {
		if err := os.WriteFile(path, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Errorf("%s: run go test ./domain -run Causes -update and read the difference (-want +got)\n%s", path,
			diff)
	}
}
