package apidoc

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"authledger/domain/access"
	"authledger/domain/operations"
	"authledger/domain/problems"
)

// problemsOf returns the names of the problems that a route sends.
func problemsOf(to *Route) []string {
	names := []string{problems.MisdirectedRequest, problems.TooManyRequests, problems.Internal}
	if to.NeedsToken() {
		names = append(names, problems.Unauthorized, problems.Forbidden)
	}
	if to.hasBody() {
		names = append(names, problems.MissingBody, problems.CutOff, problems.TooLarge, problems.UnsupportedMediaType)
	}
	if to.TakesCommands {
		names = append(names, problems.InvalidCommand, problems.OutcomeUnknown)
	}
	if !to.IsPublic {
		names = append(names, problems.BadRequest, problems.NotReady)
	}
	if to.hasNotFound() {
		names = append(names, problems.NotFound)
	}
	if to.Right == access.Gate {
		names = append(names, problems.OutcomeUnknown)
	}
	if to.Operation == nil {
		return names
	}
	if to.Operation.IsList() {
		names = append(names, problems.NotAcceptable)
	}
	switch {
	case to.Operation.Name == "dead-letter-retry":
		names = append(names, problems.InvalidCommand, problems.OutcomeUnknown)
	case to.Operation.ReadsLedger:
		names = append(names, problems.OutcomeUnknown) // of the record of the read
	}
	if to.Operation.Parameter(operations.Reveal) != nil {
		names = append(names, problems.KeyMissing)
	}
	if to.Operation.Name == "records" {
		names = append(names, problems.TooLarge)
	}
	return names
}

func responsesOf(document *huma.OpenAPI, to *Route) map[string]*huma.Response {
	all := make(map[string]*huma.Response)
	names, of := problemsOf(to), make(map[int][]*problems.Type)
	for i, p := range problems.All() { // the order determines the names of the components
		if slices.Contains(names, p.Name) {
			of[p.Status] = append(of[p.Status], &problems.All()[i])
		}
	}
	for status, types := range of {
		all[strconv.Itoa(status)] = problemResponse(document, types)
	}
	all["200"] = answerOf(to)
	switch {
	case to.Path == "/healthz" || to.Path == "/readyz":
		all["503"] = &huma.Response{Description: "The node is not in this state. The answer lists the reasons.", Content: all["200"].Content, Headers: headerRefs(RequestIDHeader)}
	case to.Right == access.Gate:
		all["403"].Headers = headerRefs(RequestIDHeader, LoginReasonHeader, RetryAfterHeader)
	case to.Operation != nil && to.Operation.Name == "records":
		all["204"] = &huma.Response{Description: "The stream is finished: Last-Event-ID is at least the value of the parameter to, so the client has received all requested records.",
			Headers: headerRefs(RequestIDHeader)}
	case to.Operation != nil && to.Operation.IsList():
		all["304"] = &huma.Response{Description: "The answer with the tag of If-None-Match is still valid.",
			Headers: headerRefs(RequestIDHeader, ETagHeader, VaryHeader)}
	}
	return all
}

// problemResponse returns a reference to the answer for problems of one status, and adds the
// answer to the document. The login gate has its own answer for 403.
func problemResponse(document *huma.OpenAPI, types []*problems.Type) *huma.Response {
	var names, texts []string
	for _, p := range types {
		names = append(names, p.Name)
		texts = append(texts, "["+p.Name+"]("+problems.Reference(p.Name)+"): "+p.Title+".")
	}
	name := strings.Join(names, "-or-")
	response := &huma.Response{Description: strings.Join(texts, " "), Content: map[string]*huma.MediaType{"application/problem+json": {Schema: ref("Problem")}},
		Headers: headerRefs(problemHeaders(types[0].Status)...)}
	document.Components.Responses[name] = response
	return &huma.Response{Ref: "#/components/responses/" + name}
}

// problemHeaders returns the names of the headers of a problem with a status.
func problemHeaders(status int) []string {
	switch status {
	case http.StatusUnauthorized:
		return []string{RequestIDHeader, "WWW-Authenticate"}
	case http.StatusRequestTimeout, http.StatusTooManyRequests, http.StatusServiceUnavailable:
		return []string{RequestIDHeader, RetryAfterHeader}
	}
	return []string{RequestIDHeader}
}

// answerOf returns the answer 200 of a route.
func answerOf(to *Route) *huma.Response {
	names := []string{RequestIDHeader}
	done := &huma.Response{Description: "The answer."}
	if to.Answer != "" {
		done.Content = map[string]*huma.MediaType{JSONType: {Schema: ref(to.Answer)}}
	}
	switch {
	case to.TakesCommands:
		done.Description = "The verdict, accepted or refused."
		if to.Path == CommandsPath {
			names = append(names, "Ce-Specversion", "Ce-Id", "Ce-Source", "Ce-Type", "Ce-Time")
			done.Description += " For a batch: an array of the verdicts in the order of the commands, including those of invalid commands."
			done.Content[JSONType].Schema = &huma.Schema{AnyOf: []*huma.Schema{ref("Verdict"), listOf(ref("Verdict"))}}
		}
	case to.Tag == TaskTag:
		done.Description = "Lines with the progress and the differences; the last line has the result or the problem. Without that line the answer is incomplete."
		done.Content = map[string]*huma.MediaType{"application/jsonl": {Schema: ref(to.Answer)}}
	case to.Right == access.Gate:
		names = append(names, LoginAttemptHeader, LoginRemainingHeader)
		done.Description = "The attempt is reserved: check the password, then submit login.finish."
	case to.IsPublic && to.Answer == "":
		done.Content = map[string]*huma.MediaType{textContent[to.Path]: {Schema: &huma.Schema{Type: stringType}}}
		if to.Path == OpenAPIPath {
			done.Content[JSONType].Schema = &huma.Schema{Type: objectType}
		}
	case to.Operation != nil && to.Operation.Name == "records":
		names = append(names, AsOfHeader)
		done.Content = map[string]*huma.MediaType{"application/jsonl": {Schema: ref("Record")}, "text/event-stream": {Schema: &huma.Schema{Type: stringType}}}
	}
	if to.Operation != nil && to.Operation.IsList() {
		names = append(names, LinkHeader, ETagHeader, VaryHeader)
		done.Description = "A page of the list. As CSV it has the items only, below the names of the columns."
		done.Content[CSVType] = &huma.MediaType{Schema: &huma.Schema{Type: stringType}}
	}
	if to.Operation != nil && to.Operation.ReadsLedger {
		names = append(names, ReadSessionHeader)
	}
	done.Headers = headerRefs(names...)
	return done
}

// textContent holds the media types of the public routes whose answers have no schema.
var textContent = map[string]string{"/metrics": "text/plain", OpenAPIPath: JSONType, problems.Path + "{name}": "text/plain"}
