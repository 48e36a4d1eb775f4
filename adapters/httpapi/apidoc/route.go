package apidoc

import (
	"authledger/domain/access"
	"authledger/domain/operations"
)

// Route is one path with its method.
type Route struct {
	Method, Path string
	Right        access.Right // required right. If it is "" and TakesCommands is false, the route requires no credentials
	IsPublic     bool         // the route needs no ledger, so it also answers before the ledger is open

	// TakesCommands reports that the route requires the rights to the types of the
	// submitted commands, instead of the field Right.
	TakesCommands bool

	Operation            *operations.Operation // nil for a route that is not in the table
	Summary, Tag, Answer string                // Answer is the name of the schema of the answer
	ID                   string                // of the operation in the document; only of routes that are not in a table
}

// NeedsToken reports whether the route requires credentials.
func (to *Route) NeedsToken() bool { return to.Right != "" || to.TakesCommands }

// IsTyped reports whether the path of the route contains the type of a command.
func (to *Route) IsTyped() bool { return to.TakesCommands && to.Path != CommandsPath }

// hasBody reports whether the requests of a route have a body.
func (to *Route) hasBody() bool { return to.TakesCommands || to.Right == access.WhatIf }

// hasNotFound reports whether a route answers 404: if its path names an object, and if the node
// has no intake.
func (to *Route) hasNotFound() bool {
	if to.ID == ProblemPageID {
		return true
	}
	return to.Operation != nil && (!to.Operation.ReadsLedger || to.Operation.Parameter(operations.Seq) != nil)
}

// permittedRoles lists the roles that have the right of the route at a documented path.
func (to *Route) permittedRoles(path string) (names []string) {
	right := to.Right
	if to.IsTyped() {
		right = access.Right(kindOf(path))
	}
	for _, r := range access.Roles() {
		if to.Path == CommandsPath && r.MaySubmit() || right != "" && r.May(right) {
			names = append(names, string(r))
		}
	}
	return names
}
