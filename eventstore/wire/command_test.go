package wire

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"authledger/domain"
)

const goodEvent = `{"specversion":"1.0","id":"e-1","source":"gateway/portal","type":"login.report",` +
	`"time":"2026-03-02T12:00:00Z","data":{"user":"alice","outcome":"failed","reason":"bad_credentials"}}`

// with returns goodEvent with one text replaced.
func with(old, new string) string {
	if strings.Count(goodEvent, old) != 1 {
		panic("not once: " + old)
	}
	return strings.Replace(goodEvent, old, new, 1)
}

func data(text string) string {
	return with(`{"user":"alice","outcome":"failed","reason":"bad_credentials"}`, text)
}

func TestReadCommand_Faults(t *testing.T) {
	for _, test := range []struct {
		given, text string
		reason      domain.Reason // "" for none
		field       string
	}{
		{"a good event", goodEvent, "", ""},
		{"blanks around", " \r\n\t" + goodEvent + "\n", "", ""},
		{"extension attributes and a subject",
			with(`"id"`, `"subject":"x","traceparent":{"a":[1,null]},"id"`), "", ""},
		{"a content type of JSON", with(`"id"`, `"datacontenttype":"application/json; charset=utf-8","id"`),
			"", ""},
		{"null data as base64 is absent", with(`"id"`, `"data_base64":null,"id"`), "", ""},
		{"a null content type is absent", with(`"id"`, `"datacontenttype":null,"id"`), "", ""},
		{"a time in lower case", with(`2026-03-02T12:00:00Z`, `2026-03-02t12:00:00z`), "", ""},
		{"a content type of a kind of JSON", with(`"id"`, `"datacontenttype":"application/vnd.x+json","id"`),
			"", ""},
		{"an escaped member name", with(`"user"`, `"\u0075ser"`), "", ""},
		{"an empty address", data(`{"user":"alice","outcome":"succeeded","ip":""}`), "", ""},
		{"a name that only the policy can judge", with("alice", "Alice Smith"), "", ""},

		{"nothing", "", domain.Malformed, ""},
		{"a blank line", "  ", domain.Malformed, ""},
		{"a log line", "Mar  2 sshd[1]: Failed", domain.Malformed, ""},
		{"an array", "[" + goodEvent + "]", domain.Malformed, ""},
		{"a string", `"x"`, domain.Malformed, ""},
		{"null", "null", domain.Malformed, ""},
		{"half an event", goodEvent[:len(goodEvent)-2], domain.Malformed, ""},
		{"two events", goodEvent + goodEvent, domain.Malformed, ""},
		{"a comma too many", with(`"1.0",`, `"1.0",,`), domain.Malformed, ""},
		{"a comma at the end", with(`"bad_credentials"}`, `"bad_credentials",}`), domain.Malformed, ""},
		{"a member name that is not a string", with(`"id":`, `1:2,"id":`), domain.Malformed, ""},
		{"a duplicate attribute", with(`"id"`, `"id":"e-2","id"`), domain.Malformed, ""},
		{"a duplicate attribute, escaped", with(`"id"`, `"\u0069d":"e-2","id"`), domain.Malformed, ""},
		{"a duplicate member of data", with(`"user"`, `"user":"bob","user"`), domain.Malformed, ""},
		{"a duplicate deep in an extension", with(`"id"`, `"x":[{"a":{"b":1,"b":1}}],"id"`),
			domain.Malformed, ""},
		{"a duplicate deep in unknown data", with(`"user"`, `"x":[[{"a":1,"a":2}]],"user"`),
			domain.Malformed, ""},
		{"bad UTF-8", with("alice", "al\xffce"), domain.Malformed, ""},
		{"bad UTF-8 in an extension", with(`"id"`, "\"x\":\"\xc3\x28\",\"id\""), domain.Malformed, ""},
		{"bad UTF-8 in a name", with(`"id"`, "\"\xc3\x28\":1,\"id\""), domain.Malformed, ""},
		{"an overlong form", with("alice", "al\xc0\xafce"), domain.Malformed, ""},
		{"a lone surrogate", with("alice", `\ud800`), domain.Malformed, ""},
		{"a control character", with("alice", "al\x00ce"), domain.Malformed, ""},
		{"no specversion", with(`"specversion":"1.0",`, ""), domain.Malformed, "specversion"},
		{"another specversion", with(`"1.0"`, `"0.3"`), domain.Malformed, "specversion"},
		{"a number for a specversion", with(`"1.0"`, `1.0`), domain.Malformed, "specversion"},
		{"no id", with(`"id":"e-1",`, ""), domain.Malformed, "id"},
		{"an empty id", with("e-1", ""), domain.Malformed, "id"},
		{"a null id", with(`"e-1"`, "null"), domain.Malformed, "id"},
		{"an id that forges a line", with("e-1", `e\n1`), domain.Malformed, "id"},
		{"an id of 257 bytes", with("e-1", strings.Repeat("x", 257)), domain.Malformed, "id"},
		{"an id of 256 bytes", with("e-1", strings.Repeat("x", 256)), "", ""},
		{"an id of 1 MiB", with("e-1", strings.Repeat("x", 1<<20)), domain.Malformed, "id"},
		{"no source", with(`"source":"gateway/portal",`, ""), domain.Malformed, "source"},
		{"an empty source", with("gateway/portal", ""), domain.Malformed, "source"},
		{"no type", with(`"type":"login.report",`, ""), domain.Malformed, "type"},
		{"an empty type", with("login.report", ""), domain.Malformed, "type"},
		{"no time", with(`"time":"2026-03-02T12:00:00Z",`, ""), domain.Malformed, "time"},
		{"a null time", with(`"2026-03-02T12:00:00Z"`, "null"), domain.Malformed, "time"},
		{"seconds for a time", with(`"2026-03-02T12:00:00Z"`, "1772452800"), domain.Malformed, "time"},
		{"the year 10000", with("2026-03", "10000-03"), domain.Malformed, "time"},
		{"no data", with(`,"data":{"user":"alice","outcome":"failed","reason":"bad_credentials"}`, ""),
			domain.Malformed, "data"},
		{"null data", data("null"), domain.Malformed, "data"},
		{"a list for data", data("[]"), domain.Malformed, "data"},
		{"data as base64", with(`"id"`, `"data_base64":"e30=","id"`), domain.Malformed, "data_base64"},
		{"another content type", with(`"id"`, `"datacontenttype":"text/xml","id"`), domain.Malformed,
			"datacontenttype"},
		{"an empty content type", with(`"id"`, `"datacontenttype":"","id"`), domain.Malformed,
			"datacontenttype"},

		{"an unknown type", with("login.report", "login.retort"), domain.UnknownType, "type"},
		{"a type in capitals", with("login.report", "Login.Report"), domain.UnknownType, "type"},
		{"the timer's own type", with("login.report", "timer.fire"), domain.UnknownType, "type"},
		{"a member in another case", with(`"user"`, `"User":"x","user"`), domain.UnknownField, "data.User"},
		{"a password", with(`"user"`, `"password":"x","user"`), domain.UnknownField, "data.password"},
		{"an empty name", with(`"user"`, `"":"x","user"`), domain.UnknownField, "data"},
		{"no user", data(`{"outcome":"succeeded"}`), domain.MissingField, "data.user"},
		{"no reason of a failure", data(`{"user":"alice","outcome":"failed"}`), domain.MissingField,
			"data.reason"},
		{"a null reason", data(`{"user":"alice","outcome":"failed","reason":null}`), domain.BadField,
			"data.reason"},
		{"an empty reason", data(`{"user":"alice","outcome":"failed","reason":""}`), domain.BadField,
			"data.reason"},
		{"a number for a reason", data(`{"user":"alice","outcome":"failed","reason":7}`), domain.BadField,
			"data.reason"},
		{"a null user", with(`"alice"`, "null"), domain.BadField, "data.user"},
		{"a null optional member", with(`"user"`, `"ip":null,"user"`), domain.BadField, "data.ip"},
		{"an object for a text", with(`"alice"`, `{"x":1}`), domain.BadField, "data.user"},
		{"an unknown outcome", with(`"failed"`, `"Failed"`), domain.BadField, "data.outcome"},
		{"a reason of a success", data(`{"user":"alice","outcome":"succeeded","reason":"cancelled"}`),
			domain.BadField, "data.reason"},
		{"no address", with(`"user"`, `"ip":"999.1.1.1","user"`), domain.BadField, "data.ip"},
		{"a device that ends with a newline", with(`"user"`, `"device":"d-1\n","user"`), domain.BadField,
			"data.device"},
		{"the timer's source", with("gateway/portal", "timer"), domain.BadField, "source"},
		{"the ledger's source", with("gateway/portal", "system"), domain.BadField, "source"},
		{"an importer's source", with("gateway/portal", "import/sshd/1"), domain.BadField, "source"},
		{"an event of 1 MiB", with("alice", strings.Repeat("x", 1<<20)), "", ""},
	} {
		t.Run(test.given, func(t *testing.T) {
			c, fault := ReadCommand([]byte(test.text))
			switch {
			case fault == nil && test.reason != "":
				t.Errorf("got %+v, want %s", c.Data, test.reason)
			case fault != nil && (fault.Reason != test.reason || fault.Field != test.field):
				t.Errorf("%s of %q (%s), want %q of %q", fault.Reason, fault.Field, fault.Detail,
					test.reason, test.field)
			case fault != nil && (strings.ContainsAny(fault.Error(), "\n\r\x00") || !utf8.ValidString(fault.Error())):
				t.Errorf("%s: got message %q, want no character that forges a log line", test.given, fault.Error())
			}
		})
	}
}

