package httpapi

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"authledger/domain"
	"authledger/domain/access"
	"authledger/domain/operations"
	"authledger/eventstore/wire"
)

// openAPI returns the OpenAPI document of all routes.
func openAPI(version string) ([]byte, error) {
	document := &huma.OpenAPI{
		OpenAPI: "3.1.0",
		Info: &huma.Info{Title: "authledger", Version: version,
			Description: "Submit commands to an event-sourced authentication ledger, get their verdicts, and query its state and its records. If a command gets no answer or 503, its outcome is unknown: send it again with the same id."},
		Paths:      make(map[string]*huma.PathItem),
		Components: &huma.Components{Schemas: schemas(), SecuritySchemes: map[string]*huma.SecurityScheme{"token": {Type: "http", Scheme: "bearer"}}},
	}
	for i := range routes {
		for _, path := range documentedPaths(&routes[i]) {
			addOperation(document, &routes[i], path)
		}
	}
	return json.Marshal(document)
}

// documentedPaths returns the paths under which the document lists a route. It lists the
// route /v1/commands/{type} once for each type of command.
func documentedPaths(to *route) []string {
	if !strings.Contains(to.path, "{"+typePath+"}") {
		return []string{strings.TrimSuffix(to.path, "{$}")}
	}
	var paths []string
	for _, kind := range domain.ClientCommands() {
		paths = append(paths, strings.ReplaceAll(to.path, "{"+typePath+"}", kind))
	}
	return paths
}

func addOperation(document *huma.OpenAPI, to *route, path string) {
	if document.Paths[path] == nil {
		document.Paths[path] = &huma.PathItem{}
	}
	if document.Tags == nil || document.Tags[len(document.Tags)-1].Name != to.tag {
		document.Tags = append(document.Tags, &huma.Tag{Name: to.tag})
	}
	o := &huma.Operation{
		OperationID: operationID(to, path), Summary: to.summary, Description: roles(to, path), Tags: []string{to.tag},
		Parameters: parametersOf(to), RequestBody: bodyOf(to, path), Responses: responsesOf(to),
	}
	if isTyped(to) {
		o.Summary = domain.CommandSummary(path[strings.LastIndex(path, "/")+1:])
	}
	if to.right != "" || to.takesCommands {
		o.Security = []map[string][]string{{"token": {}}}
	}
	if to.method == http.MethodPost {
		document.Paths[path].Post = o
	} else {
		document.Paths[path].Get = o
	}
}

func operationID(to *route, path string) string {
	if to.operation != nil {
		return to.operation.Name
	}
	name := strings.NewReplacer("/v1/", "", "/", ".").Replace(path)
	return strings.Trim(strings.ToLower(to.method)+"."+strings.Trim(name, "."), ".")
}

// roles lists the roles that have the right of a route, "" for a public route.
func roles(to *route, path string) string {
	right := to.right
	if kind := path[strings.LastIndex(path, "/")+1:]; to.takesCommands && domain.ForClients(kind) {
		right = access.Right(kind)
	}
	if right == "" {
		return ""
	}
	var names []string
	for _, r := range access.Roles() {
		if r.May(right) {
			names = append(names, string(r))
		}
	}
	return "Permitted roles: " + strings.Join(names, ", ") + "."
}

func parametersOf(to *route) (all []*huma.Param) {
	if to.operation != nil {
		for i := range to.operation.Parameters {
			all = append(all, parameterOf(&to.operation.Parameters[i]))
		}
	}
	header := func(name, description, example string, required bool) {
		all = append(all, &huma.Param{Name: name, In: "header", Description: description, Example: example, Required: required, Schema: &huma.Schema{Type: stringType}})
	}
	switch {
	case isTyped(to):
		header("Idempotency-Key", "Id of the command. Send the same id when you retry the command: the ledger records it once.", "begin-0198c5a4", true)
	case to.right == access.Gate:
		header(loginUserHeader, "Name of the user who wants to log in.", "alice", true)
		header(loginPlatformHeader, "Platform of the login. Default: "+gatePlatform+".", gatePlatform, false)
		header(loginAddressHeader, "Address of the client. The ledger seals it.", "192.0.2.7", false)
		header(loginAttemptHeader, "Id of the attempt. Default: a new id.", "0198c5a4", false)
	case to.operation != nil && to.operation.Name == "records":
		header("Last-Event-ID", "Id of the last event that the client received. The stream continues after it.", "0", false)
	}
	return all
}

