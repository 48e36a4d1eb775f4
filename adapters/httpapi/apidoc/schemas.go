package apidoc

import (
	"github.com/danielgtaylor/huma/v2"

	"authledger/domain"
	"authledger/domain/explain"
	"authledger/domain/operations"
	"authledger/domain/problems"
	"authledger/eventstore/audit"
	"authledger/projections/queries"
)

const schemaPrefix = "#/components/schemas/"

// schemas returns the schemas of the OpenAPI document.
func schemas() huma.Registry {
	registry := huma.NewMapRegistry(schemaPrefix, huma.DefaultSchemaNamer)
	all := registry.Map()
	for name, answer := range map[string]domain.Data{
		"Lockout": &queries.Lockout{}, "Lockouts": &queries.LockoutPage{}, "Devices": &queries.Devices{},
		"Codes": &queries.Codes{}, "Sharings": &queries.Sharings{}, "Withdrawals": &queries.Withdrawals{},
		"Sources": &queries.Sources{}, "Statistics": &queries.Statistics{}, "Troubles": &queries.Troubles{}, "AsOf": &queries.AsOf{},
		"Users": &queries.RealmUsers{}, "AllDevices": &queries.RealmDevices{}, "AllCodes": &queries.RealmCodes{},
		"AllSharings": &queries.RealmSharings{}, "AllWithdrawals": &queries.RealmWithdrawals{},
		"Holds": &queries.RealmHolds{}, "Forgotten": &queries.RealmErasures{},
		"Tokens": &queries.Tokens{}, "Webhooks": &queries.Webhooks{},
	} {
		all[name] = answerSchema(answer)
	}
	var results []*huma.Schema
	for _, kind := range domain.ClientCommands() {
		all[kind] = schemaOf(domain.NewCommandData(kind), true)
		if result := domain.NewResult(kind); result != nil {
			all[kind+".result"] = schemaOf(result, false)
			results = append(results, ref(kind+".result"))
		}
	}
	all["Event"] = eventSchema()
	all["CloudEvent"] = cloudEventSchema()
	all["Verdict"] = verdictSchema(results)
	all["Record"] = recordSchema(results)
	all["Timeline"] = object([]string{"entity", "records", "more", "asOf"}, map[string]*huma.Schema{
		"entity": {Type: stringType}, "records": listOf(ref("Record")), "more": {Type: booleanType}, "asOf": ref("AsOf"),
		"next": nextSchema(), "at": instantSchema(),
	})
	all["Policy"] = object([]string{"policy", "asOf"}, map[string]*huma.Schema{
		"policy": schemaOf(new(domain.Policy), false), "asOf": ref("AsOf"),
	})
	addDeadLetterSchemas(all)
	addDeliverySchemas(all)
	all["Why"] = whySchema()
	all["TaskLine"] = taskLineSchema()
	all["Readiness"] = object([]string{"ready", "problems", "warnings", "seq", "queued", "scrubbed", "rounds", "compared"}, map[string]*huma.Schema{
		"ready": {Type: booleanType}, "problems": listOf(&huma.Schema{Type: stringType}),
		"warnings": listOf(&huma.Schema{Type: stringType}), "seq": integerSchema(),
		"queued": integerSchema(), "scrubbed": integerSchema(), "rounds": integerSchema(), "compared": integerSchema(),
		"verification": object([]string{"result", "seq", "time"}, map[string]*huma.Schema{
			"result": {Type: stringType, Enum: []any{audit.Running, audit.Intact, audit.Damaged, audit.Failed}},
			"seq":    integerSchema(), "time": instantSchema(),
			"record": {Type: integerType, Format: int64Format, Description: "Number of the record of the verification. Absent while the verification runs."},
		}),
	})
	all["Liveness"] = object([]string{"alive", "problems"}, map[string]*huma.Schema{
		"alive": {Type: booleanType}, "problems": listOf(&huma.Schema{Type: stringType}),
	})
	all["Problem"] = problemSchema()
	return registry
}

func addDeadLetterSchemas(all map[string]*huma.Schema) {
	members := func() map[string]*huma.Schema {
		return map[string]*huma.Schema{
			"position": integerSchema(), "caller": {Type: stringType}, "stored": instantSchema(),
			"reason": {Type: stringType}, "detail": {Type: stringType},
		}
	}
	required := []string{"position", "caller", "stored", "reason", "detail"}
	whole := members()
	whole["headers"] = &huma.Schema{Type: objectType, AdditionalProperties: listOf(&huma.Schema{Type: stringType})}
	whole["payload"] = &huma.Schema{Type: stringType, ContentEncoding: "base64", Description: "The message of the caller, unchanged."}
	all["DeadLetter"] = object(required, whole)
	all["DeadLetters"] = object([]string{"items"}, map[string]*huma.Schema{
		"items": listOf(object(required, members())),
		"next":  nextSchema(),
	})
	all["DroppedDeadLetter"] = object([]string{"dropped"}, map[string]*huma.Schema{"dropped": integerSchema()})
}

func addDeliverySchemas(all map[string]*huma.Schema) {
	state := &huma.Schema{Type: stringType}
	for _, name := range operations.Find("webhook-deliveries").Parameter(operations.State).Choices {
		state.Enum = append(state.Enum, name)
	}
	delivery := object([]string{"id", "position", "type", "state", "attempts", "time"}, map[string]*huma.Schema{
		"id": {Type: stringType}, "position": {Type: stringType}, "type": {Type: stringType},
		"state": state, "attempts": integerSchema(),
		"status": {Type: integerType, Format: int64Format, Description: "HTTP status of the last answer of the endpoint. Absent without an answer."},
		"error":  {Type: stringType, Description: "Cause of the failure of the last attempt."},
		"time":   instantSchema(), "next": instantSchema(),
	})
	node := &huma.Schema{Type: stringType, Description: "Name of the node that keeps the deliveries."}
	all["WebhookDeliveries"] = object([]string{"node", "deliveries"}, map[string]*huma.Schema{
		"node": node, "deliveries": listOf(delivery), "next": nextSchema(),
	})
	all["Redriven"] = object([]string{"node", "redriven"}, map[string]*huma.Schema{"node": node, "redriven": integerSchema()})
}

