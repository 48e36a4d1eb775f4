package natsapi

import (
	"encoding/json"
	"fmt"
	"strings"

	"authledger/adapters/natsconn"
	"authledger/domain"
	"authledger/domain/operations"
	"authledger/eventstore/wire"
)

// schemaDialect identifies the version of JSON Schema.
const schemaDialect = "https://json-schema.org/draft/2020-12/schema"

// Schemas returns the JSON Schemas of the data of commands and events. The keys are paths
// such as commands/login.begin.json and events/login.failed.json.
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

// object is a JSON object of the document.
type object map[string]any

// AsyncAPI returns the AsyncAPI 3.0 document of the commands for the intake, the live
// events and the queries. Its actions are from the point of view of the ledger: the ledger
// receives commands and queries, and sends events.
func AsyncAPI() ([]byte, error) {
	intake, events := object{}, object{}
	schemas, messages := object{}, object{}
	for _, kind := range domain.ClientCommands() {
		name := key(kind)
		schemas[name] = wire.SchemaOf(domain.NewCommandData(kind), true)
		messages[name] = message(kind, "commands", name)
		if !domain.IsConfig(kind) {
			intake[name] = object{"$ref": "#/components/messages/" + name}
		}
	}
	for _, kind := range domain.EventTypes() {
		name := "event_" + key(kind)
		schemas[name] = wire.SchemaOf(domain.NewEventData(kind), false)
		messages[name] = message(kind, "events", name)
		events[name] = object{"$ref": "#/components/messages/" + name}
	}
	realm := object{"description": "Realm of the ledger, such as main", "default": "main"}
	eventType := object{"description": "Type of the event, such as login.failed; > subscribes to all types"}
	document := object{
		"asyncapi": "3.0.0",
		"info": object{"title": "authledger over NATS", "version": "1.0.0",
			"description": "Commands for the intake of the ledger, live events that the ledger has recorded, and queries. Commands and events are CloudEvents 1.0 in the NATS protocol binding. Queries, and commands with a verdict as the reply, are endpoints of a NATS service (`nats micro info authledger`)."},
		"defaultContentType": "application/json",
		"channels": object{
			"intake": object{"address": natsconn.IntakeSubject("{realm}", "{caller}"), "messages": intake,
				"parameters":  object{"realm": realm, "caller": object{"description": "Name of the token whose key opened the connection; a client can't publish for another caller"}},
				"description": "The acknowledgement means that the command is on disk. A caller that exceeds its rate, its quota of the intake, or its quota of dead letters gets an error with code 429 in place of the acknowledgement. The ledger handles the commands in order. The ledger refuses commands of the configuration (config.*) with code 400. An invalid command becomes a dead letter (`authledger dlq ls`). Header names may be in any case. A message in structured mode (Content-Type: application/cloudevents+json) needs no ce- headers."},
			"events": object{"address": natsconn.EventSubject("{realm}", "{type}"), "messages": events,
				"parameters":  object{"realm": realm, "type": eventType},
				"description": "Live events. A subscriber that is not connected misses events; it can read the records instead."},
			"readSession": object{"address": natsconn.SessionSubject("{realm}", "{caller}", "{type}"), "messages": events,
				"parameters": object{"realm": realm, "caller": object{"description": "Name of the auditor's token"}, "type": eventType},
				"description": "Live events for one auditor. The ledger records the reads of auditors. The query " + natsconn.QuerySubject("{realm}", "{caller}", eventsQuery) +
					" records an audit.read and opens a read session of 10 minutes; another query extends the session. The node publishes to this subject only while the session is open. An auditor that is not connected misses events, and can read the records instead."},
		},
		"operations": object{
			"receiveCommand":   object{"action": "receive", "channel": object{"$ref": "#/channels/intake"}, "summary": "Receive a command from a gateway"},
			"sendEvent":        object{"action": "send", "channel": object{"$ref": "#/channels/events"}, "summary": "Send a recorded event to dashboards"},
			"sendSessionEvent": object{"action": "send", "channel": object{"$ref": "#/channels/readSession"}, "summary": "Send a recorded event to an auditor with an open read session"},
		},
		"components": object{"messages": messages, "schemas": schemas},
	}
	addQueries(document, realm)
	text, err := json.MarshalIndent(document, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("encode the AsyncAPI document: %w", err)
	}
	return append(text, '\n'), nil
}

// addQueries adds a channel, a message and an operation for each row of the table of
// operations.
func addQueries(document, realm object) {
	channels, receives := document["channels"].(object), document["operations"].(object)
	components := document["components"].(object)
	messages, schemas := components["messages"].(object), components["schemas"].(object)
	caller := object{"description": "Name of the token whose key opened the connection; a client can't query for another caller"}
	for i := range operations.All() {
		o := &operations.All()[i]
		name := "query_" + key(o.Name)
		messages[name] = object{"name": o.Name, "summary": o.Summary, "payload": object{"$ref": "#/components/schemas/" + name}}
		schemas[name] = querySchema(o)
		channels[name] = object{"address": natsconn.QuerySubject("{realm}", "{caller}", o.Name), "parameters": object{"realm": realm, "caller": caller},
			"messages":    object{name: object{"$ref": "#/components/messages/" + name}},
			"description": o.Summary + ". The node sends the answer of " + o.Method + " " + o.Path + " to the reply subject of the message."}
		receives[name] = object{"action": "receive", "channel": object{"$ref": "#/channels/" + name}, "summary": o.Summary}
	}
}

// querySchema returns the schema of the payload of a query: an object with the parameters
// of the operation.
func querySchema(o *operations.Operation) object {
	properties, required := object{}, []string{}
	for i := range o.Parameters {
		p := &o.Parameters[i]
		if p.StreamOnly {
			continue
		}
		if p.In == operations.InPath {
			required = append(required, p.Name)
		}
		schema := object{"type": p.JSONType(), "description": p.Description}
		if format := p.JSONFormat(); format != "" {
			schema["format"] = format
		}
		if p.JSONType() == "integer" {
			schema["minimum"] = p.Minimum
		}
		if p.Type == operations.Number {
			schema["maximum"] = p.Maximum
		}
		if p.BytesMax > 0 {
			schema["maxLength"] = p.BytesMax
		}
		if len(p.Choices) > 0 {
			schema["enum"] = p.Choices
		}
		properties[p.Name] = schema
	}
	schema := object{"type": "object", "properties": properties, "additionalProperties": false}
	if len(required) > 0 {
		schema["required"] = required
	}
	return schema
}

// key returns a command or event type as a key of the document.
func key(kind string) string { return strings.NewReplacer(".", "_", "-", "_").Replace(kind) }

// message returns the message object of a type of commands or events.
func message(kind, of, name string) object {
	m := object{"name": kind, "payload": object{"$ref": "#/components/schemas/" + name}}
	text := object{"type": "string"}
	if of == "commands" {
		m["summary"] = domain.CommandSummary(kind)
		m["examples"] = []object{{"payload": json.RawMessage(wire.AppendData(nil, domain.CommandExample(kind)))}}
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
