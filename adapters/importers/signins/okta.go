package signins

import (
	"slices"
	"strings"

	"authledger/domain"
)

// The event types of Okta's System Log that tell of a sign-in.
const (
	oktaStart = "user.session.start"
	oktaMFA   = "user.authentication.auth_via_mfa"
)

// unknownActor marks the code of an event whose actor Okta doesn't know.
const unknownActor = "(unknown actor)"

// The factors that nobody guesses, whose names Okta writes in either case: a password
// that Identity Engine counts among them, and a question on the user's own telephone.
const (
	oktaPassword = "PASSWORD_AS_FACTOR"
	oktaPush     = "OKTA_VERIFY_PUSH"
)

var oktaRows = []Row{
	{oktaStart, "SUCCESS", domain.Succeeded, "", "signed in; under Identity Engine, past the first factor"},
	{oktaStart, "FAILURE INVALID_CREDENTIALS", domain.Failed, badCredentials, "a guess"},
	{oktaStart, "FAILURE INVALID_CREDENTIALS " + unknownActor, domain.Failed, domain.UnknownUser, "nobody of that name"},
	{oktaStart, "FAILURE UNKNOWN_USER", domain.Failed, domain.UnknownUser, "nobody of that name"},
	{oktaStart, "FAILURE UNKNOWN_USER " + unknownActor, domain.Failed, domain.UnknownUser, "nobody of that name"},
	{oktaStart, "FAILURE VERIFICATION_ERROR", domain.Failed, gatewayError, "Okta could not verify: it does not say that the password was wrong"},
	{oktaStart, "FAILURE VERIFICATION_ERROR " + unknownActor, domain.Failed, domain.UnknownUser, "nobody of that name"},
	{oktaStart, "FAILURE LOCKED_OUT", domain.Failed, gatewayError, "locked by Okta itself"},
	{oktaStart, "FAILURE PASSWORD_EXPIRED", domain.Failed, gatewayError, "the password was right, and too old"},
	{oktaStart, "FAILURE PASSWORD_BASED_LOGIN_DISALLOWED", domain.Failed, gatewayError, "stopped by a policy"},
	{oktaStart, "FAILURE GENERAL_NONSUCCESS", domain.Failed, gatewayError, "Okta does not say why"},
	{oktaMFA, "SUCCESS", "", "", "a step on the way: the session's start tells of the sign-in"},
	{oktaMFA, "FAILURE INVALID_CREDENTIALS", domain.Failed, badCode, "a guess of the second factor"},
	{oktaMFA, "FAILURE LOCKED_OUT", domain.Failed, gatewayError, "locked by Okta itself"},
	{oktaMFA, "FAILURE FastPass declined phishing attempt", domain.Failed, gatewayError, "the authenticator refused the site"},
	{oktaMFA + " of " + oktaPush, "SUCCESS", "", "", "a step on the way: the session's start tells of the sign-in"},
	{oktaMFA + " of " + oktaPush, "FAILURE INVALID_CREDENTIALS", domain.Failed, cancelled, "declined on the telephone, or the wrong number picked there: nobody guessed a code"},
	{oktaMFA + " of " + oktaPush, "FAILURE LOCKED_OUT", domain.Failed, gatewayError, "locked by Okta itself"},
	{oktaMFA + " of " + oktaPassword, anyOther, "", "", "the password of Identity Engine: the session's start tells of it"},
}

// readOkta reads an event of the System Log.
func readOkta(o object) (signIn, bool, *domain.Rejection) {
	s := signIn{event: o.text("eventType"), nameField: "actor.alternateId"}
	if s.event == "" {
		return s, false, malformed("eventType", "want it: is this an event of Okta's System Log?")
	}
	person := o.text("actor", "type")
	if !slices.Contains([]string{oktaStart, oktaMFA}, s.event) || (person != "" && person != "User") {
		return s, false, nil
	}
	if factor := strings.ToUpper(o.text("debugContext", "debugData", "factor")); s.event == oktaMFA && (factor == oktaPassword || factor == oktaPush) {
		s.event += " of " + factor
	}
	s.code = oktaCode(o)
	s.id, s.name = o.text("uuid"), o.text("actor", "alternateId")
	s.marks = []string{o.text("authenticationContext", "externalSessionId"), o.text("transaction", "id")}
	s.address, s.userAgent = o.text("client", "ipAddress"), o.text("client", "userAgent", "rawUserAgent")
	s.at, s.wrong = parseTime("published", o.text("published"))
	return s, true, nil
}

// oktaCode is the outcome's result and reason, and whether Okta knows who it was.
func oktaCode(o object) []string {
	result := o.text("outcome", "result")
	if result == "" {
		return []string{noCode}
	}
	code := []string{result}
	if reason := o.text("outcome", "reason"); reason != "" {
		code = append(code, reason)
	}
	if result != "SUCCESS" && o.text("actor", "id") == "unknown" {
		code = append(code, unknownActor)
	}
	return code
}