// nextSchema returns the schema of the member next of a page.
func nextSchema() *huma.Schema {
	return &huma.Schema{Type: stringType, Description: "Value of the parameter after for the next page. Absent on the last page."}
}

func problemSchema() *huma.Schema {
	return object([]string{"type", "title", "status"}, map[string]*huma.Schema{
		"type": {Type: stringType, Format: "uri-reference", Description: "Path of the page that states the next action of the client. Resolve it against the address of the request.",
			Examples: []any{problems.Reference(problems.BadRequest)}},
		"title":     {Type: stringType, Description: "Summary of the type."},
		"status":    {Type: integerType, Format: int64Format, Description: "Status of the answer."},
		"detail":    {Type: stringType, Description: "Cause, and the accepted values."},
		"requestId": {Type: stringType, Description: "Id of the request in the log of the node."},
		"verdict":   ref("Verdict"),
	})
}

func eventSchema() *huma.Schema {
	types := &huma.Schema{Type: stringType}
	for _, kind := range domain.EventTypes() {
		types.Enum = append(types.Enum, kind)
	}
	return object([]string{"type", "at", "data"}, map[string]*huma.Schema{
		"type": types, "at": instantSchema(), "entity": {Type: stringType, Description: "Entity that the event changes. Absent for the entity of the command."}, "of": {Type: stringType}, "v": integerSchema(), "data": {Type: objectType},
	})
}

func cloudEventSchema() *huma.Schema {
	types, data := &huma.Schema{Type: stringType}, &huma.Schema{}
	for _, kind := range domain.ClientCommands() {
		types.Enum = append(types.Enum, kind)
		data.AnyOf = append(data.AnyOf, ref(kind))
	}
	return object([]string{"specversion", "id", "source", "type", "time", "data"}, map[string]*huma.Schema{
		"specversion": {Type: stringType, Enum: []any{"1.0"}}, "id": {Type: stringType}, "source": {Type: stringType},
		"type": types, "time": instantSchema(), "datacontenttype": {Type: stringType}, "data": data,
	})
}

func verdictSchema(results []*huma.Schema) *huma.Schema {
	status := &huma.Schema{Type: stringType, Enum: []any{string(domain.Accepted), string(domain.Refused), string(domain.Invalid)}}
	return object([]string{"status", "late", "duplicate"}, map[string]*huma.Schema{
		"id": {Type: stringType}, "source": {Type: stringType}, "type": {Type: stringType}, "status": status,
		"reason": {Type: stringType}, "detail": {Type: stringType}, "seq": integerSchema(), "time": instantSchema(),
		"late": {Type: booleanType}, "duplicate": {Type: booleanType}, "policy": {Type: stringType},
		"unsynced": {Type: booleanType, Description: "True if the node runs without fsync: a power failure can lose the record."},
		"events":   listOf(ref("Event")), "result": {AnyOf: results},
	})
}

func recordSchema(results []*huma.Schema) *huma.Schema {
	const absent = "Absent in the record of a person.* command for a role without the list of holds or erasures."
	identity := &huma.Schema{Type: stringType, Description: absent}
	command := object([]string{"type", "time", "data"}, map[string]*huma.Schema{
		"source": identity, "id": identity, "type": {Type: stringType}, "time": instantSchema(), "stamped": {Type: booleanType},
		"caller": identity, "data": {Type: objectType}, "hash": identity,
	})
	personal := &huma.Schema{AnyOf: []*huma.Schema{{Type: stringType, Enum: []any{"sealed", "erased", "erased after the retention"}}, {Type: objectType}}}
	return object([]string{"seq", "entities", "command", "time", "late", "status", "events"}, map[string]*huma.Schema{
		"seq": integerSchema(), "entities": listOf(&huma.Schema{Type: stringType}), "command": command,
		"time": instantSchema(), "late": {Type: booleanType}, "backfill": {Type: booleanType}, "policy": {Type: stringType},
		"status": {Type: stringType}, "reason": {Type: stringType}, "detail": {Type: stringType},
		"result": {AnyOf: results}, "events": listOf(ref("Event")), "personal": personal,
	})
}

func whySchema() *huma.Schema {
	return object([]string{"record", "says", "policy", "asOf"}, map[string]*huma.Schema{
		"record": {Type: objectType}, "says": {Type: stringType}, "policy": {Type: objectType},
		"basis": listOf(&huma.Schema{Type: objectType}), "totals": listOf(schemaOf(&explain.Total{}, false)), "calendar": {Type: objectType},
		"next":       {Type: stringType, Description: "Value of the parameter after for the next page of withdrawals. Absent on the last page."},
		"arithmetic": listOf(&huma.Schema{Type: stringType}), "asOf": ref("AsOf"),
	})
}

// taskLineSchema describes one line of the answer to a task.
func taskLineSchema() *huma.Schema {
	position := object([]string{"stream", "seq"}, map[string]*huma.Schema{"stream": integerSchema(), "seq": integerSchema()})
	return object(nil, map[string]*huma.Schema{
		"progress":   object([]string{"at", "last"}, map[string]*huma.Schema{"at": integerSchema(), "last": integerSchema()}),
		"difference": {Type: objectType}, "done": {Type: objectType},
		"problem": object([]string{"detail"}, map[string]*huma.Schema{"detail": {Type: stringType}, "fault": position}),
	})
}
