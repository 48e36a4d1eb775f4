package signins

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// the steps of an interactive sign-in show whether Entra checked a credential.
func TestEntra_EarlierStepsAreNoAttempt(t *testing.T) {
	const (
		claim = `{"authenticationMethod":"Previously satisfied","succeeded":true,` +
			`"authenticationStepResultDetail":"First factor requirement satisfied by claim in the token",` +
			`"authenticationStepRequirement":"Primary authentication"}`
		mfa = `{"authenticationMethod":"Previously satisfied","succeeded":true,` +
			`"authenticationStepResultDetail":"MFA requirement satisfied by claim in the token"}`
		extern = `{"authenticationMethod":"","succeeded":true,"authenticationStepResultDetail":"MFA requirement ` +
			`satisfied by claim provided by external provider"}`
		skip = `{"authenticationMethod":"","succeeded":true,"authenticationStepResultDetail":"MFA requirement ` +
			`skipped due to remembered device"}`
		typed = `{"authenticationMethod":"Password","authenticationMethodDetail":"Password in the cloud",` +
			`"succeeded":true,"authenticationStepResultDetail":"Correct password"}`
		phone = `{"authenticationMethod":"Mobile app notification","succeeded":true,` +
			`"authenticationStepResultDetail":"MFA completed in Azure AD"}`
		asked = `{"authenticationMethod":"Password","succeeded":false,"authenticationStepResultDetail":"MFA ` +
			`required in Azure AD"}`
	)
	for _, c := range []struct {
		name, members string
		want          Kind // "" for an attempt
	}{
		{"no details", ``, ""},
		{"null", `"authenticationDetails":null`, ""},
		{"no steps", `"authenticationDetails":[]`, ""},
		{"the password", `"authenticationDetails":[` + typed + `]`, ""},
		{"the password and a claim", `"authenticationDetails":[` + typed + `,` + mfa + `]`, ""},
		{"a claim and the telephone", `"authenticationDetails":[` + claim + `,` + phone + `]`, ""},
		{"a method alone", `"authenticationDetails":[{"authenticationMethod":"FIDO2 security key"}]`, ""},
		{"a claim", `"authenticationDetails":[` + claim + `]`, SessionContinued},
		{"two claims", `"authenticationDetails":[` + claim + `,` + mfa + `]`, SessionContinued},
		{"two claims as text", `"authenticationDetails":` + strconv.Quote(`[`+claim+`,`+mfa+`]`), SessionContinued},
		{"a claim of another provider", `"authenticationDetails":[` + extern + `]`, SessionContinued},
		{"a remembered device", `"authenticationDetails":[` + claim + `,` + skip + `]`, SessionContinued},
		{"a claim and an open step", `"authenticationDetails":[` + claim + `,` + asked + `]`,
			SessionContinued},
		{"a method that names a token",
			`"authenticationDetails":[{"authenticationMethod":"Satisfied by token","succeeded":true}]`,
			SessionContinued},
		{"a detail of a method that names a token",
			`"authenticationDetails":[{"authenticationMethod":"Password","authenticationMethodDetail":"MFA ` +
				`requirement satisfied by claim in the token","succeeded":true}]`, SessionContinued},
		{"an empty step", `"authenticationDetails":[{}]`, SessionContinued},
		{"a status that names a token, without steps",
			`"status":{"errorCode":0,"additionalDetails":"MFA requirement satisfied by claim in the token"}`,
			SessionContinued},
		{"a status that names a token, with a password step",
			`"status":{"errorCode":0,"additionalDetails":"MFA requirement satisfied by claim in the token"},` +
				`"authenticationDetails":[` + typed + `]`, ""},
		{"not interactive", `"isInteractive":false`, TokenRenewed},
		{"not interactive, with the password", `"isInteractive":false,"authenticationDetails":[` + typed + `]`, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			members := c.members
			if members != "" {
				members = "," + members
			}
			properties := `{"id":"s","createdDateTime":"2026-03-02T15:09:00Z","userPrincipalName":"ann@example.com"` +
				members + `}`
			events := []string{`{"category":"SignInLogs","resultType":"0","properties":` + properties + `}`}
			if strings.Contains(members, `"status"`) {
				events = append(events, properties) // the form of Graph
			}
			for _, event := range events {
				got, kinds := became(t, "entra", event)
				if c.want == "" && (len(got) != 1 || len(kinds) != 0) ||
					c.want != "" && (len(got) != 0 || kinds[c.want] != 1) {
					t.Errorf("got attempts %v, passed over %v, want kind %q: %s", got, kinds, c.want, event)
				}
			}
		})
	}
}

