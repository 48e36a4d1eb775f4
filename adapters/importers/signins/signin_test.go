package signins_test

import (
	"fmt"
	"strings"
	"testing"

	"authledger/adapters/importers/signins"
	"authledger/domain"
)

// one reads one line of Keycloak.
func one(t *testing.T, text string) signins.Line {
	t.Helper()
	line, err := open(t, "keycloak", strings.NewReader(text)).Next()
	if err != nil {
		t.Fatal(err)
	}
	return line
}

func keycloak(member, value string) string {
	members := map[string]string{
		"id": `"k"`, "time": "1772464145000", "realmId": `"main"`,
		"ipAddress": `"192.0.2.7"`, "details": `{"username":"carol"}`,
	}
	members[member] = value
	event := `{"type":"LOGIN"`
	for _, name := range []string{"id", "time", "realmId", "ipAddress", "details"} {
		event += fmt.Sprintf(",%q:%s", name, members[name])
	}
	return event + "}"
}

// LOGIN-1: only A to Z become lower case. The lower case of the Kelvin sign is the
// character k, so the name would become the name of another user.
func TestNames_InLowerCase(t *testing.T) {
	for name, want := range map[string]string{
		"Carol@Example.COM": "carol@example.com",
		"bo\u212a":          "bo\u212a",
		"\u00d6zg\u00fcr":   "\u00d6zg\u00fcr",
		" carol ":           " carol ",
	} {
		line := one(t, keycloak("details", fmt.Sprintf(`{"username":%q}`, name)))
		if len(line.Commands) != 1 || line.Commands[0].Data.(*domain.LoginReport).User != want {
			t.Errorf("name %q: got %+v, want user %q", name, line, want)
		}
	}
}

func TestAddressesAndUserAgents(t *testing.T) {
	for value, want := range map[string]string{
		`"2001:db8::7"`: "2001:db8::7", `"192.0.2.7:4022"`: "", `"fe80::1%eth0"`: "", `"host"`: "", "null": "",
		"7": "", "{}": "",
		`"` + strings.Repeat("1", 1000) + `"`: "",
	} {
		line := one(t, keycloak("ipAddress", value))
		if len(line.Commands) != 1 || line.Commands[0].Data.(*domain.LoginReport).IP != want {
			t.Errorf("address %.40s: got %+v, want %q", value, line, want)
		}
	}
	for length, want := range map[int]int{0: 0, 512: 512, 513: 0} {
		line := one(t,
			keycloak("details", fmt.Sprintf(`{"username":"carol","user_agent":%q}`, strings.Repeat("x", length))))
		if len(line.Commands) != 1 || len(line.Commands[0].Data.(*domain.LoginReport).UserAgent) != want {
			t.Errorf("user agent of %d bytes: got %+v, want %d bytes", length, line, want)
		}
	}
}

func TestTimes(t *testing.T) {
	for value, ok := range map[string]bool{
		"0": true, "253402300799999": true, "253402300800000": false, "-1": false, "1.5": false, "1e3": false,
		`"+5"`: false, `""`: false, "null": false, `"2026-03-02T15:09:00Z"`: false, "99999999999999999999": false,
	} {
		if line := one(t, keycloak("time", value)); (len(line.Commands) == 1) != ok {
			t.Errorf("time %s: got %+v, want a command %t", value, line, ok)
		}
	}
	for value, want := range map[string]string{
		"2026-03-02T15:09:00.5+01:00":   "2026-03-02T14:09:00.5Z",
		"2026-03-02 15:09:00":           "2026-03-02T15:09:00Z",
		"2026-03-02 15:09:00.983201900": "2026-03-02T15:09:00.9832019Z",
		"2026-03-02 15:09:00Z":          "",
		"2026-02-30 15:09:00":           "",
		"2026-03-02":                    "",
		"":                              "",
	} {
		event := fmt.Sprintf(`{"published":%q,"eventType":"user.session.start","actor":{"alternateId":"ann"},`+
			`"outcome":{"result":"SUCCESS"}}`, value)
		got := listing(t, open(t, "okta", strings.NewReader(event)))
		if ok := strings.Contains(got, " "+want+" succeeded"); ok != (want != "") {
			t.Errorf("time %q: got %s, want %q", value, got, want)
		}
	}
}

