package natsapi

import (
	"encoding/json"
	"fmt"
	"strings"

	"authledger/domain"
	"authledger/eventstore/wire"
)

// schemaDialect is the JSON Schema that schemas are written in.
const schemaDialect = "https://json-schema.org/draft/2020-12/schema"

// Schemas are the JSON Schemas of the data of commands and events, by where they lie:
// commands/login.begin.json, events/login.failed.json.
func Schemas() (map[string][]byte, error) {
	all := make(map[string][]byte)
	put := func(folder, kind string, s *wire.Schema) error {
		text, err := json.MarshalIndent(struct {
			Dialect string `json:"$schema"`
			Title   string `json:"title"`
			*wire.Schema
		}{schemaDialect, kind, s}, "", "  ")
		all[folder+"/"+kind+".json"] = append(text, '\n')
		return err
	}
	for _, kind := range domain.ClientCommands() {
		if err := put("commands", kind, wire.SchemaOf(domain.NewCommandData(kind), true)); err != nil {
			return nil, fmt.Errorf("schema of %s: %w", kind, err)
		}
	}
	for _, kind := range domain.EventTypes() {
		if err := put("events", kind, wire.SchemaOf(domain.NewEventData(kind), false)); err != nil {
			return nil, fmt.Errorf("schema of %s: %w", kind, err)
		}
	}
	return all, nil
}

// object is one of the document.
type object map[string]any

// AsyncAPI is the document (3.0) of what travels over NATS without an answer that is
// waited for: the intake, and the feed. It describes the ledger, so it is the ledger
// that receives and sends.
func AsyncAPI() ([]byte, error) {
	intake, feed := object{}, object{}
	schemas, messages := object{}, object{}
	for _, kind := range domain.ClientCommands() {
		name := key(kind)
		schemas[name] = wire.SchemaOf(domain.NewCommandData(kind), true)
		messages[name] = message(kind, "commands", name)
		intake[name] = object{"$ref": "#/components/messages/" + name}
	}
	for _, kind := range domain.EventTypes() {
		name := "event_" + key(kind)
		schemas[name] = wire.SchemaOf(domain.NewEventData(kind), false)
		messages[name] = message(kind, "events", name)
		feed[name] = object{"$ref": "#/components/messages/" + name}
	}
	parameters := object{"realm": object{"description": "of the ledger: main unless another was given", "default": "main"}}
	withCaller := object{"realm": parameters["realm"], "caller": object{"description": "name of the token whose key it is: no other can be written to"}}
	text, err := json.MarshalIndent(object{
		"asyncapi": "3.0.0",
		"info": object{"title": "authledger over NATS", "version": "1.0.0",
			"description": "Commands that are left for the ledger, and events as it records them. Both are CloudEvents 1.0, as the binding to NATS has them. What is asked and answered is a NATS service (nats micro info authledger)."},
		"defaultContentType": "application/json",
		"channels": object{
			"intake": object{"address": IntakeSubject("{realm}", "{caller}"), "parameters": withCaller, "messages": intake,
				"description": "acknowledged once it is on disk; taken in order; a command that is invalid becomes a letter (dlq ls); the headers may be in any case, and in structured mode (Content-Type: application/cloudevents+json) there are none"},
			"feed": object{"address": FeedSubject("{realm}", "{type}"), "messages": feed,
				"parameters":  object{"realm": parameters["realm"], "type": object{"description": "of the event, such as login.failed; > for all"}},
				"description": "live: who is not there misses it, and follows the records instead"},
		},
		"operations": object{
			"take": object{"action": "receive", "channel": object{"$ref": "#/channels/intake"}, "summary": "the ledger takes a command that a gateway has left"},
			"tell": object{"action": "send", "channel": object{"$ref": "#/channels/feed"}, "summary": "the ledger tells a dashboard or an auditor of an event"},
		},
		"components": object{"messages": messages, "schemas": schemas},
	}, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("write the AsyncAPI document: %w", err)
	}
	return append(text, '\n'), nil
}

// key is a type as the document can name it.
func key(kind string) string { return strings.NewReplacer(".", "_", "-", "_").Replace(kind) }

func message(kind, of, name string) object {
	m := object{"name": kind, "payload": object{"$ref": "#/components/schemas/" + name}}
	text := object{"type": "string"}
	if of == "commands" {
		m["headers"] = object{"type": "object", "required": []string{"ce-specversion", "ce-id", "ce-source", "ce-type", "ce-time"}, "properties": object{
			"ce-specversion": object{"const": "1.0"}, "ce-id": text, "ce-source": text, "ce-type": object{"const": kind}, "ce-time": object{"type": "string", "format": "date-time"},
		}}
		return m
	}
	m["contentType"] = "application/cloudevents+json"
	m["payload"] = object{"type": "object", "required": []string{"specversion", "id", "source", "type", "time", "subject", "data"}, "properties": object{
		"specversion": object{"const": "1.0"}, "id": text, "source": text, "type": object{"const": kind}, "time": object{"type": "string", "format": "date-time"},
		"subject": text, "datacontenttype": object{"const": "application/json"}, "data": object{"$ref": "#/components/schemas/" + name},
	}}
	return m
}
