package signins

import (
	"slices"
	"strings"

	"authledger/domain"
)

// The members of Entra's events that describe the steps of an authentication.
const (
	entraDetails = "authenticationDetails"
	entraMethod  = "authenticationMethod"
	entraResult  = "authenticationStepResultDetail"
)

// entraEarlier are the methods of steps that an earlier sign-in completed.
var entraEarlier = []string{"previously satisfied", "satisfied by token"}

// entraClaims are parts of the results of a step in which no credential was checked:
// a token or another provider stated the claim, or Entra skipped the step.
var entraClaims = []string{"satisfied by claim", "claim in the token", "claim in token", "previously satisfied", "skipped due to", "skipped as"}

// entraUnchecked returns why a successful sign-in is not an attempt, "" for an attempt.
// The steps of the event decide. Without steps an interactive sign-in is an attempt,
// unless its only statement is that a claim in the token satisfied a requirement.
func entraUnchecked(properties object) (Kind, *domain.Rejection) {
	steps, rejection := entraSteps(properties)
	switch {
	case rejection != nil:
		return "", rejection
	case slices.ContainsFunc(steps, entraChecked):
		return "", nil
	case len(steps) > 0:
		return SessionContinued, nil
	case properties["isInteractive"] == false:
		return TokenRenewed, nil
	case containsAny(properties.text("status", "additionalDetails"), entraClaims[:3]):
		return SessionContinued, nil
	}
	return "", nil
}

// entraSteps returns the steps of an authentication, which some exports write as text.
func entraSteps(properties object) ([]any, *domain.Rejection) {
	member := properties[entraDetails]
	if text, ok := member.(string); ok && text != "" {
		var err error
		if member, err = decodeText(text); err != nil {
			member = text
		}
	}
	steps, ok := member.([]any)
	if !ok && member != nil && member != "" {
		return nil, malformed(entraDetails, "want an array of the steps")
	}
	return steps, nil
}

// entraChecked reports whether Entra checked a credential in a step.
func entraChecked(member any) bool {
	step, _ := member.(object)
	method, result := step.text(entraMethod), step.text(entraResult)
	if step["succeeded"] == false || strings.EqualFold(step.text("succeeded"), "false") || method+result == "" {
		return false
	}
	return !containsAny(method, entraEarlier) && !containsAny(result, entraClaims) &&
		!containsAny(step.text(entraMethod+"Detail"), entraClaims)
}

// containsAny reports whether a text holds one of the parts, in upper or lower case.
func containsAny(text string, parts []string) bool {
	text = strings.ToLower(text)
	return slices.ContainsFunc(parts, func(part string) bool { return strings.Contains(text, part) })
}