// A failure is an attempt whatever its steps say.
func TestEntra_FailureAfterEarlierStepIsAttempt(t *testing.T) {
	const event = `{"category":"SignInLogs","resultType":"50126","properties":{"id":"s",` +
		`"createdDateTime":"2026-03-02T15:09:00Z","userPrincipalName":"ann@example.com",` +
		`"authenticationDetails":[{"authenticationMethod":"Previously satisfied","succeeded":true}]}}`
	if got, kinds := became(t, "entra", event); len(got) != 1 {
		t.Errorf("failure after an earlier step: got attempts %v, passed over %v, want 1 attempt", got, kinds)
	}
}

// oktaEvent is a success in a session, at a second of the minute.
func oktaEvent(id, kind, session string, second int, context string) string {
	return fmt.Sprintf(`{"uuid":%q,"published":"2026-03-02T15:09:%02dZ","eventType":%q,"actor":{"id":"1",`+
		`"type":"User","alternateId":"ann@example.com"},"outcome":{"result":"SUCCESS"},`+
		`"authenticationContext":{"externalSessionId":%q%s}}`,
		id, second, kind, session, context)
}

// Okta writes the start of a session after a credential was checked, or after
// another provider vouched for the user. Single sign-on and policies are other types.
func TestOkta_SessionOfOtherProviderIsNoAttempt(t *testing.T) {
	for _, c := range []struct {
		name   string
		events []string
		want   []string
		kinds  map[Kind]int
	}{
		{"single sign-on and a policy", []string{
			oktaEvent("a", "user.session.start", "s", 0, ``), oktaEvent("b", "user.authentication.sso", "s", 1, ``),
			oktaEvent("c", "policy.evaluate_sign_on", "s", 2, ``),
			oktaEvent("d", "user.authentication.verify", "s", 3, ``),
		}, []string{"a"}, map[Kind]int{OtherEvent: 3}},
		{"a start after a start", []string{
			oktaEvent("a", "user.session.start", "s", 0, ``), oktaEvent("b", "user.session.start", "s", 1, ``),
		}, []string{"a", "b"}, nil},
		{"an assertion", []string{oktaEvent("a", "user.session.start", "s", 0, `,"credentialType":"ASSERTION"`)},
			nil, map[Kind]int{OtherProvider: 1}},
		{"a federation",
			[]string{oktaEvent("a", "user.session.start", "s", 0, `,"authenticationProvider":"FEDERATION"`)}, nil,
			map[Kind]int{OtherProvider: 1}},
		{"a session of Okta",
			[]string{oktaEvent("a", "user.session.start", "s", 0, `,"credentialType":"OKTA_CLIENT_SESSION"`)}, nil,
			map[Kind]int{SessionContinued: 1}},
		{"a password", []string{oktaEvent("a", "user.session.start", "s", 0, `,"credentialType":"PASSWORD"`)},
			[]string{"a"}, nil},
		{"a step at another provider", []string{
			oktaEvent("a", "user.authentication.auth_via_IDP", "s", 0, ``),
			oktaEvent("b", "user.session.start", "s", 0, ``),
		}, nil, map[Kind]int{OtherEvent: 1, OtherProvider: 1}},
		{"a step at another provider in an unknown session", []string{
			oktaEvent("a", "user.authentication.auth_via_IDP", "unknown", 0, ``),
			oktaEvent("b", "user.session.start", "unknown", 0, ``),
		}, []string{"b"}, map[Kind]int{OtherEvent: 1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, kinds := became(t, "okta", strings.Join(c.events, "\n"))
			if ids := slices.Sorted(maps.Keys(got)); !slices.Equal(ids, c.want) || !maps.Equal(kinds, c.kinds) {
				t.Errorf("got attempts %q, passed over %v, want %q, %v", ids, kinds, c.want, c.kinds)
			}
		})
	}
}
