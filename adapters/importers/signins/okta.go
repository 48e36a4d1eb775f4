package signins

import (
	"slices"
	"strings"

	"authledger/domain"
)

// The event types of sign-ins in Okta's System Log.
const (
	oktaStart  = "user.session.start"
	oktaMFA    = "user.authentication.auth_via_mfa"
	oktaRADIUS = "user.authentication.auth_via_radius"
)

// oktaFamilies are prefixes of event types. A failure of a type that no row names is
// unmapped if the type is in one of these families, because it may be a guess.
var oktaFamilies = []string{"user.authentication.", "user.session.", "user.mfa.", "app.oauth2."}

// oktaVouchers are the types of credentials of another provider. Okta checked no
// credential of the user.
var oktaVouchers = []string{"ASSERTION", "IWA", "JWT", "OAUTH2", "OAUTH 2.0"}

// oktaElsewhere are the types of steps at another provider.
var oktaElsewhere = []string{
	"user.authentication.auth_via_IDP", "user.authentication.auth_via_inbound_SAML",
	"user.authentication.auth_via_iwa", "user.authentication.auth_via_social",
}

// oktaProviders are the providers of an authentication that are not Okta or its directories.
var oktaProviders = []string{"FEDERATION", "SOCIAL"}

// unknownActor marks the code of an event whose actor is unknown to Okta.
const unknownActor = "(unknown actor)"

// Factors that have their own rows. Okta writes their names in upper or lower case.
// Identity Engine lists the password as a factor. For a push notification, the user only
// confirms on the telephone, so no code can be guessed.
const (
	oktaPassword = "PASSWORD_AS_FACTOR"
	oktaPush     = "OKTA_VERIFY_PUSH"
)

var oktaRows = []Row{
	{oktaStart, "SUCCESS", domain.Succeeded, "", "signed in; Identity Engine writes the event after the first factor"},
	{oktaStart, "FAILURE INVALID_CREDENTIALS", domain.Failed, badCredentials, "a guess"},
	{oktaStart, "FAILURE INVALID_CREDENTIALS " + unknownActor, domain.Failed, domain.UnknownUser, "no user of that name"},
	{oktaStart, "FAILURE UNKNOWN_USER", domain.Failed, domain.UnknownUser, "no user of that name"},
	{oktaStart, "FAILURE UNKNOWN_USER " + unknownActor, domain.Failed, domain.UnknownUser, "no user of that name"},
	{oktaStart, "FAILURE VERIFICATION_ERROR", domain.Failed, gatewayError, "Okta could not verify; the event does not show a wrong password"},
	{oktaStart, "FAILURE VERIFICATION_ERROR " + unknownActor, domain.Failed, domain.UnknownUser, "no user of that name"},
	{oktaStart, "FAILURE LOCKED_OUT", domain.Failed, gatewayError, "locked by Okta itself"},
	{oktaStart, "FAILURE PASSWORD_EXPIRED", domain.Failed, gatewayError, "the password was right, and too old"},
	{oktaStart, "FAILURE PASSWORD_BASED_LOGIN_DISALLOWED", domain.Failed, gatewayError, "stopped by a policy"},
	{oktaStart, "FAILURE GENERAL_NONSUCCESS", domain.Failed, gatewayError, "Okta gives no reason"},
	{oktaMFA, "SUCCESS", "", string(Step), "one step: the start of the session reports the sign-in"},
	{oktaMFA, "FAILURE INVALID_CREDENTIALS", domain.Failed, badCode, "a guess of the second factor"},
	{oktaMFA, "FAILURE LOCKED_OUT", domain.Failed, gatewayError, "locked by Okta itself"},
	{oktaMFA, "FAILURE FastPass declined phishing attempt", domain.Failed, gatewayError, "the authenticator rejected the site as phishing"},
	{oktaMFA + " of " + oktaPush, "SUCCESS", "", string(Step), "one step: the start of the session reports the sign-in"},
	{oktaMFA + " of " + oktaPush, "FAILURE INVALID_CREDENTIALS", domain.Failed, cancelled, "the user declined on the telephone, or chose the wrong number there: no code was guessed"},
	{oktaMFA + " of " + oktaPush, "FAILURE LOCKED_OUT", domain.Failed, gatewayError, "locked by Okta itself"},
	{oktaRADIUS, "SUCCESS", domain.Succeeded, "", "signed in through a RADIUS agent"},
	{oktaRADIUS, "FAILURE INVALID_CREDENTIALS", domain.Failed, badCredentials, "a guess"},
	{oktaRADIUS, "FAILURE INVALID_CREDENTIALS " + unknownActor, domain.Failed, domain.UnknownUser, "no user of that name"},
	{oktaRADIUS, "FAILURE UNKNOWN_USER", domain.Failed, domain.UnknownUser, "no user of that name"},
	{oktaRADIUS, "FAILURE UNKNOWN_USER " + unknownActor, domain.Failed, domain.UnknownUser, "no user of that name"},
	{oktaRADIUS, "FAILURE VERIFICATION_ERROR", domain.Failed, gatewayError, "Okta could not verify; the event does not show a wrong password"},
	{oktaRADIUS, "FAILURE LOCKED_OUT", domain.Failed, gatewayError, "locked by Okta itself"},
	{oktaRADIUS, "FAILURE PASSWORD_EXPIRED", domain.Failed, gatewayError, "the password was right, and too old"},
	{oktaRADIUS, "FAILURE GENERAL_NONSUCCESS", domain.Failed, gatewayError, "Okta gives no reason"},
	{oktaMFA + " of " + oktaPassword, anyOther, "", string(Step), "one step, the password under Identity Engine: the start of the session reports the sign-in"},
}

