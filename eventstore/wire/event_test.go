package wire

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"authledger/domain"
)

// causes returns the commands that can cause each event, by the golden list of domain. An event
// that is not in the list can be a part of a record with any command.
var causes = sync.OnceValue(func() map[string][]string {
	text, err := os.ReadFile("../../domain/testdata/causes.txt")
	if err != nil {
		panic(err)
	}
	all := map[string][]string{}
	for line := range strings.Lines(string(text)) {
		event, commands, _ := strings.Cut(strings.TrimSpace(line), ": ")
		all[event] = strings.Fields(commands)
	}
	return all
})

// brings reports whether a record with a command can contain an event.
func brings(event, command string) bool {
	only, limited := causes()[event]
	return !limited || slices.Contains(only, command)
}

// stored returns a record of a command and an event in the form of the golden files.
func stored(t *testing.T, command, event string) domain.Record {
	t.Helper()
	r := typical()
	r.Result = nil
	r.Command.Data = domain.NewCommandData(command)
	golden(t, filepath.Join("../../domain/testdata/commands", command+".json"), r.Command.Data)
	e := domain.NewEventData(event)
	golden(t, filepath.Join("../../domain/testdata/events", event+".v1.json"), e)
	r.Events = []domain.Event{{At: noon, Data: e}}
	return r
}

// TestReadRecord_EventOfCommand checks every pair of a command and an event: a record
// whose command cannot have its event is damaged, and every other record is read.
func TestReadRecord_EventOfCommand(t *testing.T) {
	for _, command := range allTypes {
		for _, event := range eventTypes {
			r := stored(t, command, event)
			_, err := ReadRecord(AppendRecord(nil, &r))
			if want := brings(event, command); (err == nil) != want {
				t.Errorf("event %s of command %s: got %v, want read = %v", event, command, err, want)
			}
		}
	}
}

// TestReadRecord_EventWithoutSubject checks that an event without its subject is read
// only with the command that names the subject.
func TestReadRecord_EventWithoutSubject(t *testing.T) {
	for _, test := range []struct {
		event   domain.EventData
		command []string
	}{
		{&domain.DeviceActivated{Method: domain.Auto}, []string{"device.activate"}},
		{&domain.DeviceActivated{Device: "d-1"}, []string{"device.activate"}},
		{&domain.CodeRevoked{}, []string{"code.revoke"}},
		{&domain.SharingCancelled{}, []string{"sharing.request", "sharing.review", "sharing.cancel"}},
	} {
		for _, command := range allTypes {
			r := stored(t, command, test.event.EventType())
			r.Events[0].Data = test.event
			_, err := ReadRecord(AppendRecord(nil, &r))
			if want := slices.Contains(test.command, command); (err == nil) != want {
				t.Errorf("event %+v of command %s: got %v, want read = %v", test.event, command, err, want)
			}
		}
	}
}

// TestReadRecord_InvalidAmountOrDay checks that a fold reads only valid amounts and
// days.
func TestReadRecord_InvalidAmountOrDay(t *testing.T) {
	for _, test := range []struct{ command, event, old, new string }{
		{"withdrawal.request", "withdrawal.approved", `"usd":"1081.50"`, `"usd":"1081,50"`},
		{"withdrawal.request", "withdrawal.approved", `"day":"2026-03-02"`, `"day":"2026-02-30"`},
		{"withdrawal.request", "withdrawal.approved", `"usd":"200000.00"`, `"usd":"200000.0x"`},
		{"withdrawal.request", "withdrawal.denied", `"day":"2026-02-28"`, `"day":"28.02.2026"`},
		{"withdrawal.cancel", "withdrawal.cancelled", `"usd":"1081.50"`, `"usd":""`},
		{"withdrawal.cancel", "withdrawal.cancelled", `"day":"2026-03-02"`, `"day":"2026-3-2"`},
	} {
		r := stored(t, test.command, test.event)
		text := string(AppendRecord(nil, &r))
		if strings.Count(text, test.old) != 1 {
			t.Fatalf("text %s: got it not once, want it once in %s", test.old, text)
		}
		if _, err := ReadRecord([]byte(strings.Replace(text, test.old, test.new, 1))); err == nil {
			t.Errorf("ReadRecord of %s with %s: got nil, want an error", test.event, test.new)
		}
	}
}

// TestReadRecord_EventRoundTrip checks that every type of event, with any members and of
// any entity, is read as it was written.
func TestReadRecord_EventRoundTrip(t *testing.T) {
	for _, kind := range eventTypes {
		t.Run(kind, func(t *testing.T) {
			command := allTypes[slices.IndexFunc(allTypes, func(command string) bool { return brings(kind, command) })]
			rapid.Check(t, func(t *rapid.T) {
				want := drawRecord(t, command)
				want.Events = []domain.Event{drawEvent(t, kind)}
				keepFitting(&want)
				keepLasting(&want)
				text := AppendRecord(nil, &want)
				got, err := ReadRecord(text)
				if err != nil {
					t.Fatalf("%v\n%s", err, text)
				}
				if diff := cmp.Diff(want, got, asRead); diff != "" {
					t.Fatalf("(-written +read)\n%s", diff)
				}
			})
		})
	}
}

// TestEvent_Entity checks that an event in a record of two users names its entity unless
// that is the first of the record: in the log, shown and in the verdict (SHARE-6,
// DEV-9).
func TestEvent_Entity(t *testing.T) {
	r := stored(t, "sharing.review", "sharing.approved")
	r.Entities = []domain.Entity{"user/bob", "user/alice"}
	r.Events = append(r.Events,
		domain.Event{At: noon, Entity: "user/alice", Data: &domain.CodeRevoked{Code: "c-1"}})
	const first = `{"type":"sharing.approved","v":1,"at":"2026-03-02T12:00:00.123456789Z","data":{}}`
	const second = `{"type":"code.revoked","v":1,"at":"2026-03-02T12:00:00.123456789Z","entity":"user/alice",` +
		`"data":{"code":"c-1"}}`
	want := `"events":[` + first + `,` + second + `]`
	text := AppendRecord(nil, &r)
	if !bytes.Contains(text, []byte(want)) {
		t.Errorf("record: got %s\nwant %s", text, want)
	}
	if back, err := ReadRecord(text); err != nil || !cmp.Equal(back.Events, r.Events) {
		t.Errorf("ReadRecord: got %+v, %v", back.Events, err)
	}
	if shown := AppendShown(nil, &r); !bytes.Contains(shown, []byte(want)) {
		t.Errorf("shown record: got %s\nwant %s", shown, want)
	}
	v := r.Verdict()
	want = strings.ReplaceAll(want, `"v":1,`, "")
	if verdict := AppendVerdict(nil, &v); !bytes.Contains(verdict, []byte(want)) {
		t.Errorf("verdict: got %s\nwant %s", verdict, want)
	}
	for _, damaged := range []string{`"entity":""`, `"entity":null`} {
		_, err := ReadRecord(bytes.Replace(text, []byte(`"entity":"user/alice"`), []byte(damaged), 1))
		if err == nil {
			t.Errorf("ReadRecord of an event with %s: got nil, want an error", damaged)
		}
	}
}
