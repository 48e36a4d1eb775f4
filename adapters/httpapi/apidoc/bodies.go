package apidoc

import (
	"encoding/json"

	"github.com/danielgtaylor/huma/v2"

	"authledger/domain"
	"authledger/domain/access"
	"authledger/eventstore/wire"
)

// bodyOf returns the body of the requests of a route, nil for none.
func bodyOf(to *Route, path string) *huma.RequestBody {
	switch {
	case to.Path == CommandsPath:
		return &huma.RequestBody{Required: true, Description: "A CloudEvent in structured mode, its data in binary mode, or a batch.", Content: eventBodies()}
	case to.TakesCommands:
		kind := kindOf(path)
		return &huma.RequestBody{Required: true, Description: "The data of the command.",
			Content: map[string]*huma.MediaType{JSONType: {Schema: ref(kind), Example: example(domain.CommandExample(kind))}}}
	case to.Right == access.WhatIf:
		return &huma.RequestBody{Required: true, Description: "The policy document.",
			Content: map[string]*huma.MediaType{JSONType: {Schema: schemaOf(new(domain.Policy), true), Example: example(domain.IBKRSLS())}}}
	}
	return nil
}

func example(d domain.Data) json.RawMessage { return wire.AppendData(nil, d) }

// eventBodies returns the three forms of CloudEvents with their examples: an event of each
// type, the data of one event, and the history as a batch.
func eventBodies() map[string]*huma.MediaType {
	events := make(map[string]*huma.Example)
	for _, kind := range domain.ClientCommands() {
		events[kind] = &huma.Example{Summary: domain.CommandSummary(kind), Value: presentExample("example-"+kind, domain.CommandExample(kind))}
	}
	return map[string]*huma.MediaType{
		EventType: {Schema: ref("CloudEvent"), Examples: events},
		BatchType: {Schema: listOf(ref("CloudEvent")), Examples: map[string]*huma.Example{
			"history": {Summary: "The history of the other examples", Value: ExampleHistory}}},
		JSONType: {Schema: &huma.Schema{Type: objectType, Description: "The data of the CloudEvent. Send its attributes as ce- headers."}, Example: BinaryExample.Data},
	}
}
