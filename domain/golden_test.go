package domain

import (
	"encoding/json"
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

// A golden file was written by hand and is stored forever, as the log is: it
// must decode to all that it says, and be written again to the very bytes.
func golden(t *testing.T, path string, into Data) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v: write down what the type looks like, once and for ever", err)
	}
	var object map[string]any
	d := json.NewDecoder(strings.NewReader(string(text)))
	d.UseNumber()
	if err := d.Decode(&object); err != nil {
		t.Fatal(err)
	}
	if wrong := readJSON(object, into); len(wrong) > 0 {
		t.Error(wrong)
	}
	if diff := cmp.Diff(strings.TrimSuffix(string(text), "\n"), writeJSON(into)); diff != "" {
		t.Errorf("(-golden +written)\n%s", diff)
	}
}

// strays finds golden files of types that the catalog has lost.
func strays(t *testing.T, folder string, known []string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*"))
	if err != nil || len(files) != len(known) {
		t.Errorf("%d golden files of %d types, %v", len(files), len(known), err)
	}
	for _, f := range files {
		if !slices.Contains(known, filepath.Base(f)) {
			t.Errorf("%s is of no type: what is stored can no longer be read", f)
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
				e := NewEventData(name)
				golden(t, filepath.Join("testdata", "events", file), e)
				if e.EventType() != name {
					t.Errorf("the catalog's %s calls itself %s", name, e.EventType())
				}
			})
		}
	}
	strays(t, filepath.Join("testdata", "events"), files)
	if NewEventData("login.forgotten") != nil {
		t.Error("there is a type that is not in the catalog")
	}
}

func TestCommandGoldens(t *testing.T) {
	var files []string
	for name := range maps.Keys(commands) {
		file := name + ".json"
		files = append(files, file)
		t.Run(file, func(t *testing.T) {
			c := NewCommandData(name)
			golden(t, filepath.Join("testdata", "commands", file), c)
			if c.CommandType() != name {
				t.Errorf("the catalog's %s calls itself %s", name, c.CommandType())
			}
			if checked, ok := c.(interface{ Check() *Rejection }); ok && checked.Check() != nil {
				t.Error(checked.Check())
			}
		})
	}
	strays(t, filepath.Join("testdata", "commands"), files)
	if NewCommandData("login.forget") != nil || NewResult("login.forget") != nil {
		t.Error("there is a type that is not in the catalog")
	}
}

// A golden shows every member, or one that is renamed goes unnoticed.
func TestGoldensShowEveryMember(t *testing.T) {
	absent := map[string][]string{ // which is shown too
		"policy.adopt":       {"perDay", "perFiveDays"}, // of the unlimited
		"withdrawal.request": {"code"},                  // beside a device
	}
	every := func(name string, d Data, path string) {
		var shown memberNames
		d.Members(&shown)
		text, _ := os.ReadFile(path)
		for _, member := range shown.all {
			if !strings.Contains(string(text), strconv.Quote(member)+":") && !slices.Contains(absent[name], member) {
				t.Errorf("%s: no %s", name, member)
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

// A code takes the place of the device that the golden of its type shows.
func TestTheGoldenOfAWithdrawalByCode(t *testing.T) {
	c := new(WithdrawalRequest)
	golden(t, filepath.Join("testdata", "withdrawal.request.by_code.json"), c)
	if wrong := c.Check(); wrong != nil || c.Code == "" {
		t.Error(c.Code, wrong)
	}
}

// The golden of policy.adopt holds the built-in policy: its numbers are stored
// under ibkr-sls@1 in every ledger, and may never change.
func TestTheBuiltInPolicyIsItsGolden(t *testing.T) {
	adopt := NewCommandData("policy.adopt").(*PolicyAdopt)
	golden(t, filepath.Join("testdata", "commands", "policy.adopt.json"), adopt)
	if got := adopt.Policy.Compiled(); !reflect.DeepEqual(got, IBKRSLS()) {
		t.Errorf("(-built-in +golden)\n%s", cmp.Diff(writeJSON(IBKRSLS()), writeJSON(got)))
	}
}

// The other presets differ from it in what domain.md §7 says, and nowhere else.
func TestPresetsDifferWhereTheyShould(t *testing.T) {
	posix := *IBKRSLS()
	posix.Version, posix.UsernamePattern = "posix-host@1", "^[a-z_][a-z0-9_.-]{0,63}$"
	if diff := cmp.Diff(writeJSON(&posix), writeJSON(POSIXHost())); diff != "" {
		t.Errorf("(-said +written out)\n%s", diff)
	}
	email := *IBKRSLS()
	email.Version, email.UsernamePattern = "email-login@1", "^[a-z0-9_][a-z0-9_.@+#'-]{0,127}$"
	if diff := cmp.Diff(writeJSON(&email), writeJSON(EmailLogin())); diff != "" {
		t.Errorf("(-said +written out)\n%s", diff)
	}
}