func parameterOf(p *operations.Parameter) *huma.Param {
	schema := &huma.Schema{Type: p.JSONType(), Format: p.JSONFormat()}
	if p.JSONType() == integerType {
		least, most := float64(p.Minimum), float64(p.Maximum)
		schema.Minimum = &least
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

func isTyped(to *route) bool { return to.takesCommands && to.path != commandsPath }

func bodyOf(to *route, path string) *huma.RequestBody {
	if !to.takesCommands {
		return nil
	}
	kind := path[strings.LastIndex(path, "/")+1:]
	content := map[string]*huma.MediaType{"application/json": {Schema: ref(kind)}}
	if example := domain.CommandExample(kind); example != nil {
		content["application/json"].Example = json.RawMessage(wire.AppendData(nil, example))
	}
	if to.path == commandsPath {
		content = map[string]*huma.MediaType{
			"application/cloudevents+json":       {Schema: ref("CloudEvent")},
			"application/cloudevents-batch+json": {Schema: listOf(ref("CloudEvent"))},
			"application/json":                   {Schema: &huma.Schema{Type: objectType, Description: "The data of the CloudEvent. Send its attributes as ce- headers."}},
		}
	}
	return &huma.RequestBody{Required: true, Content: content}
}

// problemStatuses returns the statuses of the problems of a route.
func problemStatuses(to *route) []int {
	statuses := []int{http.StatusTooManyRequests, http.StatusMisdirectedRequest}
	if to.right != "" || to.takesCommands {
		statuses = append(statuses, http.StatusUnauthorized, http.StatusForbidden)
	}
	if to.takesCommands {
		statuses = append(statuses, http.StatusRequestTimeout, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType, http.StatusUnprocessableEntity)
	}
	if !to.isPublic {
		statuses = append(statuses, http.StatusBadRequest, http.StatusServiceUnavailable)
	}
	if to.operation != nil && !to.operation.ReadsLedger {
		return append(statuses, http.StatusNotFound) // a node without an intake also answers 404
	}
	if to.operation != nil && to.operation.Parameter(operations.Seq) != nil {
		statuses = append(statuses, http.StatusNotFound)
	}
	return statuses
}

func responsesOf(to *route) map[string]*huma.Response {
	all := make(map[string]*huma.Response)
	for _, status := range problemStatuses(to) {
		all[strconv.Itoa(status)] = &huma.Response{Description: http.StatusText(status), Content: map[string]*huma.MediaType{"application/problem+json": {Schema: ref("Problem")}}}
	}
	done := &huma.Response{Description: "OK"}
	if to.answer != "" {
		done.Content = map[string]*huma.MediaType{"application/json": {Schema: ref(to.answer)}}
	}
	switch {
	case to.path == commandsPath:
		done.Description = "The verdict, accepted or refused. For a batch: an array of the verdicts in the order of the commands, including those of invalid commands."
		done.Content["application/json"].Schema = &huma.Schema{AnyOf: []*huma.Schema{ref("Verdict"), listOf(ref("Verdict"))}}
	case to.tag == taskTag:
		done.Description = "Lines with the progress and the differences; the last line has the result or the problem. Without that line the answer is incomplete."
		done.Content = map[string]*huma.MediaType{"application/jsonl": {Schema: ref(to.answer)}}
	case to.path == gatePath:
		text := &huma.Param{Schema: &huma.Schema{Type: stringType}}
		done.Description = "The attempt is reserved: check the password, then submit login.finish."
		done.Headers = map[string]*huma.Param{loginAttemptHeader: text, loginRemainingHeader: text}
		all["403"].Headers = map[string]*huma.Param{loginReasonHeader: text, "Retry-After": text}
	case to.operation != nil && to.operation.Name == "records":
		done.Content = map[string]*huma.MediaType{"application/jsonl": {Schema: ref("Record")}, "text/event-stream": {Schema: &huma.Schema{Type: stringType}}}
		all["204"] = &huma.Response{Description: "The stream is finished: Last-Event-ID is at least the value of the parameter to, so the client has received all requested records."}
	}
	if to.operation != nil && to.operation.ReadsLedger {
		done.Headers = map[string]*huma.Param{readSessionHeader: {Schema: &huma.Schema{Type: integerType}, Description: "Number of the record audit.read. Absent if the ledger does not record the read."}}
	}
	all["200"] = done
	return all
}