// TestReadCommand_InvalidEventKeepsName checks that a rejected event is returned with
// its readable source and id.
func TestReadCommand_InvalidEventKeepsName(t *testing.T) {
	for given, text := range map[string]string{
		"no data":         data("null"),
		"an unknown type": with("login.report", "x"),
		"a bad member":    with(`"alice"`, "7"),
		"half an event":   goodEvent[:100],
	} {
		if c, fault := ReadCommand([]byte(text)); fault == nil || c.ID != "e-1" || c.Source != "gateway/portal" {
			t.Errorf("%s: got source %q, id %q, %v, want gateway/portal, e-1 and a rejection", given, c.Source, c.ID,
				fault)
		}
	}
}

// TestAppendCommand_RoundTrip checks that a written event is read as the same command.
func TestAppendCommand_RoundTrip(t *testing.T) {
	for _, kind := range clientTypes {
		text := string(mustRead(t, "../../domain/testdata/commands/"+kind+".json"))
		event := data(strings.TrimSpace(text))
		event = strings.Replace(event, "login.report", kind, 1)
		c, fault := ReadCommand([]byte(event))
		if fault != nil {
			t.Fatalf("%s, read back: got rejection %v, want none", kind, fault)
		}
		if got, want := string(AppendCommand(nil, &c)), documentNames(event); got != want {
			t.Errorf("%s: got\n%s\nwant\n%s", kind, got, want)
		}
		want := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
		if !c.Time.Equal(want) || c.ID != "e-1" || c.Source != "gateway/portal" || c.Caller != "" || c.Backfill ||
			c.Stamped {
			t.Errorf("%s: got %+v after a round trip", kind, c)
		}
	}
}
