package main

import (
	"regexp"
	"slices"
	"strings"

	"authledger/domain"
)

// otherVariables are the environment variables AUTHLEDGER_… that are not settings: credentials
// that only the environment can set, and the variables of the example gateway.
var otherVariables = []string{masterTextName, tokenVariable, variablePrefix + "NAME", variablePrefix + "KEY"}

// serviceVariable matches the variables that an orchestrator sets for a service whose
// name begins with authledger (Kubernetes, "Discovering services").
var serviceVariable = regexp.MustCompile(`_(SERVICE_HOST|SERVICE_PORT(_[A-Z0-9_]+)?|PORT|PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)$`)

// checkEnvironment returns a usage error for an unknown variable AUTHLEDGER_…, because the
// variable is probably a misspelt setting. The entries of environ have the form name=value,
// as [os.Environ] returns them.
func checkEnvironment(environ []string) error {
	known := slices.Clone(otherVariables)
	for _, name := range settingNames() {
		known = append(known, variable(name))
	}
	for _, entry := range environ {
		name, value, _ := strings.Cut(entry, "=")
		if value == "" || !strings.HasPrefix(name, variablePrefix) || slices.Contains(known, name) || serviceVariable.MatchString(name) {
			continue
		}
		if nearest := domain.Nearest(name, known); nearest != "" {
			return usagef("unknown environment variable %s, did you mean %s?", name, nearest)
		}
		return usagef("unknown environment variable %s: unset it, or see `authledger config show` for the variables of all settings", name)
	}
	return nil
}
