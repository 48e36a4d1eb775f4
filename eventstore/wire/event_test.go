package wire

import (
	"bytes"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"authledger/domain"
)

// causes are the commands that alone can bring an event about, because its fold
// reads them. Who is not here stands under any.
var causes = map[string][]string{
	"login.started":        {"login.begin"},
	"identity.recorded":    {"identity.record"},
	"policy.adopted":       {"policy.adopt"},
	"device.requested":     {"device.request"},
	"device.shipped":       {"device.ship"},
	"device.deactivated":   {"device.deactivate"},
	"device.user_added":    {"device.add_user"},
	"device.pin_changed":   {"device.change_pin"},
	"code.issued":          {"code.issue"},
	"code.redeemed":        {"code.redeem", "device.activate", "device.add_user"},
	"sharing.requested":    {"sharing.request"},
	"sharing.approved":     {"sharing.request", "sharing.review", "sharing.cancel"},
	"sharing.granted":      {"sharing.request", "sharing.review", "sharing.cancel"},
	"sharing.rejected":     {"sharing.request", "sharing.review", "sharing.cancel"},
	"withdrawal.approved":  {"withdrawal.request"},
	"withdrawal.denied":    {"withdrawal.request"},
	"withdrawal.settled":   {"withdrawal.settle"},
	"withdrawal.cancelled": {"withdrawal.cancel"},
}

// brings reports whether an event can stand under a command of a type.
func brings(event, command string) bool {
	only, limited := causes[event]
	return !limited || slices.Contains(only, command)
}

// stored is a record of a command and an event as the golden files tell them.
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

// A damaged record, of an event that its command can't bring about, is refused
// before anything is folded; every other is read.
func TestEveryEventUnderEveryCommand(t *testing.T) {
	for _, command := range allTypes {
		for _, event := range eventTypes {
			r := stored(t, command, event)
			_, err := ReadRecord(AppendRecord(nil, &r))
			if want := brings(event, command); (err == nil) != want {
				t.Errorf("a %s under a %s: %v, want it read: %v", event, command, err, want)
			}
		}
	}
}

// An event that leaves out what it is about stands under the one command that
// says it.
func TestAnEventAboutNothing(t *testing.T) {
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
				t.Errorf("%+v under a %s: %v, want it read: %v", test.event, command, err, want)
			}
		}
	}
}

// What a fold counts must be an amount and a day.
func TestReadRecordRefusesWhatIsNoNumber(t *testing.T) {
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
			t.Fatalf("%s is not once in %s", test.old, text)
		}
		if _, err := ReadRecord([]byte(strings.Replace(text, test.old, test.new, 1))); err == nil {
			t.Errorf("a %s with %s is read", test.event, test.new)
		}
	}
}

// Every type of event, however it is filled and whosever it is, is read as it
// was written.
func TestEventRoundTrip(t *testing.T) {
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

// Of a record of two users an event says whose it is, unless it is the first's:
// in the log, to people and in the answer (SHARE-6, DEV-9).
func TestWhoseAnEventIs(t *testing.T) {
	r := stored(t, "sharing.review", "sharing.approved")
	r.Entities = []domain.Entity{"user/bob", "user/alice"}
	r.Events = append(r.Events, domain.Event{At: noon, Entity: "user/alice", Data: &domain.CodeRevoked{Code: "c-1"}})
	const first = `{"type":"sharing.approved","v":1,"at":"2026-03-02T12:00:00.123456789Z","data":{}}`
	const second = `{"type":"code.revoked","v":1,"at":"2026-03-02T12:00:00.123456789Z","entity":"user/alice","data":{"code":"c-1"}}`
	want := `"events":[` + first + `,` + second + `]`
	text := AppendRecord(nil, &r)
	if !bytes.Contains(text, []byte(want)) {
		t.Errorf("stored as %s\nwant %s", text, want)
	}
	if back, err := ReadRecord(text); err != nil || !cmp.Equal(back.Events, r.Events) {
		t.Errorf("read back as %+v, %v", back.Events, err)
	}
	if shown := AppendShown(nil, &r); !bytes.Contains(shown, []byte(want)) {
		t.Errorf("shown as %s\nwant %s", shown, want)
	}
	v := r.Verdict()
	want = strings.ReplaceAll(want, `"v":1,`, "")
	if told := AppendVerdict(nil, &v); !bytes.Contains(told, []byte(want)) {
		t.Errorf("told as %s\nwant %s", told, want)
	}
	for _, damaged := range []string{`"entity":""`, `"entity":null`} {
		if _, err := ReadRecord(bytes.Replace(text, []byte(`"entity":"user/alice"`), []byte(damaged), 1)); err == nil {
			t.Errorf("an event with %s is read", damaged)
		}
	}
}
