package httpapi

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"authledger/access"
	"authledger/domain"
)

// parameterSays tells what each parameter of a question is.
var parameterSays = map[string]string{
	atParameter:      "an instant, RFC 3339: what held then (default now)",
	asOfParameter:    "a record's number or an instant: answer from the log up to there",
	atLeastParameter: "a record's number: wait until the answer reflects it",
	limitParameter:   "at most so many, 1 to 1000",
	afterParameter:   "the last one of the page before",
	fromParameter:    "number of the first record",
	toParameter:      "number of the last record",
	entityParameter:  "only records of this entity, such as user/alice",
	typeParameter:    "only records of this type of command, or with an event of it",
	readingParameter: "number of the record of this reading, from the header Reading of its first answer: go on with it, and have it recorded once",
	followParameter:  "true: go on with what is recorded from now on, as server-sent events",
	revealParameter:  "true: show what is sealed; needs a purpose, and is recorded",
	purposeParameter: "why, in a few words; it is recorded",
}

// openAPI is the document of the interface.
func openAPI(version string) ([]byte, error) {
	document := &huma.OpenAPI{
		OpenAPI: "3.1.0",
		Info: &huma.Info{Title: "authledger", Version: version,
			Description: "Commands, verdicts and queries of an event-sourced authentication ledger. No answer, or 503, means unknown: send the same command again under the same id."},
		Paths:      make(map[string]*huma.PathItem),
		Components: &huma.Components{Schemas: schemas(), SecuritySchemes: map[string]*huma.SecurityScheme{"token": {Type: "http", Scheme: "bearer"}}},
	}
	for i := range routes {
		for _, path := range spelledOut(&routes[i]) {
			describe(document, &routes[i], path)
		}
	}
	return json.Marshal(document)
}

// spelledOut are the paths of a route: the typed commands have one each.
func spelledOut(to *route) []string {
	if !strings.Contains(to.path, "{"+typePath+"}") {
		return []string{strings.TrimSuffix(to.path, "{$}")}
	}
	var paths []string
	for _, kind := range domain.ClientCommands() {
		paths = append(paths, strings.ReplaceAll(to.path, "{"+typePath+"}", kind))
	}
	return paths
}

func describe(document *huma.OpenAPI, to *route, path string) {
	item := document.Paths[path]
	if item == nil {
		item = &huma.PathItem{}
		document.Paths[path] = item
	}
	o := &huma.Operation{
		OperationID: operationID(to.method, path), Summary: to.says, Description: roles(to, path),
		Parameters: parametersOf(to, path), RequestBody: bodyOf(to, path), Responses: responsesOf(to),
	}
	if to.right != "" || to.commands {
		o.Security = []map[string][]string{{"token": {}}}
	}
	if to.method == http.MethodPost {
		item.Post = o
	} else {
		item.Get = o
	}
}

func operationID(method, path string) string {
	name := strings.NewReplacer("/v1/", "", "/", ".", "{", "", "}", "").Replace(path)
	return strings.Trim(strings.ToLower(method)+"."+strings.Trim(name, "."), ".")
}

// roles tells who may ask.
func roles(to *route, path string) string {
	right := to.right
	if kind := path[strings.LastIndex(path, "/")+1:]; to.commands && domain.ForClients(kind) {
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
	return "For the roles " + strings.Join(names, ", ") + "."
}

func parametersOf(to *route, path string) (all []*huma.Param) {
	for _, part := range strings.Split(path, "/") {
		if name, ok := strings.CutPrefix(part, "{"); ok {
			all = append(all, &huma.Param{Name: strings.TrimSuffix(name, "}"), In: "path", Required: true, Schema: &huma.Schema{Type: stringType}})
		}
	}
	for _, name := range to.parameters {
		all = append(all, &huma.Param{Name: name, In: "query", Description: parameterSays[name], Schema: &huma.Schema{Type: stringType}})
	}
	header := func(name, says string, required bool) {
		all = append(all, &huma.Param{Name: name, In: "header", Description: says, Required: required, Schema: &huma.Schema{Type: stringType}})
	}
	switch {
	case strings.Contains(to.path, "{"+typePath+"}"):
		header("Idempotency-Key", "the id of the command: the same again when it is sent again", true)
	case to.right == access.Gate:
		header(loginUserHeader, "who wants to log in", true)
		header(loginPlatformHeader, "default "+gatePlatform, false)
		header(loginAddressHeader, "the client's address; it is sealed", false)
		header(loginAttemptHeader, "an id for the attempt; default a new one", false)
	case to.path == "/v1/records":
		header("Last-Event-ID", "the last event heard: go on behind it", false)
	}
	return all
}

func bodyOf(to *route, path string) *huma.RequestBody {
	if !to.commands {
		return nil
	}
	content := map[string]*huma.MediaType{"application/json": {Schema: ref(path[strings.LastIndex(path, "/")+1:])}}
	if to.path == "/v1/commands" {
		content = map[string]*huma.MediaType{
			"application/cloudevents+json":       {Schema: ref("CloudEvent")},
			"application/cloudevents-batch+json": {Schema: listOf(ref("CloudEvent"))},
			"application/json":                   {Schema: &huma.Schema{Type: objectType, Description: "data alone, with the attributes as ce- headers"}},
		}
	}
	return &huma.RequestBody{Required: true, Content: content}
}

// mayAnswer are the statuses of problems.
func mayAnswer(to *route) []int {
	statuses := []int{http.StatusTooManyRequests}
	if to.right != "" || to.commands {
		statuses = append(statuses, http.StatusUnauthorized, http.StatusForbidden)
	}
	if to.commands {
		statuses = append(statuses, http.StatusRequestTimeout, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType, http.StatusUnprocessableEntity)
	}
	if !to.always {
		statuses = append(statuses, http.StatusBadRequest, http.StatusServiceUnavailable)
	}
	if strings.Contains(to.path, "{"+seqPath+"}") {
		statuses = append(statuses, http.StatusNotFound)
	}
	return statuses
}

func responsesOf(to *route) map[string]*huma.Response {
	all := make(map[string]*huma.Response)
	for _, status := range mayAnswer(to) {
		all[strconv.Itoa(status)] = &huma.Response{Description: http.StatusText(status), Content: map[string]*huma.MediaType{"application/problem+json": {Schema: ref("Problem")}}}
	}
	done := &huma.Response{Description: "done"}
	if to.answer != "" {
		done.Content = map[string]*huma.MediaType{"application/json": {Schema: ref(to.answer)}}
	}
	switch to.path {
	case "/v1/commands":
		done.Description = "the verdict, accepted or refused; of a batch, all verdicts in order, also invalid ones"
		done.Content["application/json"].Schema = &huma.Schema{AnyOf: []*huma.Schema{ref("Verdict"), listOf(ref("Verdict"))}}
	case "/v1/records":
		done.Content = map[string]*huma.MediaType{"application/jsonl": {Schema: ref("Record")}, "text/event-stream": {Schema: &huma.Schema{Type: stringType}}}
	case "/v1/gate/login":
		text := &huma.Param{Schema: &huma.Schema{Type: stringType}}
		done.Headers = map[string]*huma.Param{loginAttemptHeader: text, loginLeftHeader: text}
		all["403"].Headers = map[string]*huma.Param{loginReasonHeader: text, "Retry-After": text}
	}
	all["200"] = done
	return all
}
