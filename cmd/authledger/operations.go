package main

import (
	"strings"

	"authledger/domain/operations"
)

// summary returns the short help of a command: the summary of its operation.
func summary(operation string) string { return operations.Find(operation).Summary }

// parameterUsage returns the usage text of the flag of an operation's parameter.
func parameterUsage(operation, parameter string) string {
	p := operations.Find(operation).Parameter(parameter)
	text := strings.TrimSuffix(p.Description, ".")
	return "`" + p.Placeholder + "`: " + strings.ToLower(text[:1]) + text[1:]
}
