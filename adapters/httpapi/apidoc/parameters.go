package apidoc

import (
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"authledger/domain/access"
	"authledger/domain/operations"
	"authledger/domain/problems"
)

// parametersOf returns the parameters of a route: first those of the path and the query, then
// the headers.
func parametersOf(to *Route) (all []*huma.Param) {
	if to.Operation != nil {
		for i := range to.Operation.Parameters {
			all = append(all, parameterOf(&to.Operation.Parameters[i]))
		}
	}
	switch {
	case to.Path == CommandsPath:
		all = append(all, eventHeaders()...)
	case to.IsTyped():
		all = append(all, header(IdempotencyKeyHeader, "Id of the command. Send the same id when you retry the command: the ledger records it once.", "begin-0198c5a4", true))
	case to.Right == access.Gate:
		all = append(all, header(LoginUserHeader, "Name of the user who wants to log in.", "alice", true),
			header(LoginPlatformHeader, "Platform of the login. Default: "+GatePlatform+".", GatePlatform, false),
			header(LoginAddressHeader, "Address of the client. The ledger seals it.", "192.0.2.7", false),
			header(LoginAttemptHeader, "Id of the attempt. Default: a new id.", "0198c5a4", false))
	case to.Right == access.WhatIf:
		all = append(all, number("from", "Number of the first record. Default: 1.", 1), number("to", "Number of the last record. Default: the newest record.", 3))
	case to.Operation != nil && to.Operation.IsList():
		all = append(all, header(IfNoneMatchHeader, "Tag of an earlier answer to the same request. If that answer is still valid, the status is 304.", tagExample, false))
	case to.Operation != nil && to.Operation.Name == "records":
		all = append(all, header("Last-Event-ID", "Number of the last record that the client received. With follow=true, the stream continues after it.", "0", false))
	case to.ID == ProblemPageID:
		all = append(all, &huma.Param{Name: "name", In: "path", Required: true, Description: "Name of the type, the last part of the member type of a problem.",
			Schema: &huma.Schema{Type: stringType}, Example: problems.BadRequest})
	}
	return all
}

func header(name, description, example string, isRequired bool) *huma.Param {
	return &huma.Param{Name: name, In: "header", Description: description, Example: example, Required: isRequired, Schema: &huma.Schema{Type: stringType}}
}

func number(name, description string, example int64) *huma.Param {
	return &huma.Param{Name: name, In: string(operations.InQuery), Description: description, Example: example, Schema: integerSchema()}
}

// eventHeaders returns the attributes of a CloudEvent in binary mode.
func eventHeaders() []*huma.Param {
	const binary = " Only in binary mode."
	e := &BinaryExample
	return []*huma.Param{
		header("Ce-Specversion", "Version of CloudEvents."+binary, "1.0", false),
		header("Ce-Id", "Id of the command. Send the same id when you retry the command."+binary, e.ID, false),
		header(SourceHeader, "Source of the command, which is the source of the token."+binary, e.Source, false),
		header("Ce-Type", "Type of the command."+binary, e.Type, false),
		header("Ce-Time", "Time of the command (RFC 3339)."+binary, e.Time, false),
	}
}

func parameterOf(p *operations.Parameter) *huma.Param {
	schema := &huma.Schema{Type: p.JSONType(), Format: p.JSONFormat()}
	if p.JSONType() == integerType {
		least, most := float64(p.Minimum), float64(p.Maximum)
		schema.Minimum, schema.Format = &least, int64Format
		if p.Type == operations.Number {
			schema.Maximum = &most
		}
	}
	if p.BytesMax > 0 {
		schema.MaxLength = &p.BytesMax
	}
	if p.Default != 0 {
		schema.Default = p.Default
	}
	if p.DefaultText != "" {
		schema.Default = p.DefaultText
	}
	for _, value := range p.Choices {
		schema.Enum = append(schema.Enum, value)
	}
	return &huma.Param{Name: p.Name, In: string(p.In), Required: p.In == operations.InPath, Description: p.Description, Schema: schema, Example: exampleOf(p)}
}

// exampleOf returns the example of a parameter as a value of its JSON type, nil for a cursor.
func exampleOf(p *operations.Parameter) any {
	if p.Example == "" {
		return nil
	}
	switch p.JSONType() {
	case integerType:
		if n, err := strconv.ParseInt(p.Example, 10, 64); err == nil {
			return n
		}
	case booleanType:
		return p.Example == "true"
	}
	return p.Example
}