// Idempotency: the id of an event without one depends on its user, time, result and
// session, not on the order of its members and other contents. It does not depend on
// members that can be erased, because a hash would reveal them.
func TestIDsOfEventsWithoutOne(t *testing.T) {
	const a = `{"type":"LOGIN","time":1772464145000,"realmId":"main","ipAddress":"192.0.2.7",` +
		`"details":{"username":"carol","user_agent":"Browser/1.0"}}`
	id := func(text string) string {
		line := one(t, text)
		if len(line.Commands) != 1 {
			t.Fatalf("%s: got %+v, want one command", text, line)
		}
		return line.Commands[0].ID
	}
	failed := strings.Replace(a, `"LOGIN"`, `"LOGIN_ERROR","error":"invalid_user_credentials"`, 1)
	unknown := strings.Replace(a, `"LOGIN"`, `"LOGIN_ERROR","error":"user_not_found"`, 1)
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{a, ` {"details":{"username":"Carol","x":1},"realmId":"main","time":"1772464145000","type":"LOGIN"}`, true},
		{a, `{"event":` + a + `,"case":"x"}`, true},
		{a, strings.Replace(a, "192.0.2.7", "192.0.2.8", 1), true},
		{a, strings.Replace(a, "Browser", "Other", 1), true},
		{a, strings.Replace(a, "145000", "145001", 1), false},
		{a, strings.Replace(a, "carol", "dave", 1), false},
		{a, strings.Replace(a, `"realmId"`, `"sessionId":"s","realmId"`, 1), false},
		{a, strings.Replace(a, `"realmId"`, `"clientId":"s","realmId"`, 1), false},
		{a, failed, false},
		{failed, strings.Replace(failed, "carol", "dave", 1), false},
		{unknown, strings.Replace(unknown, "carol", "a password", 1), true},
	} {
		if (id(c.a) == id(c.b)) != c.same {
			t.Errorf("%s and %s: got one id %t, want %t", c.a, c.b, !c.same, c.same)
		}
	}
	for value, ok := range map[string]bool{`"k"`: true, "7": true, `"a\nb"`: false,
		`"` + strings.Repeat("x", 257) + `"`: false} {
		if line := one(t, keycloak("id", value)); (len(line.Commands) == 1) != ok {
			t.Errorf("id %.20s: got %+v, want a command %t", value, line, ok)
		}
	}
}

// a line that two readers could read differently is malformed.
func TestMalformedJSON(t *testing.T) {
	for _, text := range []string{
		"x", " ", "7", `"text"`, "null", "{}x", "{} {}", "{", login + ",", login + login,
		`{"type":"LOGIN","type":"LOGIN_ERROR"}`,
		`{"type":"LOGIN","details":{"username":"carol","username":"mallory"}}`,
		`{"type":"LOGIN","details":{"username":"carol","user\u006eame":"mallory"}}`,
		"{\"type\":\"LOGIN\",\"x\":\"\xff\"}",
		`{"type":"LOGIN","x":` + strings.Repeat("[", 40) + strings.Repeat("]", 40) + "}",
		`{"Type":"LOGIN","realmId":"main"}`,
	} {
		line := one(t, text)
		if line.Rejection == nil || line.Rejection.Reason != domain.Malformed {
			t.Errorf("%.60q: got %+v, want a rejection with reason %s", text, line, domain.Malformed)
		}
	}
}

