package signins

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"authledger/domain"
)

// The types of Keycloak's sign-in events.
const (
	keycloakLogin = "LOGIN"
	keycloakError = "LOGIN_ERROR"
)

// keycloakLetters are the characters in the types of Keycloak's events.
const keycloakLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"

// keycloakTimeMost is the last millisecond of the year 9999.
const keycloakTimeMost = 253_402_300_799_999

var keycloakRows = []Row{
	{keycloakLogin, noCode, domain.Succeeded, "", "signed in, if it starts its session or a credential was checked"},
	{keycloakError, "invalid_user_credentials", domain.Failed, badCredentials, "a guess, of a password or a code"},
	{keycloakError, "user_not_found", domain.Failed, domain.UnknownUser, "no user of that name"},
	{keycloakError, "user_disabled", domain.Failed, gatewayError, "the account is disabled"},
	{keycloakError, "user_temporarily_disabled", domain.Failed, gatewayError, "locked by Keycloak itself"},
	{keycloakError, "resolve_required_actions", domain.Failed, gatewayError, "the password was right, and the user must complete an action first"},
	{keycloakError, "not_allowed", domain.Failed, gatewayError, "stopped by the client's settings"},
	{keycloakError, "realm_disabled", domain.Failed, gatewayError, "stopped by the realm's settings"},
	{keycloakError, "ssl_required", domain.Failed, gatewayError, "stopped by the realm's settings"},
	{keycloakError, "client_not_found", domain.Failed, gatewayError, "the application or its registration is faulty"},
	{keycloakError, "client_disabled", domain.Failed, gatewayError, "the application or its registration is faulty"},
	{keycloakError, "invalid_client", domain.Failed, gatewayError, "the application or its registration is faulty"},
	{keycloakError, "invalid_client_credentials", domain.Failed, gatewayError, "the application sent a wrong secret; the user made no error"},
	{keycloakError, "invalid_redirect_uri", domain.Failed, gatewayError, "the application or its registration is faulty"},
	{keycloakError, "invalid_request", domain.Failed, gatewayError, "the application or its registration is faulty"},
	{keycloakError, "invalid_signature", domain.Failed, gatewayError, "the application or its registration is faulty"},
	{keycloakError, "identity_provider_error", domain.Failed, gatewayError, "another provider failed"},
	{keycloakError, "identity_provider_login_failure", domain.Failed, gatewayError, "another provider refused"},
	{keycloakError, "email_send_failed", domain.Failed, codeNotReceived, "the e-mail with the code or the link was not sent"},
	{keycloakError, "expired_code", domain.Failed, cancelled, "the login page expired; the code is not a code of the user"},
	{keycloakError, "invalid_code", domain.Failed, cancelled, "the login page belongs to another session; the code is not a code of the user"},
	{keycloakError, "session_expired", domain.Failed, cancelled, "the login page expired"},
	{keycloakError, "cookie_not_found", domain.Failed, cancelled, "the browser came back without its cookie"},
	{keycloakError, "username_missing", domain.Failed, cancelled, "the form was sent empty"},
	{keycloakError, "password_missing", domain.Failed, cancelled, "the form was sent empty"},
	{keycloakError, "different_user_authenticated", domain.Failed, cancelled, "another user is signed in to the session of the browser"},
	{keycloakError, "consent_denied", domain.Failed, cancelled, "the user declined to consent"},
	{keycloakError, "rejected_by_user", domain.Failed, cancelled, "the user declined"},
	{keycloakError, "access_denied", domain.Failed, cancelled, "the user declined, or another provider did"},
}

// keycloakUses are the types of events that show that a session exists.
var keycloakUses = map[string]sessionUse{
	"CODE_TO_TOKEN":     sessionUsed,
	"REFRESH_TOKEN":     sessionUsed,
	"TOKEN_EXCHANGE":    sessionUsed,
	"USER_INFO_REQUEST": sessionUsed,
	"IMPERSONATE":       sessionStarted, // an administrator acts as the user
	"LOGOUT":            sessionEnded,
}

// keycloakProofs are details that a form or a certificate adds to a LOGIN event when a
// credential was checked in that request. A password leaves no such detail.
var keycloakProofs = []string{"selected_credential_id", "public_key_credential_id", "x509_cert_serial_number"}

// readKeycloak reads an event as the admin API returns it.
func readKeycloak(o object) (signIn, bool, *domain.Rejection) {
	s := signIn{event: o.text("type"), nameField: "details.username"}
	if s.event == "" || strings.Trim(s.event, keycloakLetters) != "" {
		s.foreign = true
		return s, false, malformed("type", "missing: is this an event of Keycloak?")
	}
	s.tenant, s.session, s.use = o.text("realmId"), o.text("sessionId"), keycloakUses[s.event]
	s.at, s.wrong = parseMillis("time", o.text("time"))
	if s.event != keycloakLogin && s.event != keycloakError {
		return s, false, nil
	}
	s.code = []string{o.text("error")}
	if s.code[0] == "" {
		s.code[0] = noCode
	}
	s.id, s.name = o.text("id"), o.text("details", "username")
	s.marks = []string{o.text("clientId"), o.text("userId"), s.session, o.text("details", "code_id")}
	s.address, s.userAgent = o.text("ipAddress"), o.text("details", "user_agent")
	if s.event == keycloakLogin {
		keycloakSession(o, &s)
	}
	return s, true, nil
}

// keycloakSession reads the session of a LOGIN event. Keycloak writes the same event
// for a typed password and for a session that continues by single sign-on or
// prompt=none; auth_method, response_type and response_mode do not differ.
func keycloakSession(o object, s *signIn) {
	s.use, s.checked = sessionSignIn, keycloakChecked(o)
	if s.session == "" {
		s.session = o.text("details", "code_id") // some listeners omit sessionId
	}
	if o.text("details", "identity_provider") != "" && !s.checked {
		s.use, s.unchecked = sessionStarted, OtherProvider
	}
}

// keycloakChecked reports whether a LOGIN event shows that Keycloak checked a
// credential. Required actions, such as the registration of a key, add some of the
// same details.
func keycloakChecked(o object) bool {
	if o.text("details", "grant_type") == "password" {
		return true
	}
	return o.text("details", "custom_required_action") == "" &&
		slices.ContainsFunc(keycloakProofs, func(name string) bool { return o.text("details", name) != "" })
}

// parseMillis reads milliseconds since 1970.
func parseMillis(field, text string) (time.Time, *domain.Rejection) {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 || n > keycloakTimeMost || text[0] == '+' {
		return time.Time{}, malformed(field, "want milliseconds since 1970")
	}
	return time.UnixMilli(n).UTC(), nil
}
