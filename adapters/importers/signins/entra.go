package signins

import (
	"slices"
	"strings"

	"authledger/domain"
)

// entraSignIn is the operation of a sign-in, where an export leaves the category
// out.
const entraSignIn = "Sign-in activity"

// The categories of Entra's logs that tell of sign-ins.
const (
	entraInteractive    = "SignInLogs"
	entraNonInteractive = "NonInteractiveUserSignInLogs"
	entraServices       = "ServicePrincipalSignInLogs"
	entraIdentities     = "ManagedIdentitySignInLogs"
	entraMicrosoft      = "MicrosoftServicePrincipalSignInLogs"
)

var entraCategories = []string{entraInteractive, entraNonInteractive, entraServices, entraIdentities, entraMicrosoft}

var entraRows = []Row{
	{entraServices, anyOther, "", "", "a program with a secret, no user"},
	{entraIdentities, anyOther, "", "", "a program of Azure, no user"},
	{entraMicrosoft, anyOther, "", "", "a program of Microsoft's own, no user"},
	{entraNonInteractive, "0", "", "", "a token was renewed: nobody was there"},
	{entraNonInteractive, "Success", "", "", "the same, where an export prints words"},
	{anyOther, "0", domain.Succeeded, "", "signed in"},
	{anyOther, "Success", domain.Succeeded, "", "the same, where an export prints words"},
	{anyOther, "50126", domain.Failed, badCredentials, "a guess"},
	{anyOther, "50064", domain.Failed, badCredentials, "a guess"},
	{anyOther, "50034", domain.Failed, domain.UnknownUser, "nobody of that name"},
	{anyOther, "51004", domain.Failed, domain.UnknownUser, "nobody of that name"},
	{anyOther, "50056", domain.Failed, gatewayError, "Entra has no password to compare with: it does not say that one was wrong"},
	{anyOther, "50053", domain.Failed, gatewayError, "locked by Entra itself, or its address is known to be malicious"},
	{anyOther, "50055", domain.Failed, gatewayError, "the password was right, and expired"},
	{anyOther, "50144", domain.Failed, gatewayError, "the password of Active Directory expired"},
	{anyOther, "50057", domain.Failed, gatewayError, "the account is disabled"},
	{anyOther, "50105", domain.Failed, gatewayError, "the user may not use the application"},
	{anyOther, "50020", domain.Failed, gatewayError, "a guest who was not invited"},
	{anyOther, "90072", domain.Failed, gatewayError, "a guest who was not invited"},
	{anyOther, "53000", domain.Failed, gatewayError, "stopped by a policy: the device does not comply"},
	{anyOther, "53001", domain.Failed, gatewayError, "stopped by a policy: the device is not joined"},
	{anyOther, "53002", domain.Failed, gatewayError, "stopped by a policy: the application is not approved"},
	{anyOther, "53003", domain.Failed, gatewayError, "stopped by a policy of conditional access"},
	{anyOther, "53004", domain.Failed, gatewayError, "stopped by a policy: suspicious activity"},
	{anyOther, "530003", domain.Failed, gatewayError, "stopped by a policy: the device is not managed"},
	{anyOther, "50088", domain.Failed, gatewayError, "no more calls for second factors"},
	{anyOther, "80001", domain.Failed, gatewayError, "the agent can't reach Active Directory"},
	{anyOther, "80002", domain.Failed, gatewayError, "the agent's request timed out"},
	{anyOther, "90033", domain.Failed, gatewayError, "Entra was down for a moment"},
	{anyOther, "50173", domain.Failed, gatewayError, "the session was revoked"},
	{anyOther, "50132", domain.Failed, gatewayError, "the session ended with a change of the password"},
	{anyOther, "50133", domain.Failed, gatewayError, "the session ended with a change of the password"},
	{anyOther, "81010", domain.Failed, gatewayError, "the ticket of Kerberos expired or is wrong"},
	{anyOther, "70008", domain.Failed, gatewayError, "the token expired"},
	{anyOther, "700082", domain.Failed, gatewayError, "the token expired"},
	{anyOther, "70043", domain.Failed, gatewayError, "the token is too old for a policy of conditional access"},
	{anyOther, "70044", domain.Failed, gatewayError, "the session expired"},
	{anyOther, "50072", domain.Failed, cancelled, "interrupted: a second factor must be set up"},
	{anyOther, "50074", domain.Failed, cancelled, "interrupted: a second factor is asked for"},
	{anyOther, "50076", domain.Failed, cancelled, "interrupted: a second factor is asked for"},
	{anyOther, "50079", domain.Failed, cancelled, "interrupted: a second factor must be set up"},
	{anyOther, "50158", domain.Failed, cancelled, "interrupted: another provider asks for a second factor"},
	{anyOther, "500121", domain.Failed, cancelled, "the second factor was not given: declined, too late or wrong, the code does not say"},
	{anyOther, "50058", domain.Failed, cancelled, "nobody was signed in yet"},
	{anyOther, "50089", domain.Failed, cancelled, "the page expired"},
	{anyOther, "50097", domain.Failed, cancelled, "interrupted: the device must show who it is"},
	{anyOther, "50125", domain.Failed, cancelled, "interrupted: a password must be set"},
	{anyOther, "50129", domain.Failed, cancelled, "interrupted: the device must be joined"},
	{anyOther, "50140", domain.Failed, cancelled, "interrupted: stay signed in?"},
	{anyOther, "50199", domain.Failed, cancelled, "interrupted: is it this application?"},
	{anyOther, "16000", domain.Failed, cancelled, "interrupted: which account?"},
	{anyOther, "65001", domain.Failed, cancelled, "interrupted: consent is asked for"},
	{anyOther, "65004", domain.Failed, cancelled, "the user declined to consent"},
	{anyOther, "7000215", "", "", "a program with a wrong secret, no user"},
	{anyOther, "7000218", "", "", "a program without its secret, no user"},
	{anyOther, "7000222", "", "", "a program with an expired secret, no user"},
}