// readOkta reads an event of the System Log.
func readOkta(o object) (signIn, bool, *domain.Rejection) {
	s := signIn{event: o.text("eventType"), nameField: "actor.alternateId"}
	if s.event == "" || strings.HasPrefix(s.event, "Aws") { // CloudTrail's events also have an eventType
		s.foreign = true
		return s, false, malformed("eventType", "missing: is this an event of Okta's System Log?")
	}
	s.code = oktaCode(o)
	oktaSession(o, &s)
	person := o.text("actor", "type")
	switch {
	case !slices.Contains([]string{oktaStart, oktaMFA, oktaRADIUS}, s.event):
		return s, oktaFailed(&s), nil // without a row a failure is unmapped
	case person != "" && person != "User":
		s.unchecked = Program
		return s, false, nil
	}
	if factor := strings.ToUpper(o.text("debugContext", "debugData", "factor")); s.event == oktaMFA && (factor == oktaPassword || factor == oktaPush) {
		s.event += " of " + factor
	}
	s.unchecked = oktaUnchecked(o)
	s.id, s.name = o.text("uuid"), o.text("actor", "alternateId")
	s.marks = []string{o.text("authenticationContext", "externalSessionId"), o.text("transaction", "id")}
	s.address, s.userAgent = o.text("client", "ipAddress"), o.text("client", "userAgent", "rawUserAgent")
	return s, true, nil
}

// oktaSession reads the time and the session of an event. Okta writes the step at
// another provider before the start of the session.
func oktaSession(o object, s *signIn) {
	s.at, s.wrong = parseTime("published", o.text("published"))
	s.session = o.text("authenticationContext", "externalSessionId")
	switch {
	case s.session == "unknown" || s.code[0] != "SUCCESS":
		s.session = ""
	case slices.Contains(oktaElsewhere, s.event):
		s.use = sessionStarted
	case s.event == oktaStart:
		s.use, s.starts = sessionSignIn, true
	}
}

// oktaFailed reports whether an event of a type without a row is a failed sign-in.
func oktaFailed(s *signIn) bool {
	family := func(prefix string) bool { return strings.HasPrefix(s.event, prefix) }
	return (s.code[0] == "FAILURE" || s.code[0] == "DENY") && slices.ContainsFunc(oktaFamilies, family)
}

// oktaUnchecked returns why the start of a session is not an attempt, "" for an attempt.
// Okta writes single sign-on and sign-on policies as events of other types.
func oktaUnchecked(o object) Kind {
	voucher := strings.ToUpper(o.text("authenticationContext", "credentialType"))
	provider := strings.ToUpper(o.text("authenticationContext", "authenticationProvider"))
	switch {
	case voucher == "OKTA_CLIENT_SESSION":
		return SessionContinued
	case slices.Contains(oktaVouchers, voucher), slices.Contains(oktaProviders, provider):
		return OtherProvider
	}
	return ""
}

// oktaCode returns the result and reason of the outcome, and whether Okta knows the
// user.
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
