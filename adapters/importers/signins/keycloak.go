package signins

import (
	"strconv"
	"time"

	"authledger/domain"
)

// The types of Keycloak's events that tell of a sign-in.
const (
	keycloakLogin = "LOGIN"
	keycloakError = "LOGIN_ERROR"
)

// keycloakTimeMost is the last millisecond of the year 9999.
const keycloakTimeMost = 253_402_300_799_999

var keycloakRows = []Row{
	{keycloakLogin, noCode, domain.Succeeded, "", "signed in"},
	{keycloakError, "invalid_user_credentials", domain.Failed, badCredentials, "a guess, of a password or a code"},
	{keycloakError, "user_not_found", domain.Failed, domain.UnknownUser, "nobody of that name"},
	{keycloakError, "user_disabled", domain.Failed, gatewayError, "the account is disabled"},
	{keycloakError, "user_temporarily_disabled", domain.Failed, gatewayError, "locked by Keycloak itself"},
	{keycloakError, "resolve_required_actions", domain.Failed, gatewayError, "the password was right, and something is to be done first"},
	{keycloakError, "not_allowed", domain.Failed, gatewayError, "stopped by the client's settings"},
	{keycloakError, "realm_disabled", domain.Failed, gatewayError, "stopped by the realm's settings"},
	{keycloakError, "ssl_required", domain.Failed, gatewayError, "stopped by the realm's settings"},
	{keycloakError, "client_not_found", domain.Failed, gatewayError, "the application is wrong"},
	{keycloakError, "client_disabled", domain.Failed, gatewayError, "the application is wrong"},
	{keycloakError, "invalid_client", domain.Failed, gatewayError, "the application is wrong"},
	{keycloakError, "invalid_client_credentials", domain.Failed, gatewayError, "the application is wrong, not the user"},
	{keycloakError, "invalid_redirect_uri", domain.Failed, gatewayError, "the application is wrong"},
	{keycloakError, "invalid_request", domain.Failed, gatewayError, "the application is wrong"},
	{keycloakError, "invalid_signature", domain.Failed, gatewayError, "the application is wrong"},
	{keycloakError, "identity_provider_error", domain.Failed, gatewayError, "another provider failed"},
	{keycloakError, "identity_provider_login_failure", domain.Failed, gatewayError, "another provider refused"},
	{keycloakError, "email_send_failed", domain.Failed, codeNotReceived, "the mail with the code or the link never left"},
	{keycloakError, "expired_code", domain.Failed, cancelled, "the login page expired, no code of the user"},
	{keycloakError, "invalid_code", domain.Failed, cancelled, "the login page is another one's, no code of the user"},
	{keycloakError, "session_expired", domain.Failed, cancelled, "the login page expired"},
	{keycloakError, "cookie_not_found", domain.Failed, cancelled, "the browser came back without its cookie"},
	{keycloakError, "username_missing", domain.Failed, cancelled, "the form was sent empty"},
	{keycloakError, "password_missing", domain.Failed, cancelled, "the form was sent empty"},
	{keycloakError, "different_user_authenticated", domain.Failed, cancelled, "another user is signed in there"},
	{keycloakError, "consent_denied", domain.Failed, cancelled, "the user declined to consent"},
	{keycloakError, "rejected_by_user", domain.Failed, cancelled, "the user declined"},
	{keycloakError, "access_denied", domain.Failed, cancelled, "the user declined, or another provider did"},
}

// readKeycloak reads an event as the admin API tells it.
func readKeycloak(o object) (signIn, bool, *domain.Rejection) {
	s := signIn{event: o.text("type"), nameField: "details.username"}
	switch s.event {
	case "":
		return s, false, malformed("type", "want it: is this an event of Keycloak?")
	case keycloakLogin, keycloakError:
	default:
		return s, false, nil
	}
	s.code = []string{o.text("error")}
	if s.code[0] == "" {
		s.code[0] = noCode
	}
	s.tenant, s.id, s.name = o.text("realmId"), o.text("id"), o.text("details", "username")
	s.marks = []string{o.text("clientId"), o.text("userId"), o.text("sessionId"), o.text("details", "code_id")}
	s.address, s.userAgent = o.text("ipAddress"), o.text("details", "user_agent")
	s.at, s.wrong = parseMillis("time", o.text("time"))
	return s, true, nil
}

// parseMillis reads milliseconds since 1970.
func parseMillis(field, text string) (time.Time, *domain.Rejection) {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 || n > keycloakTimeMost || text[0] == '+' {
		return time.Time{}, malformed(field, "want milliseconds since 1970")
	}
	return time.UnixMilli(n).UTC(), nil
}
