package httpapi

import (
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"authledger/domain/access"
	"authledger/domain/operations"
)

// parametersOf returns the parameters of a route: first those of the path and the query, then
// the headers.
func parametersOf(to *route) (all []*huma.Param) {
	if to.operation != nil {
		for i := range to.operation.Parameters {
			all = append(all, parameterOf(&to.operation.Parameters[i]))
		}
	}
	switch {
	case to.path == commandsPath:
		all = append(all, eventHeaders()...)
	case isTyped(to):
		all = append(all, header(idempotencyKeyHeader, "Id of the command. Send the same id when you retry the command: the ledger records it once.", "begin-0198c5a4", true))
	case to.right == access.Gate:
		all = append(all, header(loginUserHeader, "Name of the user who wants to log in.", "alice", true),
			header(loginPlatformHeader, "Platform of the login. Default: "+gatePlatform+".", gatePlatform, false),
			header(loginAddressHeader, "Address of the client. The ledger seals it.", "192.0.2.7", false),
			header(loginAttemptHeader, "Id of the attempt. Default: a new id.", "0198c5a4", false))
	case to.right == access.WhatIf:
		all = append(all, number("from", "Number of the first record. Default: 1.", 1), number("to", "Number of the last record. Default: the newest record.", 3))
	case to.operation != nil && to.operation.IsList():
		all = append(all, header(ifNoneMatchHeader, "Tag of an earlier answer to the same request. If that answer is still valid, the status is 304.", tagExample, false))
	case to.operation != nil && to.operation.Name == "records":
		all = append(all, header("Last-Event-ID", "Number of the last record that the client received. With follow=true, the stream continues after it.", "0", false))
	case to.id == problemRouteID:
		all = append(all, &huma.Param{Name: "name", In: "path", Required: true, Description: "Name of the type, the last part of the member type of a problem.",
			Schema: &huma.Schema{Type: stringType}, Example: badRequest})
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
	e := &binaryExample
	return []*huma.Param{
		header("Ce-Specversion", "Version of CloudEvents."+binary, "1.0", false),
		header("Ce-Id", "Id of the command. Send the same id when you retry the command."+binary, e.ID, false),
		header(sourceHeader, "Source of the command, which is the source of the token."+binary, e.Source, false),
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