// A rejection contains the command that repairs an event of a known form.
func TestMessagesNameTheRemedy(t *testing.T) {
	for _, c := range []struct{ gateway, event, want string }{
		{"entra",
			`{"category":"SignInLogs","resultType":"50126","properties":` +
				`{"createdDateTime":"2026-03-02T15:50:00.123","userPrincipalName":"ann@example.com"}}`,
			`jq -c '.properties.createdDateTime += "Z"'`},
		{"entra",
			`{"createdDateTime":"2026-03-02T15:50:00.123","status":{"errorCode":50126},` +
				`"userPrincipalName":"ann@example.com"}`,
			`createdDateTime: the time has no zone: jq -c '.createdDateTime += "Z"'`},
		{"entra",
			`{"time":"2026-03-02T15:50:00","category":"SignInLogs","resultType":"50126",` +
				`"properties":{"userPrincipalName":"ann@example.com"}}`, `jq -c '.time += "Z"'`},
		{"entra", `{"category":"SignInLogs","resultType":"50126","properties":"{\"id\":\"s\"}"}`,
			`jq -c '.properties |= fromjson'`},
		{"entra", `{"category":"SignInLogs","resultType":"0","properties":{"authenticationDetails":"x"}}`,
			"authenticationDetails: want an array of the steps"},
		{"okta",
			`{"published":"2026-03-02T15:50:00","eventType":"user.session.start","actor":{"alternateId":"ann"},` +
				`"outcome":{"result":"SUCCESS"}}`, `jq -c '.published += "Z"'`},
		{"keycloak", "{", "jq -c ."},
		{"keycloak", `[{"type":"LOGOUT"},`, "the file ends within an array"},
	} {
		said := ""
		each(t, open(t, c.gateway, strings.NewReader(c.event)), func(line signins.Line) {
			if line.Rejection != nil {
				said = line.Rejection.Error()
			}
		})
		if !strings.Contains(said, c.want) {
			t.Errorf("%s: got %q, want %q in it", c.event, said, c.want)
		}
	}
}

// A line of another gateway is foreign: the import then knows that the file may be of
// another format. A line of the gateway that can't be read is not foreign.
func TestForeignLines(t *testing.T) {
	for _, c := range []struct {
		gateway, event string
		foreign        bool
	}{
		{"keycloak", "x", true},
		{"keycloak", `{"eventType":"user.session.start","published":"2026-03-02T15:50:00Z"}`, true},
		{"keycloak", `{"specversion":"1.0","type":"login.report","id":"1","source":"gw"}`, true},
		{"keycloak", `{"type":"LOGIN","time":"x","realmId":"main","details":{"username":"ann"}}`, false},
		{"okta", `{"type":"LOGIN","realmId":"main"}`, true},
		{"okta", `{"eventType":"AwsConsoleSignIn"}`, true},
		{"okta", `{"eventType":"user.session.start","outcome":{"result":"SUCCESS"},"actor":{"alternateId":"ann"}}`,
			false},
		{"entra", `{"type":"LOGIN","realmId":"main"}`, true},
		{"entra", `{"category":"SignInLogs","properties":"{}"}`, false},
	} {
		line, err := open(t, c.gateway, strings.NewReader(c.event)).Next()
		if err != nil || line.Rejection == nil || line.Foreign != c.foreign {
			t.Errorf("%s: %s: got %+v, %v, want foreign %v", c.gateway, c.event, line, err, c.foreign)
		}
	}
}

// The messages about a line contain no user name.
func TestMessagesContainNoUserName(t *testing.T) {
	for _, text := range []string{
		`{"type":"LOGIN_ERROR","error":"carol is gone","details":{"username":"carol"}}`,
		`{"type":"LOGIN_ERROR","error":"Carol","details":{"username":"carol"}}`,
		`{"type":"LOGIN_ERROR","error":"carol@example.com","details":{"username":"x"}}`,
		`{"type":"LOGIN","time":"carol","details":{"username":"carol"}}`,
		`{"type":"LOGIN","time":1,"realmId":"carol/","details":{"username":"carol"}}`,
		`{"type":"LOGIN","time":1,"id":"carol\n","details":{"username":"carol"}}`,
		`{"carol":1,"carol":2}`,
	} {
		line := one(t, text)
		said := line.Unmapped
		if line.Rejection != nil {
			said = line.Rejection.Error()
		}
		if said == "" || strings.Contains(strings.ToLower(said), "carol") {
			t.Errorf("%s: got message %q, want one without carol", text, said)
		}
	}
}
