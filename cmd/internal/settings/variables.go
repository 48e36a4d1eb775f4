package settings

import (
	"regexp"
	"slices"
	"strings"

	"authledger/cmd/internal/usage"
	"authledger/domain"
)

const variablePrefix = "AUTHLEDGER_"

// MasterKeyVariable is the environment variable of [Settings.MasterText], and NextMasterKeyVariable
// that of [Settings.NextMasterText]. TokenVariable is the environment variable of the API token.
const (
	MasterKeyVariable     = variablePrefix + "MASTER_KEY"
	NextMasterKeyVariable = variablePrefix + "NEXT_MASTER_KEY"
	TokenVariable         = variablePrefix + "TOKEN"
)

// Variable returns the environment variable of a setting.
func Variable(flag string) string {
	if flag == "master-key" {
		return MasterKeyVariable + "_FILE" // the variable without _FILE holds the key itself
	}
	return variablePrefix + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// otherVariables are the environment variables AUTHLEDGER_… that are not settings: credentials
// that only the environment can set, and the variables of the example gateway.
var otherVariables = []string{MasterKeyVariable, NextMasterKeyVariable, TokenVariable, variablePrefix + "NAME", variablePrefix + "KEY"}

// serviceVariable matches the variables that an orchestrator sets for a service whose
// name begins with authledger (Kubernetes, "Discovering services").
var serviceVariable = regexp.MustCompile(`_(SERVICE_HOST|SERVICE_PORT(_[A-Z0-9_]+)?|PORT|PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)$`)

// CheckEnvironment returns a usage error for an unknown variable AUTHLEDGER_…, because the
// variable is probably a misspelt setting. The entries of environ have the form name=value,
// as [os.Environ] returns them.
func CheckEnvironment(environ []string) error {
	known := slices.Clone(otherVariables)
	for _, name := range Names() {
		known = append(known, Variable(name))
	}
	for _, entry := range environ {
		name, value, _ := strings.Cut(entry, "=")
		if value == "" || !strings.HasPrefix(name, variablePrefix) || slices.Contains(known, name) || serviceVariable.MatchString(name) {
			continue
		}
		next := "unset it, or see `authledger config show` for the variables of all settings"
		return usage.Errorf("unknown environment variable %s%s", name, usage.OrSee(domain.DidYouMean(name, known), next))
	}
	return nil
}
