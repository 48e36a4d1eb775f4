package httpapi

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
func problemsOf(to *route) []string {
	names := []string{misdirected, tooManyRequests, internal}
	if needsToken(to) {
		names = append(names, unauthorized, forbidden)
	}
	if hasBody(to) {
		names = append(names, missingBody, cutOff, tooLarge, unsupported)
	}
	if to.takesCommands {
		names = append(names, invalidCommand, outcomeUnknown)
	}
	if !to.isPublic {
		names = append(names, badRequest, notReady)
	}
	if hasNotFound(to) {
		names = append(names, notFound)
	}
	if to.right == access.Gate {
		names = append(names, outcomeUnknown)
	}
	if to.operation == nil {
		return names
	}
	if to.operation.IsList() {
		names = append(names, notAcceptable)
	}
	switch {
	case to.operation.Name == "dead-letter-retry":
		names = append(names, invalidCommand, outcomeUnknown)
	case to.operation.ReadsLedger:
		names = append(names, outcomeUnknown) // of the record of the read
	}
	if to.operation.Parameter(operations.Reveal) != nil {
		names = append(names, keyMissing)
	}
	if to.operation.Name == "records" {
		names = append(names, tooLarge)
	}
	return names
}

// hasBody reports whether the requests of a route have a body.
func hasBody(to *route) bool { return to.takesCommands || to.right == access.WhatIf }

// hasNotFound reports whether a route answers 404: if its path names an object, and if the node
// has no intake.
func hasNotFound(to *route) bool {
	if to.id == problemRouteID {
		return true
	}
	return to.operation != nil && (!to.operation.ReadsLedger || to.operation.Parameter(operations.Seq) != nil)
}

func responsesOf(document *huma.OpenAPI, to *route) map[string]*huma.Response {
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
	case to.path == "/healthz" || to.path == "/readyz":
		all["503"] = &huma.Response{Description: "The node is not in this state. The answer lists the reasons.", Content: all["200"].Content, Headers: headerRefs(requestIDHeader)}
	case to.right == access.Gate:
		all["403"].Headers = headerRefs(requestIDHeader, loginReasonHeader, retryAfterHeader)
	case to.operation != nil && to.operation.Name == "records":
		all["204"] = &huma.Response{Description: "The stream is finished: Last-Event-ID is at least the value of the parameter to, so the client has received all requested records.",
			Headers: headerRefs(requestIDHeader)}
	case to.operation != nil && to.operation.IsList():
		all["304"] = &huma.Response{Description: "The answer with the tag of If-None-Match is still valid.",
			Headers: headerRefs(requestIDHeader, documentedETag, varyHeader)}
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
		return []string{requestIDHeader, "WWW-Authenticate"}
	case http.StatusRequestTimeout, http.StatusTooManyRequests, http.StatusServiceUnavailable:
		return []string{requestIDHeader, retryAfterHeader}
	}
	return []string{requestIDHeader}
}

// answerOf returns the answer 200 of a route.
func answerOf(to *route) *huma.Response {
	names := []string{requestIDHeader}
	done := &huma.Response{Description: "The answer."}
	if to.answer != "" {
		done.Content = map[string]*huma.MediaType{jsonType: {Schema: ref(to.answer)}}
	}
	switch {
	case to.takesCommands:
		done.Description = "The verdict, accepted or refused."
		if to.path == commandsPath {
			names = append(names, "Ce-Specversion", "Ce-Id", "Ce-Source", "Ce-Type", "Ce-Time")
			done.Description += " For a batch: an array of the verdicts in the order of the commands, including those of invalid commands."
			done.Content[jsonType].Schema = &huma.Schema{AnyOf: []*huma.Schema{ref("Verdict"), listOf(ref("Verdict"))}}
		}
	case to.tag == taskTag:
		done.Description = "Lines with the progress and the differences; the last line has the result or the problem. Without that line the answer is incomplete."
		done.Content = map[string]*huma.MediaType{"application/jsonl": {Schema: ref(to.answer)}}
	case to.right == access.Gate:
		names = append(names, loginAttemptHeader, loginRemainingHeader)
		done.Description = "The attempt is reserved: check the password, then submit login.finish."
	case to.isPublic && to.answer == "":
		done.Content = map[string]*huma.MediaType{textContent[to.path]: {Schema: &huma.Schema{Type: stringType}}}
		if to.path == openAPIPath {
			done.Content[jsonType].Schema = &huma.Schema{Type: objectType}
		}
	case to.operation != nil && to.operation.Name == "records":
		names = append(names, asOfHeader)
		done.Content = map[string]*huma.MediaType{"application/jsonl": {Schema: ref("Record")}, "text/event-stream": {Schema: &huma.Schema{Type: stringType}}}
	}
	if to.operation != nil && to.operation.IsList() {
		names = append(names, linkHeader, documentedETag, varyHeader)
		done.Description = "A page of the list. As CSV it has the items only, below the names of the columns."
		done.Content[csvType] = &huma.MediaType{Schema: &huma.Schema{Type: stringType}}
	}
	if to.operation != nil && to.operation.ReadsLedger {
		names = append(names, readSessionHeader)
	}
	done.Headers = headerRefs(names...)
	return done
}

// textContent holds the media types of the public routes whose answers have no schema.
var textContent = map[string]string{"/metrics": "text/plain", openAPIPath: jsonType, problems.Path + "{name}": "text/plain"}
