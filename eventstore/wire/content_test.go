package wire

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"authledger/domain"
)

func mustCommand(t testing.TB, text string) domain.Command {
	t.Helper()
	c, fault := ReadCommand([]byte(text))
	if fault != nil {
		t.Fatalf("read: got rejection %v, want none\n%s", fault, text)
	}
	return c
}

// TestContent_EqualAndDifferent checks that two texts of one content have one hash, and
// that different contents have different hashes.
func TestContent_EqualAndDifferent(t *testing.T) {
	of := func(text string) domain.Hash {
		c := mustCommand(t, text)
		return Content(&c, false)
	}
	for _, test := range []struct {
		given, text string
		same        bool
	}{
		{"the same again", goodEvent, true},
		{"another id", with("e-1", "e-2"), true}, // the id is no part of the content
		{"another source", with("gateway/portal", "gateway/tws"), true},
		{"an extension and a subject", with(`"id"`, `"subject":"x","trace":"y","id"`), true},
		{"another order", data(`{"reason":"bad_credentials","outcome":"failed","user":"alice"}`), true},
		{"an escape", with("alice", `\u0061lice`), true},
		{"the same instant elsewhere", with("12:00:00Z", "14:00:00.000+02:00"), true},
		{"an address",
			data(`{"user":"alice","outcome":"failed","reason":"bad_credentials","ip":"192.0.2.7","userAgent":"x"}`),
			true},

		{"another time", with("12:00:00Z", "12:00:00.000000001Z"), false},
		{"another user", with("alice", "alicf"), false},
		{"another reason", with("bad_credentials", "bad_code"), false},
		{"the default platform, said",
			data(`{"user":"alice","outcome":"failed","reason":"bad_credentials","platform":"client_portal"}`),
			false},
		{"another type", with("login.report", "login.finish"), false},
	} {
		text := test.text
		if strings.Contains(text, "login.finish") {
			text = strings.Replace(text, `"user"`, `"attempt":"a","user"`, 1)
		}
		if got := of(text) == of(goodEvent); got != test.same {
			t.Errorf("%s: same content %v, want %v", test.given, got, test.same)
		}
	}
}

// TestContent_MembersAreSeparate checks that moving text from one member to the next
// changes the content.
func TestContent_MembersAreSeparate(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		kind := rapid.SampledFrom(allTypes).Draw(t, "type")
		a, b := drawRecord(t, kind).Command, drawRecord(t, kind).Command
		b.Time = a.Time
		a.Stamped, b.Stamped = false, false
		same := string(AppendData(nil, a.Data)) == string(AppendData(nil, b.Data))
		if got := Content(&a, false) == Content(&b, false); got != same {
			t.Fatalf("equal content: got %t, want %t as of the data", got, same)
		}
	})
}

// TestContent_StampedTime checks that a time that the ledger set is no part of the
// content.
func TestContent_StampedTime(t *testing.T) {
	now, later := typical().Command, typical().Command
	later.Time = later.Time.Add(time.Hour)
	if Content(&now, false) == Content(&later, false) {
		t.Error("time of the sender: equal contents, want different ones")
	}
	now.Stamped, later.Stamped = true, true
	if Content(&now, false) != Content(&later, false) {
		t.Error("time of the ledger: different contents, want equal ones")
	}
}

