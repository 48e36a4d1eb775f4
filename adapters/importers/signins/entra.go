package signins

import (
	"slices"
	"strings"
	"time"

	"authledger/domain"
)

// entraSignIn is the operation of a sign-in. Exports without a category have it.
const entraSignIn = "Sign-in activity"

// The categories of Entra's sign-in logs.
const (
	entraInteractive    = "SignInLogs"
	entraNonInteractive = "NonInteractiveUserSignInLogs"
	entraServices       = "ServicePrincipalSignInLogs"
	entraIdentities     = "ManagedIdentitySignInLogs"
	entraMicrosoft      = "MicrosoftServicePrincipalSignInLogs"
)

var entraCategories = []string{entraInteractive, entraNonInteractive, entraServices, entraIdentities, entraMicrosoft}

// entraSuffix is the suffix of the category of every sign-in log, also of logs
// without rows, such as ADFSSignInLogs.
const entraSuffix = "signinlogs"

var entraRows = []Row{
	{entraServices, anyOther, "", string(Program), "a program with a secret, no user"},
	{entraIdentities, anyOther, "", string(Program), "a program of Azure, no user"},
	{entraMicrosoft, anyOther, "", string(Program), "a program of Microsoft's own, no user"},
	{entraNonInteractive, "0", "", string(TokenRenewed), "a client renewed a token without the user"},
	{entraNonInteractive, "Success", "", string(TokenRenewed), "a client renewed a token without the user; the export contains the word in place of 0"},
	{anyOther, "0", domain.Succeeded, "", "signed in, if one of its steps checked a credential"},
	{anyOther, "Success", domain.Succeeded, "", "signed in, if one of its steps checked a credential; the export contains the word in place of 0"},
	{anyOther, "50126", domain.Failed, badCredentials, "a guess"},
	{anyOther, "50064", domain.Failed, badCredentials, "a guess"},
	{anyOther, "50034", domain.Failed, domain.UnknownUser, "no user of that name"},
	{anyOther, "51004", domain.Failed, domain.UnknownUser, "no user of that name"},
	{anyOther, "50056", domain.Failed, gatewayError, "Entra has no password to compare with"},
	{anyOther, "50053", domain.Failed, gatewayError, "Entra has locked the account, or the client's address is known to be malicious"},
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
	{anyOther, "50088", domain.Failed, gatewayError, "the limit of telephone calls for second factors is reached"},
	{anyOther, "80001", domain.Failed, gatewayError, "the agent can't reach Active Directory"},
	{anyOther, "80002", domain.Failed, gatewayError, "the agent's request timed out"},
	{anyOther, "90033", domain.Failed, gatewayError, "a service of Entra was temporarily unavailable"},
	{anyOther, "50173", domain.Failed, gatewayError, "the session was revoked"},
	{anyOther, "50132", domain.Failed, gatewayError, "the session ended with a change of the password"},
	{anyOther, "50133", domain.Failed, gatewayError, "the session ended with a change of the password"},
	{anyOther, "81010", domain.Failed, gatewayError, "the ticket of Kerberos expired or is wrong"},
	{anyOther, "70008", domain.Failed, gatewayError, "the token expired"},
	{anyOther, "700082", domain.Failed, gatewayError, "the token expired"},
	{anyOther, "70043", domain.Failed, gatewayError, "the token is too old for a policy of conditional access"},
	{anyOther, "70044", domain.Failed, gatewayError, "the session expired"},
	{anyOther, "50072", domain.Failed, cancelled, "interrupted: a second factor must be set up"},
	{anyOther, "50074", domain.Failed, cancelled, "interrupted: Entra requests a second factor"},
	{anyOther, "50076", domain.Failed, cancelled, "interrupted: Entra requests a second factor"},
	{anyOther, "50079", domain.Failed, cancelled, "interrupted: a second factor must be set up"},
	{anyOther, "50158", domain.Failed, cancelled, "interrupted: another provider requests a second factor"},
	{anyOther, "500121", domain.Failed, cancelled, "the second factor failed: declined, too late or wrong; the code is the same for all"},
	{anyOther, "50058", domain.Failed, cancelled, "the client requested a sign-in without a prompt, and no user was signed in"},
	{anyOther, "50089", domain.Failed, cancelled, "the page expired"},
	{anyOther, "50097", domain.Failed, cancelled, "interrupted: the device must authenticate"},
	{anyOther, "50125", domain.Failed, cancelled, "interrupted: a password must be set"},
	{anyOther, "50129", domain.Failed, cancelled, "interrupted: the device must be joined"},
	{anyOther, "50140", domain.Failed, cancelled, "interrupted: Entra asks whether the user wants to stay signed in"},
	{anyOther, "50199", domain.Failed, cancelled, "interrupted: Entra asks whether the user meant to sign in to this application"},
	{anyOther, "16000", domain.Failed, cancelled, "interrupted: the user must choose an account"},
	{anyOther, "65001", domain.Failed, cancelled, "interrupted: Entra requests consent to the application"},
	{anyOther, "65004", domain.Failed, cancelled, "the user declined to consent"},
	{anyOther, "7000215", "", string(Program), "a program with a wrong secret, no user"},
	{anyOther, "7000218", "", string(Program), "a program without its secret, no user"},
	{anyOther, "7000222", "", string(Program), "a program with an expired secret, no user"},
}

