package signins_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"authledger/adapters/importers/signins"
	"authledger/domain"
	"authledger/eventstore/wire"
)

// LOGIN-3, LOCK-1: the codes that count as a guess. The list is independent of the
// tables, because a wrong row would lock users out.
func TestCodesThatCount(t *testing.T) {
	want := map[string][]string{
		"okta": {
			"user.session.start FAILURE INVALID_CREDENTIALS",
			"user.authentication.auth_via_mfa FAILURE INVALID_CREDENTIALS",
			"user.authentication.auth_via_radius FAILURE INVALID_CREDENTIALS",
		},
		"entra":    {"* 50126", "* 50064"},
		"keycloak": {"LOGIN_ERROR invalid_user_credentials"},
	}
	for _, name := range gatewayNames {
		var got []string
		for _, row := range rows(t, name) {
			if row.Reason == "bad_credentials" || row.Reason == "bad_code" {
				got = append(got, row.Event+" "+row.Code)
			}
		}
		if !slices.Equal(got, want[name]) {
			t.Errorf("%s, codes that count: got %q, want %q", name, got, want[name])
		}
	}
}

// A password that Identity Engine reports twice counts once, for every notation of
// the factor.
func TestPasswordAsFactorCountsOnce(t *testing.T) {
	for _, factor := range []string{"PASSWORD_AS_FACTOR", "password_as_factor"} {
		row := signins.Row{Event: "user.authentication.auth_via_mfa of " + factor,
			Code: "FAILURE INVALID_CREDENTIALS"}
		line, err := open(t, "okta", strings.NewReader(eventOf("okta", row))).Next()
		if err != nil || !line.PassedOver {
			t.Errorf("factor %s: got %+v, %v, want it passed over", factor, line, err)
		}
	}
}

// LOGIN-3: a user who declines the pushes of an attacker has guessed no code, and is
// not locked out.
func TestDeclinedPushIsNoGuess(t *testing.T) {
	for _, factor := range []string{"OKTA_VERIFY_PUSH", "okta_verify_push"} {
		row := signins.Row{Event: "user.authentication.auth_via_mfa of " + factor,
			Code: "FAILURE INVALID_CREDENTIALS"}
		line, err := open(t, "okta", strings.NewReader(eventOf("okta", row))).Next()
		if err != nil || len(line.Commands) != 1 ||
			line.Commands[0].Data.(*domain.LoginReport).Reason != "cancelled" {
			t.Errorf("factor %s: got %+v, %v, want a report with reason cancelled", factor, line, err)
		}
	}
}

// A failure without a row, of a type that may be a sign-in, is unmapped with its
// code.
func TestOkta_AFailureWithoutARowIsUnmapped(t *testing.T) {
	for _, c := range []struct{ kind, actor, result, want string }{
		{"user.authentication.auth_via_AD_agent", `"User"`, "FAILURE",
			"unmapped user.authentication.auth_via_AD_agent FAILURE INVALID_CREDENTIALS"},
		{"user.authentication.auth_via_LDAP_agent", `null`, "FAILURE",
			"unmapped user.authentication.auth_via_LDAP_agent FAILURE INVALID_CREDENTIALS"},
		{"user.authentication.auth_via_iwa", `"SystemPrincipal"`, "FAILURE",
			"unmapped user.authentication.auth_via_iwa FAILURE INVALID_CREDENTIALS"},
		{"user.authentication.authenticate", `"User"`, "DENY",
			"unmapped user.authentication.authenticate DENY INVALID_CREDENTIALS"},
		{"user.mfa.attempt_bypass", `"User"`, "FAILURE",
			"unmapped user.mfa.attempt_bypass FAILURE INVALID_CREDENTIALS"},
		{"user.session.access_admin_app", `"User"`, "FAILURE",
			"unmapped user.session.access_admin_app FAILURE INVALID_CREDENTIALS"},
		{"app.oauth2.token.grant", `"User"`, "FAILURE",
			"unmapped app.oauth2.token.grant FAILURE INVALID_CREDENTIALS"},
		{"user.authentication.auth_via_radius", `"User"`, "FAILURE", "failed bad_credentials"},
		{"user.authentication.auth_via_radius", `"User"`, "SUCCESS",
			"unmapped user.authentication.auth_via_radius SUCCESS INVALID_CREDENTIALS"},
		{"user.authentication.sso", `"User"`, "SUCCESS", "passed over"},
		{"policy.evaluate_sign_on", `"User"`, "DENY", "passed over"},
		{"application.lifecycle.update", `"User"`, "FAILURE", "passed over"},
	} {
		event := fmt.Sprintf(
			`{"uuid":"u","published":"2026-03-02T15:09:00Z","eventType":%q,"actor":{"id":"1","type":%s,`+
				`"alternateId":"ann@example.com"},"outcome":{"result":%q,"reason":"INVALID_CREDENTIALS"}}`, c.kind,
			c.actor, c.result)
		if got := listing(t, open(t, "okta", strings.NewReader(event))); !strings.Contains(got, c.want) {
			t.Errorf("%s: got %s, want %s", event, got, c.want)
		}
	}
}

