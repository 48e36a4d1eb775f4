package apidoc

import (
	"encoding/json"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"authledger/domain"
)

const documentDescription = `Submit commands to an event-sourced authentication ledger, get their verdicts, and query its state and its records.

**Commands.** If a command gets no answer or 503, its outcome is unknown: send it again with the same id. The ledger records it once.

**Problems.** Each answer with a status of 400 or more is a problem (RFC 9457). Its type is the path of a page on this node, which states the next action of the client.

**Examples.** Each example works when it is sent. The examples of queries and of later steps need the history in the example "history" of POST /v1/commands: send it to a new ledger, with a token of the role importer. Each example of an event names its token in the source: "gateway/gateway" is the token "gateway" of the role gateway, which ` + "`authledger token add gateway --role gateway`" + ` creates. The member x-permitted-roles of an operation lists the roles of its other examples. A refusal is an answer too: for example, a text message code of the history has expired.`

// rolesExtension is the member of an operation in the document that lists the roles with the
// right to it.
const rolesExtension = "x-permitted-roles"

// Document returns the OpenAPI document of routes, in their order. It contains [PresentTime] as the
// time of some examples.
func Document(version string, routes []Route) ([]byte, error) {
	document := &huma.OpenAPI{
		OpenAPI: "3.1.0",
		Info:    &huma.Info{Title: "authledger", Version: version, Description: documentDescription},
		Servers: []*huma.Server{{URL: "/", Description: "The node that serves this document"}},
		Paths:   make(map[string]*huma.PathItem),
		Components: &huma.Components{Schemas: schemas(), Responses: make(map[string]*huma.Response), Headers: documentedHeaders(),
			SecuritySchemes: map[string]*huma.SecurityScheme{tokenScheme: {Type: "http", Scheme: "bearer",
				Description: "The text of a token, which the operator creates with authledger token add NAME --role ROLE. The role determines the permitted operations."}}},
	}
	for i := range routes {
		for _, path := range documentedPaths(&routes[i]) {
			addOperation(document, &routes[i], path)
		}
	}
	return json.Marshal(document)
}

// tokenScheme is the name of the only security scheme.
const tokenScheme = "token"

// documentedPaths returns the paths under which the document lists a route. It lists the
// route /v1/commands/{type} once for each type of command.
func documentedPaths(to *Route) []string {
	if !strings.Contains(to.Path, "{"+TypeParameter+"}") {
		return []string{strings.TrimSuffix(to.Path, "{$}")}
	}
	var paths []string
	for _, kind := range domain.ClientCommands() {
		paths = append(paths, strings.ReplaceAll(to.Path, "{"+TypeParameter+"}", kind))
	}
	return paths
}

func addOperation(document *huma.OpenAPI, to *Route, path string) {
	if document.Paths[path] == nil {
		document.Paths[path] = &huma.PathItem{}
	}
	if document.Tags == nil || document.Tags[len(document.Tags)-1].Name != to.Tag {
		document.Tags = append(document.Tags, &huma.Tag{Name: to.Tag, Description: tagDescriptions[to.Tag]})
	}
	roles := to.permittedRoles(path)
	o := &huma.Operation{
		OperationID: operationID(to, path), Summary: to.Summary, Description: describe(to, roles), Tags: []string{to.Tag},
		Parameters: parametersOf(to), RequestBody: bodyOf(to, path), Responses: responsesOf(document, to),
		Security: []map[string][]string{{}}, // no credentials
	}
	if to.IsTyped() {
		o.Summary = domain.CommandSummary(kindOf(path))
	}
	if to.NeedsToken() {
		o.Security = []map[string][]string{{tokenScheme: {}}}
		o.Extensions = map[string]any{rolesExtension: roles}
	}
	if to.Method == http.MethodPost {
		document.Paths[path].Post = o
	} else {
		document.Paths[path].Get = o
	}
}

// kindOf returns the type of the command in a documented path.
func kindOf(path string) string { return path[strings.LastIndex(path, "/")+1:] }

// operationID returns the id of an operation, from which generators make the name of a
// function. The ids are stable: they depend on the name of the operation or of the command
// type, and on no text.
func operationID(to *Route, path string) string {
	switch {
	case to.Operation != nil:
		return CamelCase(to.Operation.Name)
	case to.IsTyped():
		return "submit" + capital(CamelCase(kindOf(path)))
	}
	return to.ID
}

// CamelCase returns a name without its dots, dashes and underscores: codeIssue for code.issue.
func CamelCase(name string) string {
	words := strings.FieldsFunc(name, func(r rune) bool { return r == '.' || r == '-' || r == '_' })
	for i := range words[1:] {
		words[i+1] = capital(words[i+1])
	}
	return strings.Join(words, "")
}

func capital(word string) string { return strings.ToUpper(word[:1]) + word[1:] }

func describe(to *Route, roles []string) string {
	switch {
	case !to.NeedsToken():
		return "Requires no token."
	case to.Path == CommandsPath:
		return "Permitted roles: those with the right to the type of each command: " + strings.Join(roles, ", ") + "."
	}
	return "Permitted roles: " + strings.Join(roles, ", ") + "."
}