// readEntra reads an event as diagnostic settings export it, or as Microsoft Graph and
// the portal's download write it.
func readEntra(o object) (signIn, bool, *domain.Rejection) {
	path := "properties."
	if isGraph(o) {
		o, path = object{"category": graphCategory(o), "properties": o}, ""
	}
	category, operation := entraCategory(o.text("category")), o.text("operationName")
	s := signIn{event: category, nameField: path + "userPrincipalName"}
	switch {
	case category == "" && operation == "":
		s.foreign = true
		return s, false, malformed("category", "missing, and operationName is missing too: is this an event of Entra's logs?")
	case category == "" && operation == entraSignIn:
		s.event = entraInteractive
	case !strings.HasSuffix(strings.ToLower(category), entraSuffix) && operation != entraSignIn:
		return s, false, nil
	}
	if text, ok := o["properties"].(string); ok && text != "" {
		return s, false, malformed("properties", "want an object, not its text: jq -c '.properties |= fromjson' converts each line")
	}
	s.code = entraCode(o.text("properties", "status", "errorCode"), o.text("resultType"))
	s.tenant, s.id = strings.ToLower(entraTenant(o)), o.text("properties", "id")
	s.marks = []string{o.text("properties", "correlationId"), o.text("properties", "appId")}
	s.name, s.userAgent = o.text("properties", "userPrincipalName"), o.text("properties", "userAgent")
	if s.address = o.text("properties", "ipAddress"); s.address == "" {
		s.address = o.text("callerIpAddress")
	}
	s.at, s.wrong = entraTime(o, path)
	return entraSteppedIn(o, s)
}

// entraCategory returns a category in the form of Entra. Log Analytics writes some in
// another case, and with the prefix AAD.
func entraCategory(category string) string {
	bare := category
	if len(bare) > len("AAD") && strings.EqualFold(bare[:len("AAD")], "AAD") {
		bare = bare[len("AAD"):]
	}
	for _, known := range entraCategories {
		if strings.EqualFold(bare, known) {
			return known
		}
	}
	return category
}

// entraSteppedIn sets s.unchecked for a successful sign-in in which no credential was
// checked.
func entraSteppedIn(o object, s signIn) (signIn, bool, *domain.Rejection) {
	if len(s.code) != 1 || s.code[0] != "0" && s.code[0] != "Success" {
		return s, true, nil
	}
	properties, _ := o["properties"].(object)
	unchecked, rejection := entraUnchecked(properties)
	s.unchecked = unchecked
	return s, rejection == nil, rejection
}

// entraTime returns the time of the sign-in. If the event does not contain it, entraTime
// returns the time of the log entry.
func entraTime(o object, path string) (time.Time, *domain.Rejection) {
	if at := o.text("properties", "createdDateTime"); at != "" {
		return parseTime(path+"createdDateTime", at)
	}
	return parseTime("time", o.text("time"))
}

// isGraph reports whether an event has the form of Microsoft Graph, which has no
// envelope.
func isGraph(o object) bool {
	_, status := o["status"].(object)
	return status && o.text("createdDateTime") != "" && o.text("category") == "" && o.text("operationName") == ""
}

// graphCategory returns the log of an event of Graph. Graph returns interactive
// sign-ins by default, and names the log in other events.
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

// entraCode returns the code of the status. If the event has no status, it returns the code
// of the result. If the two differ, it returns both, so that no row has the code and the
// event is unmapped.
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

// entraTenant returns the tenant, which the path of the resource also contains.
func entraTenant(o object) string {
	if tenant := o.text("tenantId"); tenant != "" {
		return tenant
	}
	tenant, _, _ := strings.Cut(strings.TrimPrefix(strings.ToLower(o.text("resourceId")), "/tenants/"), "/")
	return tenant
}