// An event of a sign-in log is an attempt for every notation of its category.
func TestEntra_CategoriesInAnyCase(t *testing.T) {
	for category, want := range map[string]string{
		"SignInLogs": "succeeded", "SigninLogs": "succeeded", "ADFSSignInLogs": "succeeded",
		"FutureSigninLogs":             "succeeded",
		"NonInteractiveUserSigninLogs": "passed over", "AADNonInteractiveUserSignInLogs": "passed over",
		"AADServicePrincipalSignInLogs": "passed over", "AuditLogs": "passed over", "AADRiskyUsers": "passed over",
	} {
		event := fmt.Sprintf(`{"time":"2026-03-02T15:09:00Z","category":%q,"resultType":"0",`+
			`"properties":{"id":"s","userPrincipalName":"ann@example.com"}}`, category)
		if got := listing(t, open(t, "entra", strings.NewReader(event))); !strings.Contains(got, want) {
			t.Errorf("category %s: got %s, want %s", category, got, want)
		}
	}
}

func rows(t testing.TB, gateway string) []signins.Row {
	t.Helper()
	g, ok := signins.Named(gateway)
	if !ok {
		t.Fatalf("gateway %s: got none, want one", gateway)
	}
	return g.Rows()
}

// Each row has a key of its own, and its report is valid (LOGIN-3).
func TestRowsAreWellFormed(t *testing.T) {
	for _, name := range gatewayNames {
		seen := map[string]bool{}
		for _, row := range rows(t, name) {
			key := row.Event + " " + row.Code
			if seen[key] || row.Why == "" || strings.ContainsAny(key+row.Why, "|\n`") {
				t.Errorf("%s: got row %+v, want a unique key and a plain reason", name, row)
			}
			seen[key] = true
			if row.Outcome == "" {
				continue
			}
			data := fmt.Sprintf(`{"user":"ann","outcome":%q}`, row.Outcome)
			if row.Reason != "" {
				data = fmt.Sprintf(`{"user":"ann","outcome":%q,"reason":%q}`, row.Outcome, row.Reason)
			}
			if _, wrong := wire.ReadTyped("login.report", []byte(data)); wrong != nil {
				t.Errorf("%s, row %s: got an invalid report %v, want a valid one", name, key, wrong)
			}
		}
	}
}

// An event of each row's kind finds that row.
func TestEachRowIsFound(t *testing.T) {
	for _, name := range gatewayNames {
		for _, row := range rows(t, name) {
			event := eventOf(name, row)
			line, err := open(t, name, strings.NewReader(event)).Next()
			if err != nil {
				t.Fatal(err)
			}
			if row.Outcome == "" {
				if !line.PassedOver || row.Reason == "" || string(line.Kind) != row.Reason {
					t.Errorf("%s, %s: got %+v, want it passed over as %s", name, event, line, row.Reason)
				}
				continue
			}
			if len(line.Commands) != 1 {
				t.Errorf("%s, %s: got %+v, want one command", name, event, line)
				continue
			}
			report := line.Commands[0].Data.(*domain.LoginReport)
			if report.Outcome != row.Outcome || report.Reason != row.Reason || report.User != "ann@example.com" {
				t.Errorf("%s, %s: got %+v, want %s of ann@example.com", name, event, report, row.Becomes())
			}
		}
	}
}

// eventOf returns an event for a row.
func eventOf(gateway string, row signins.Row) string {
	code := strings.ReplaceAll(row.Code, "*", "12345")
	switch gateway {
	case "okta":
		code, unknown := strings.CutSuffix(code, " (unknown actor)")
		kind, factor, _ := strings.Cut(row.Event, " of ")
		result, reason, _ := strings.Cut(code, " ")
		actor := "00u1"
		if unknown {
			actor = "unknown"
		}
		return fmt.Sprintf(
			`{"uuid":"u","published":"2026-03-02T15:09:00Z","eventType":%q,"actor":{"id":%q,"type":"User",`+
				`"alternateId":"Ann@example.com"},"outcome":{"result":%q,"reason":%q},`+
				`"debugContext":{"debugData":{"factor":%q}}}`,
			kind, actor, result, reason, factor)
	case "entra":
		return fmt.Sprintf(`{"time":"2026-03-02T15:09:00Z","category":%q,"resultType":%q,"properties":{"id":"s",`+
			`"userPrincipalName":"Ann@example.com"}}`,
			strings.ReplaceAll(row.Event, "*", "SignInLogs"), code)
	}
	return fmt.Sprintf(`{"id":"k","time":1772464140000,"type":%q,"realmId":"main","error":%q,`+
		`"details":{"username":"Ann@example.com"}}`,
		row.Event, strings.TrimPrefix(code, "-"))
}