// readEntra reads an event as diagnostic settings export it, or as Microsoft Graph and
// the portal's download tell it.
func readEntra(o object) (signIn, bool, *domain.Rejection) {
	if isGraph(o) {
		o = object{"category": graphCategory(o), "properties": o}
	}
	category, operation := o.text("category"), o.text("operationName")
	s := signIn{event: category, nameField: "properties.userPrincipalName"}
	switch {
	case category == "" && operation == "":
		return s, false, malformed("category", "want it, or operationName: is this an event of Entra's logs?")
	case category == "" && operation == entraSignIn:
		s.event = entraInteractive
	case !slices.Contains(entraCategories, category) && operation != entraSignIn:
		return s, false, nil
	}
	s.code = entraCode(o.text("properties", "status", "errorCode"), o.text("resultType"))
	s.tenant, s.id = strings.ToLower(entraTenant(o)), o.text("properties", "id")
	s.marks = []string{o.text("properties", "correlationId"), o.text("properties", "appId")}
	s.name, s.userAgent = o.text("properties", "userPrincipalName"), o.text("properties", "userAgent")
	if s.address = o.text("properties", "ipAddress"); s.address == "" {
		s.address = o.text("callerIpAddress")
	}
	field, at := "properties.createdDateTime", o.text("properties", "createdDateTime")
	if at == "" {
		field, at = "time", o.text("time")
	}
	s.at, s.wrong = parseTime(field, at)
	return s, true, nil
}

// isGraph reports whether an event has the form of Graph: no envelope.
func isGraph(o object) bool {
	_, status := o["status"].(object)
	return status && o.text("createdDateTime") != "" && o.text("category") == "" && o.text("operationName") == ""
}

// graphCategory is the log that an event of Graph belongs to. Graph tells of
// interactive sign-ins unless it is asked for others, and then says which.
func graphCategory(o object) string {
	kinds, _ := o["signInEventTypes"].([]any)
	switch {
	case slices.Contains(kinds, any("servicePrincipal")):
		return entraServices
	case slices.Contains(kinds, any("managedIdentity")):
		return entraIdentities
	case slices.Contains(kinds, any("nonInteractiveUser")), o["isInteractive"] == false:
		return entraNonInteractive
	}
	return entraInteractive
}

// entraCode is the status' code, else the result's. Both, where they contradict
// each other: no row has that.
func entraCode(status, result string) []string {
	number := result != "" && strings.Trim(result, "0123456789") == ""
	switch {
	case status == "" && result == "":
		return []string{noCode}
	case status == "":
		return []string{result}
	case number && result != status, status == "0" && result == "Failure", status != "0" && result == "Success":
		return []string{status, result}
	}
	return []string{status}
}

// entraTenant is also a part of the resource's path.
func entraTenant(o object) string {
	if tenant := o.text("tenantId"); tenant != "" {
		return tenant
	}
	tenant, _, _ := strings.Cut(strings.TrimPrefix(strings.ToLower(o.text("resourceId")), "/tenants/"), "/")
	return tenant
}