// TestContent_UnattributedNames checks that the user of an unattributed attempt is
// neither in the content nor in the record. The user is sealed if it was unknown, and
// dropped if the name was invalid.
func TestContent_UnattributedNames(t *testing.T) {
	report := func(user, reason string) *domain.Command {
		return &domain.Command{Source: "g", ID: "1", Time: noon,
			Data: &domain.LoginReport{User: user, Outcome: domain.Failed, Reason: reason, IP: "192.0.2.7"}}
	}
	for _, test := range []struct {
		given     string
		command   *domain.Command
		anonymous bool
		personal  string
	}{
		{"somebody", report("alice", "bad_code"), false, `{"ip":"192.0.2.7"}`},
		{"an unknown user", report("mallory", domain.UnknownUser), true,
			`{"user":"mallory","ip":"192.0.2.7"}`},
		{"a bad name", report("hunter2!", "bad_code"), true, `{"ip":"192.0.2.7"}`},
	} {
		if got := string(Personal(test.command, test.anonymous)); got != test.personal {
			t.Errorf("%s: sealed %s, want %s", test.given, got, test.personal)
		}
		other := report("somebodyelse", test.command.Data.(*domain.LoginReport).Reason)
		if same := Content(test.command, test.anonymous) == Content(other, test.anonymous); same != test.anonymous {
			t.Errorf("%s: content with another name: got equal %t, want %t", test.given, same, test.anonymous)
		}
	}
	begin := &domain.Command{Source: "g", ID: "1", Time: noon,
		Data: &domain.LoginBegin{User: "hunter2!", Attempt: "a", Platform: "tws"}}
	if got := Personal(begin, true); got != nil {
		t.Errorf("a bad name without an address: sealed %s, want nothing", got)
	}
}

// TestAppendVerdict_Examples checks the examples of the contract.
func TestAppendVerdict_Examples(t *testing.T) {
	recorded := locking()
	accepted := recorded.Verdict()
	duplicate := accepted
	duplicate.Duplicate, duplicate.Unsynced = true, true
	c := mustCommand(t, goodEvent)
	invalid := (&domain.Rejection{Reason: domain.BadField, Field: "data.ip",
		Detail: "want an IPv4 or IPv6 address"}).Verdict(&c)
	nothing := (&domain.Rejection{Reason: domain.Malformed, Detail: "no valid JSON"}).Verdict(&domain.Command{})
	for _, test := range []struct {
		verdict domain.Verdict
		want    string
	}{
		{accepted,
			`{"id":"e-11","source":"gateway/portal","type":"login.report","status":"accepted","seq":1042,` +
				`"time":"2026-03-02T12:00:00.123456789Z","late":false,"duplicate":false,"policy":"ibkr-sls@1",` +
				`"events":[{"type":"login.failed","at":"2026-03-02T12:00:00.123456789Z","data":{"failures":10,` +
				`"reason":"bad_credentials"}},{"type":"lockout.started","at":"2026-03-02T12:00:00.123456789Z",` +
				`"data":{"until":"2026-03-03T12:00:00.123456789Z"}}],"result":{"locked":true,` +
				`"until":"2026-03-03T12:00:00.123456789Z","remaining":0}}`},
		{duplicate,
			`{"id":"e-11","source":"gateway/portal","type":"login.report","status":"accepted","seq":1042,` +
				`"time":"2026-03-02T12:00:00.123456789Z","late":false,"duplicate":true,"unsynced":true,` +
				`"policy":"ibkr-sls@1","events":[{"type":"login.failed","at":"2026-03-02T12:00:00.123456789Z",` +
				`"data":{"failures":10,"reason":"bad_credentials"}},{"type":"lockout.started",` +
				`"at":"2026-03-02T12:00:00.123456789Z","data":{"until":"2026-03-03T12:00:00.123456789Z"}}],` +
				`"result":{"locked":true,"until":"2026-03-03T12:00:00.123456789Z","remaining":0}}`},
		{invalid,
			`{"id":"e-1","source":"gateway/portal","type":"login.report","status":"invalid",` +
				`"time":"2026-03-02T12:00:00Z","late":false,"duplicate":false,"reason":"bad_field","detail":"data.ip: ` +
				`want an IPv4 or IPv6 address"}`},
		{nothing,
			`{"status":"invalid","late":false,"duplicate":false,"reason":"malformed","detail":"no valid JSON"}`},
	} {
		if got := string(AppendVerdict(nil, &test.verdict)); got != test.want {
			t.Errorf("\n got %s\nwant %s", got, test.want)
		}
	}
}
